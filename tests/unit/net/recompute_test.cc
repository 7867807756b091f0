#include "vglaw/net/recompute.h"

#include <gtest/gtest.h>

#include "tests/unit/net/tiny_network.h"
#include "vglaw/net/weights.h"

namespace vglaw::net {
namespace {

std::map<std::string, torch::Tensor> gradients(Network& network, const Batch& batch, bool checkpoint,
                                               torch::ScalarType type) {
    network->zero_grad();
    network->visual_encoder->checkpoint_blocks = checkpoint;
    torch::manual_seed(7);  // drop path draws from here
    const auto output = network(batch.images.to(type), batch.ids, batch.token_mask);
    const auto loss = (output.mask_logits * output.mask_logits).sum() + output.boxes_cxcywh.sum() * 3;
    loss.backward();
    std::map<std::string, torch::Tensor> all{{"loss", loss.detach().clone()}};
    for (const auto& item : network->named_parameters()) {
        if (item.value().grad().defined()) all[item.key()] = item.value().grad().clone();
    }
    // What is drawn afterwards: the second run left the generator where it was.
    all["next draw"] = torch::rand({3}, placed());
    return all;
}

void expect_the_same(const std::map<std::string, torch::Tensor>& a, const std::map<std::string, torch::Tensor>& b,
                     const std::string& label) {
    ASSERT_EQ(a.size(), b.size()) << label;
    for (const auto& [name, tensor] : a) {
        const auto& other = b.at(name);
        // A GPU adds up a table's gradients in no fixed order.
        const double tolerance = tensor.scalar_type() == torch::kDouble ? 1e-9 : 1e-3;
        const bool same = tensor.is_cuda() ? apart(tensor, other) <= tolerance * (1 + tensor.abs().max().item<double>())
                                           : torch::equal(tensor, other);
        EXPECT_TRUE(same) << label << ": " << name;
    }
}

TEST(CheckpointedBlocks, GiveTheSameGradientsBitByBit) {
    for (const char* kind : {"lowrank", "none", "scale", "mixture", "full"}) {
        auto config = tiny_config();
        config.law.kind = kind;
        config.fusion.kind = "pwam";
        config.vision.drop_path = 0.5;
        auto network = tiny_network(config);
        network->train();
        const auto batch = tiny_batch(config, {6, 4, 5, 3});
        const auto plain = gradients(network, batch, false, torch::kDouble);
        expect_the_same(plain, gradients(network, batch, true, torch::kDouble), kind);
        // The draws matter: without drop path it is another network.
        network->eval();
        EXPECT_FALSE(torch::equal(gradients(network, batch, true, torch::kDouble).at("loss"), plain.at("loss")));
    }
}

TEST(CheckpointedBlocks, GiveTheSameGradientsInMixedPrecision) {
    auto config = golden_config();
    config.vision.drop_path = 0.3;
    Network network(config);
    network->to(test_device());
    load_weights(*network, initial_weights(config, {"scratch", 1.0}, 5));
    network->train();
    network->bf16 = true;
    const auto batch = tiny_batch(config, {9, 4});
    const auto plain = gradients(network, batch, false, torch::kFloat);
    auto again = gradients(network, batch, true, torch::kFloat);
    // What all blocks share is cast once for all of them in the plain pass, so the sum of its gradients over the blocks
    // is rounded to bfloat16's 8 bits; here each block's is cast apart and summed in float.
    const std::string shared = "weight_generator.Q";
    const auto expected = plain.at(shared);
    EXPECT_LT(apart(again.at(shared), expected), 0.01 * expected.abs().max().item<double>());
    again[shared] = expected;
    expect_the_same(plain, again, "bf16");
    network->bf16 = false;
    EXPECT_FALSE(torch::equal(gradients(network, batch, true, torch::kFloat).at("loss"), plain.at("loss")));
}

TEST(Recomputed, RunsOnceForwardAndOnceBackward) {
    int runs = 0;
    bool kept_graph = true;
    const auto w = torch::full({}, 3.0, placed(torch::kDouble)).requires_grad_();
    const auto f = [&](const std::vector<torch::Tensor>& in) {
        ++runs;
        const auto square = in[0] * in[0];
        if (runs == 1) kept_graph = square.requires_grad();
        return square * w;
    };
    const auto x = torch::full({}, 5.0, placed(torch::kDouble)).requires_grad_();
    const auto y = recomputed(f, {x * 2}, {w}, false);
    EXPECT_EQ(runs, 1);
    EXPECT_FALSE(kept_graph);  // nothing in between was kept
    EXPECT_EQ(y.item<double>(), 300);
    y.backward();
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(x.grad().item<double>(), 120);  // 4 x^2 w: 8 x w
    EXPECT_EQ(w.grad().item<double>(), 100);
}

TEST(Recomputed, IsThePlainCallWhereNothingIsDerived) {
    int runs = 0;
    const auto f = [&](const std::vector<torch::Tensor>& in) {
        ++runs;
        return in[0] * 2;
    };
    EXPECT_FALSE(recomputed(f, {torch::ones({2}, placed())}, {}, false).requires_grad());
    const auto x = torch::ones({2}, placed()).requires_grad_();
    {
        const torch::NoGradGuard no_grad;
        EXPECT_FALSE(recomputed(f, {x}, {}, false).requires_grad());
    }
    EXPECT_EQ(runs, 2);
}

TEST(Recomputed, LeavesParametersWithoutGradientAlone) {
    const auto frozen = torch::full({}, 3.0, placed()), unused = torch::full({}, 4.0, placed()).requires_grad_();
    const auto x = torch::full({}, 5.0, placed()).requires_grad_();
    recomputed([&](const std::vector<torch::Tensor>& in) { return in[0] * frozen; }, {x}, {frozen, unused}, false)
        .backward();
    EXPECT_EQ(x.grad().item<float>(), 3);
    EXPECT_FALSE(frozen.grad().defined());
    EXPECT_FALSE(unused.grad().defined());
}

}  // namespace
}  // namespace vglaw::net
