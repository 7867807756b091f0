#include "vglaw/net/bert.h"

#include <gtest/gtest.h>

#include "tests/unit/model/golden_weights.h"
#include "tests/unit/net/tiny_network.h"
#include "vglaw/model/import_bert.h"
#include "vglaw/net/weights.h"

namespace vglaw::net {
namespace {

Bert tiny_bert(const TextConfig& config) {
    Bert bert(config);
    bert->to(test_device(), torch::kDouble);
    randomize(*bert, 1);
    return bert;
}

TEST(Bert, EqualsHuggingFaces) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/network.safetensors");
    Bert bert(golden_config().text);
    torch::NoGradGuard no_grad;
    for (auto& item : bert->named_parameters()) {
        item.value().copy_(to_tensor(golden.at("text_encoder." + item.key())));
    }
    const auto mask = to_tensor(golden.at("inputs.token_mask")).to(test_device(), torch::kBool);
    const auto F_l = bert(to_tensor(golden.at("inputs.ids")).to(test_device()), mask);
    const auto expected = to_tensor(golden.at("outputs.F_l"));
    // Both in float32, sums of up to 48 terms in another order. Padded positions are compared too: nothing reads them,
    // but they must come out the same.
    EXPECT_LT(apart(F_l, expected), 1e-5);
    EXPECT_GT(expected.abs().max().item<double>(), 1.0);
}

TEST(Bert, WithImportedWeightsComputesWhatTransformersDoes) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/bert.safetensors");
    const auto config = import_config();
    const auto part = import_bert(golden_weights("bert"), config);
    Bert bert(config.text);
    fill(*bert, part.weights, "text_encoder.");
    torch::NoGradGuard no_grad;
    const auto F_l = bert(to_tensor(golden.at("ids")).to(test_device()),
                          to_tensor(golden.at("token_mask")).to(test_device(), torch::kBool));
    const auto expected = to_tensor(golden.at("F_l"));
    // Both in float32, numbers around 1: sums of up to 48 terms in another order, over two layers.
    EXPECT_LT(apart(F_l, expected), 1e-4);
    EXPECT_GT(expected.abs().max().item<double>(), 1.0);
}

TEST(Bert, PaddingTokensHaveNoInfluence) {
    const auto config = tiny_config();
    auto bert = tiny_bert(config.text);
    const auto batch = tiny_batch(config, {7, 4});
    const auto once = bert(batch.ids, batch.token_mask);
    auto other = batch.ids.clone();
    other.masked_fill_(batch.token_mask.logical_not(), 9);
    const auto again = bert(other, batch.token_mask);
    EXPECT_EQ(apart(once[0], again[0]), 0);
    EXPECT_EQ(apart(once[1].slice(0, 0, 4), again[1].slice(0, 0, 4)), 0);
    // And the shorter one alone, unpadded: only the order of sums differs.
    const auto alone = bert(batch.ids.slice(0, 1).slice(1, 0, 4), batch.token_mask.slice(0, 1).slice(1, 0, 4));
    EXPECT_LT(apart(alone[0], once[1].slice(0, 0, 4)), 1e-12);
}

TEST(Bert, SeesTheOrderOfWords) {
    const auto config = tiny_config();
    auto bert = tiny_bert(config.text);
    const auto mask = torch::ones({1, 4}, placed(torch::kBool));
    const auto one = bert(torch::tensor({{2, 5, 6, 3}}).to(test_device()), mask),
               swapped = bert(torch::tensor({{2, 6, 5, 3}}).to(test_device()), mask);
    EXPECT_GT(apart(one[0][0], swapped[0][0]), 1e-3);
}

}  // namespace
}  // namespace vglaw::net
