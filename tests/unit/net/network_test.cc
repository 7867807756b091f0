#include "vglaw/net/network.h"

#include <gmock/gmock.h>

#include "tests/unit/net/tiny_network.h"
#include "vglaw/net/compat.h"
#include "vglaw/net/weights.h"

namespace vglaw::net {
namespace {

/// Everything the network says, weighted by fixed random numbers: one scalar that depends on every output.
torch::Tensor functional(const NetworkOutput& output) {
    torch::manual_seed(11);
    auto sum = torch::zeros({}, output.boxes_cxcywh.options());
    for (const auto& part : {output.boxes_cxcywh, output.mask_logits, output.pool_attention, output.token_attention}) {
        if (part.defined()) sum = sum + (torch::randn_like(part) * part).sum();
    }
    return sum;
}

/// The parameters of `from` whose names `to` has as well.
void copy_shared(Network& from, Network& to) {
    torch::NoGradGuard no_grad;
    const auto source = from->named_parameters();
    for (auto& item : to->named_parameters()) item.value().copy_(source[item.key()]);
}

TEST(Network, EqualsAnIndependentPyTorchImplementation) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/network.safetensors");
    Network network(golden_config());
    network->to(test_device());
    torch::NoGradGuard no_grad;
    for (auto& item : network->named_parameters()) item.value().copy_(to_tensor(golden.at(item.key())));
    network->eval();
    const auto ids = to_tensor(golden.at("inputs.ids")).to(test_device()),
               images = to_tensor(golden.at("inputs.images")).to(test_device());
    const auto mask = to_tensor(golden.at("inputs.token_mask")).to(test_device(), torch::kBool);
    const auto laws = network->weight_generator(network->text_encoder(ids, mask), mask);
    const auto F_v = network->visual_encoder(images, laws.blocks);
    const auto output = network(images, ids, mask);
    const auto expect = [&](const char* name, const torch::Tensor& got) {
        const auto wanted = to_tensor(golden.at(name));
        // Both in float32; three blocks with unscaled random weights: 1e-5 of the largest value.
        EXPECT_LT(apart(got, wanted), 1e-5 * std::max(1.0, wanted.abs().max().item<double>())) << name;
    };
    expect("outputs.F_v", F_v);
    expect("outputs.boxes_cxcywh", output.boxes_cxcywh);
    expect("outputs.mask_logits", output.mask_logits);
    expect("outputs.pool_attention", output.pool_attention);
    expect("outputs.token_attention", output.token_attention);
}

TEST(Network, HasExactlyTheTensorsOfTheModelFile) {
    for (const char* kind : {"lowrank", "none", "scale", "mixture", "full"}) {
        for (const char* pool : {"lap", "mean", "max"}) {
            for (const bool norm : {true, false}) {
                auto config = tiny_config();
                config.law.kind = kind;
                config.law.norm = norm;
                config.box_head.pool = pool;
                Network network(config);
                TensorShapes shapes;
                for (const auto& item : network->named_parameters()) shapes[item.key()] = item.value().sizes().vec();
                EXPECT_EQ(shapes, tensor_shapes(config)) << kind << ", " << pool;
                EXPECT_EQ(network->named_buffers().size(), 0u);
            }
        }
    }
    for (const char* kind : {"pwam", "qd_att"}) {
        auto config = tiny_config();
        config.law.blocks = {1};
        config.fusion.kind = kind;
        config.fusion.blocks = {1, 0};
        Network network(config);
        TensorShapes shapes;
        for (const auto& item : network->named_parameters()) shapes[item.key()] = item.value().sizes().vec();
        EXPECT_EQ(shapes, tensor_shapes(config)) << kind;
    }
}

/// Every way in which the expression reaches the visual encoder.
std::vector<std::pair<std::string, ModelConfig>> language_paths() {
    std::vector<std::pair<std::string, ModelConfig>> paths;
    for (const char* kind : {"lowrank", "scale", "mixture", "full"}) {
        auto config = tiny_config();
        config.law.kind = kind;
        config.law.kernels = 3;
        paths.emplace_back(kind, config);
    }
    paths[1].second.law.blocks = {1};
    for (const char* kind : {"pwam", "qd_att"}) {
        auto config = tiny_config();
        config.law.kind = "none";
        config.fusion = {.kind = kind, .blocks = {0}, .reduction = 2, .factor = 3};
        paths.emplace_back(kind, config);
    }
    auto both = tiny_config();
    both.fusion.kind = "pwam";  // after the global block, the last one
    paths.emplace_back("lowrank and pwam", both);
    return paths;
}

void expect_gradients_of_finite_differences(const ModelConfig& config, const std::string& label) {
    auto network = tiny_network(config);
    const auto batch = tiny_batch(config, {6, 4});
    functional(network(batch.images, batch.ids, batch.token_mask)).backward();

    torch::NoGradGuard no_grad;
    constexpr double step = 1e-5;
    const auto value = [&] { return functional(network(batch.images, batch.ids, batch.token_mask)).item<double>(); };
    for (auto& item : network->named_parameters()) {
        const std::string name = label + ": " + item.key();
        ASSERT_TRUE(item.value().grad().defined()) << name;
        const auto gradient = item.value().grad().flatten();
        // A key's bias adds the same to every score of a softmax, and an instance norm takes away what is the same at
        // every position: no gradient. All others must be heard.
        const bool normed = item.key().starts_with("fusion.") &&
                            (name.ends_with(".query.bias") || name.ends_with(".out.bias") ||
                             name.ends_with(".value.bias"));  // attention's rows sum to 1: value's bias goes to out's
        if (name.ends_with("key.bias") || normed) {
            EXPECT_LT(gradient.abs().max().item<double>(), 1e-10) << name;
        } else {
            EXPECT_GT(gradient.abs().max().item<double>(), 1e-6) << name;
        }
        const auto values = item.value().view(-1);
        const auto largest = gradient.abs().argmax().item<std::int64_t>();
        for (const std::int64_t i : {largest, (largest * 7 + 3) % gradient.numel()}) {
            const double before = values[i].item<double>();
            values[i] = before + step;
            const double above = value();
            values[i] = before - step;
            const double below = value();
            values[i] = before;
            // Central differences: the third derivative costs about step^2 = 1e-10, cancellation 1e-16 * |f| / step,
            // about 1e-9 for |f| of 100.
            const double expected = gradient[i].item<double>();
            EXPECT_NEAR((above - below) / (2 * step), expected, 1e-6 * (1 + std::abs(expected))) << name << " at " << i;
        }
    }
}

TEST(Network, GradientsEqualFiniteDifferences) {
    for (const auto& [name, config] : language_paths()) expect_gradients_of_finite_differences(config, name);
}

TEST(Network, GivesThePictureAGradient) {
    const auto config = tiny_config();
    auto network = tiny_network(config);
    auto batch = tiny_batch(config, {5});
    batch.images.requires_grad_();
    functional(network(batch.images, batch.ids, batch.token_mask)).backward();
    // Every patch reaches the outputs.
    EXPECT_GT(batch.images.grad().abs().amax(1).min().item<double>(), 0);
}

TEST(Network, WithPhiZeroIsThePlainVitExactly) {
    auto config = tiny_config();
    auto law = tiny_network(config);
    torch::NoGradGuard no_grad;
    for (auto& block : law->weight_generator->blocks) {
        block->generate->weight.zero_();
        block->generate->bias.zero_();
    }
    config.law.kind = "none";
    auto plain = tiny_network(config, 99);
    copy_shared(law, plain);
    const auto batch = tiny_batch(config, {6, 3});
    const auto a = law(batch.images, batch.ids, batch.token_mask), b = plain(batch.images, batch.ids, batch.token_mask);
    EXPECT_EQ(apart(a.mask_logits, b.mask_logits), 0);
    EXPECT_EQ(apart(a.boxes_cxcywh, b.boxes_cxcywh), 0);
    EXPECT_FALSE(b.token_attention.defined());
}

TEST(Network, StartsAtThePlainVitWhateverTheExpressionChanges) {
    for (const auto& [name, config] : language_paths()) {
        for (const char* init : {"pretrained", "scratch"}) {
            auto plain_config = config;
            plain_config.law.kind = "none";
            plain_config.fusion.kind = "none";
            Network network(config), plain(plain_config);
            load_weights(*network, initial_weights(config, {init, 0}, 3));
            load_weights(*plain, initial_weights(plain_config, {init, 0}, 3));
            network->to(test_device(), torch::kDouble);
            plain->to(test_device(), torch::kDouble);
            network->eval();
            plain->eval();
            const auto batch = tiny_batch(config, {6, 3});
            const auto a = network(batch.images, batch.ids, batch.token_mask);
            const auto b = plain(batch.images, batch.ids, batch.token_mask);
            // lowrank, scale and pwam add an exact 0; built weights and sigmoids of 0 sum in another order.
            EXPECT_LT(apart(a.mask_logits, b.mask_logits), 1e-12) << name;
            EXPECT_LT(apart(a.boxes_cxcywh, b.boxes_cxcywh), 1e-12) << name;
            // And it can leave from there: something of what the expression changes gets a gradient at once.
            functional(a).backward();
            double heard = 0;
            for (const auto& item : network->named_parameters()) {
                const bool ends = item.key().ends_with(".generate.weight") || item.key().ends_with(".kernels") ||
                                  item.key().ends_with(".gate.1.weight") || item.key().ends_with("spatial.factor");
                if (ends) heard = std::max(heard, item.value().grad().abs().max().item<double>());
            }
            EXPECT_GT(heard, 1e-6) << name << ", " << init;
            // With a gain the expression speaks from the first step.
            load_weights(*network, initial_weights(config, {init, 1}, 3));
            const auto active = network(batch.images, batch.ids, batch.token_mask);
            EXPECT_GT(apart(active.mask_logits, b.mask_logits), 1e-6) << name << ", " << init;
        }
    }
}

TEST(Network, KernelsThatStartAlikeGrowApart) {
    auto config = tiny_config();
    config.law.kind = "mixture";
    Network network(config);
    load_weights(*network, initial_weights(config, {"pretrained", 0}, 3));
    network->to(test_device(), torch::kDouble);
    const auto batch = tiny_batch(config, {6, 3});
    functional(network(batch.images, batch.ids, batch.token_mask)).backward();
    const auto gradient = network->weight_generator->blocks[0]->kernels.grad();
    EXPECT_GT(apart(gradient[0], gradient[1]), 1e-6 * gradient.abs().max().item<double>());
}

TEST(Network, MaterializedComputesTheSame) {
    const auto config = tiny_config();
    auto network = tiny_network(config);
    const auto batch = tiny_batch(config, {6, 4});
    const auto expected = network(batch.images, batch.ids, batch.token_mask);
    network->visual_encoder->materialize = true;
    const auto built = network(batch.images, batch.ids, batch.token_mask);
    EXPECT_LT(apart(built.mask_logits, expected.mask_logits),
              1e-12 * std::max(1.0, expected.mask_logits.abs().max().item<double>()));
    EXPECT_GT(apart(built.mask_logits, expected.mask_logits), 0);  // by another way
}

TEST(Network, BlocksThatDoNotAdaptKeepTheirWeights) {
    auto config = tiny_config();
    config.law.blocks = {0};
    auto network = tiny_network(config);
    const auto batch = tiny_batch(config, {6});
    torch::NoGradGuard no_grad;
    auto laws = network->weight_generator(network->text_encoder(batch.ids, batch.token_mask), batch.token_mask).blocks;
    ASSERT_FALSE(laws[1].active());
    auto& qkv = network->visual_encoder->blocks[0]->attn->qkv->weight;
    const auto output = network(batch.images, batch.ids, batch.token_mask);
    EXPECT_EQ(output.token_attention.sizes(), (std::vector<std::int64_t>{1, 1, 2, 6}));
    const auto F_v = network->visual_encoder(batch.images, laws);
    qkv += laws[0].P.mm(laws[0].phi[0]).mm(laws[0].Q.t());
    EXPECT_LT(apart(network->visual_encoder(batch.images, std::vector<AdaptedWeights>{}), F_v), 1e-12);
}

TEST(Network, IsThePlainVitWhoseWeightsTheExpressionBuilt) {
    auto config = tiny_config();
    auto law = tiny_network(config);
    const auto batch = tiny_batch(config, {6});
    torch::NoGradGuard no_grad;
    const auto laws = law->weight_generator(law->text_encoder(batch.ids, batch.token_mask), batch.token_mask).blocks;
    config.law.kind = "none";
    auto plain = tiny_network(config, 99);
    copy_shared(law, plain);
    const auto passive = plain(batch.images, batch.ids, batch.token_mask);
    for (std::size_t i = 0; i < laws.size(); ++i) {
        plain->visual_encoder->blocks[i]->attn->qkv->weight += laws[i].P.mm(laws[i].phi[0]).mm(laws[i].Q.t());
    }
    const auto a = law(batch.images, batch.ids, batch.token_mask), b = plain(batch.images, batch.ids, batch.token_mask);
    EXPECT_LT(apart(a.mask_logits, b.mask_logits), 1e-12 * std::max(1.0, a.mask_logits.abs().max().item<double>()));
    EXPECT_LT(apart(a.boxes_cxcywh, b.boxes_cxcywh), 1e-12);
    EXPECT_GT(apart(a.mask_logits, passive.mask_logits), 1e-3);  // the expression does change what is seen
}

TEST(Network, ABatchOfExpressionsEqualsOneAtATime) {
    for (const auto& [name, config] : language_paths()) {
        auto network = tiny_network(config);
        const auto batch = tiny_batch(config, {3, 7, 5});
        torch::NoGradGuard no_grad;
        const auto& images = batch.images;
        const auto together = network(images, batch.ids, batch.token_mask);
        for (std::int64_t b = 0; b < 3; ++b) {
            const auto length = batch.token_mask[b].sum().item<std::int64_t>();
            const auto alone = network(images.slice(0, b, b + 1), batch.ids.slice(0, b, b + 1).slice(1, 0, length),
                                       batch.token_mask.slice(0, b, b + 1).slice(1, 0, length));
            // Double precision; other matrix shapes sum in another order. In float32 what that makes depends on the
            // BLAS and is more than it looks where pwam's instance norm divides by little.
            const double scale = std::max(1.0, alone.mask_logits.abs().max().item<double>());
            EXPECT_LT(apart(together.mask_logits[b], alone.mask_logits[0]), 1e-11 * scale) << name << b;
            EXPECT_LT(apart(together.boxes_cxcywh[b], alone.boxes_cxcywh[0]), 1e-11) << name << b;
            if (!config.law.active()) continue;
            EXPECT_LT(apart(together.token_attention[b].slice(2, 0, length), alone.token_attention[0]), 1e-11) << b;
        }
        EXPECT_GT(apart(together.mask_logits[0], together.mask_logits[1]), 1e-3) << name;
    }
}

TEST(Network, ASpanIsThePhraseItMarks) {
    for (const auto& [name, config] : language_paths()) {
        auto network = tiny_network(config);
        const auto batch = tiny_batch(config, {7, 6});
        torch::NoGradGuard no_grad;
        auto span = torch::zeros_like(batch.token_mask);
        span[0].slice(0, 2, 5).fill_(true);  // and none in the second row
        const auto plain = network(batch.images, batch.ids, batch.token_mask);
        const auto output = network(batch.images, batch.ids, batch.token_mask, span);
        EXPECT_GT(apart(output.mask_logits[0], plain.mask_logits[0]), 1e-6) << name;
        EXPECT_EQ(apart(output.mask_logits[1], plain.mask_logits[1]), 0) << name;  // the whole expression is meant
        EXPECT_EQ(apart(output.boxes_cxcywh[1], plain.boxes_cxcywh[1]), 0) << name;
        // The same by hand: the words' mean in the place of [CLS], no other words heard.
        auto F_l = network->text_encoder(batch.ids, batch.token_mask).slice(0, 0, 1);
        const auto mean = F_l.slice(1, 2, 5).mean(1), words = span.slice(0, 0, 1);
        std::vector<AdaptedWeights> laws;
        if (config.law.active()) {
            const auto generated = network->weight_generator(F_l, words);
            laws = generated.blocks;
            EXPECT_EQ(apart(output.token_attention[0], generated.token_attention[0]), 0) << name;
            EXPECT_EQ(output.token_attention[0].slice(2, 0, 2).abs().max().item<double>(), 0);
        }
        const auto F_v = network->visual_encoder->encode(
            batch.images.slice(0, 0, 1), laws, false, [&](int block, const torch::Tensor& x) {
                return network->fusion.is_empty() ? x : network->fusion(block, x, F_l, words, mean);
            });
        // Double precision; a batch of one sums in another order.
        const auto mask = network->mask_head(F_v, mean, config.image.size)[0];
        EXPECT_LT(apart(output.mask_logits[0], mask), 1e-11 * std::max(1.0, mask.abs().max().item<double>())) << name;
        const auto box = network->box_head(F_v.flatten(1, 2), mean).boxes_cxcywh[0];
        EXPECT_LT(apart(output.boxes_cxcywh[0], box), 1e-11) << name;
    }
}

TEST(Network, ASpanHearsItsContextThroughTheTextEncoder) {
    const auto config = tiny_config();
    auto network = tiny_network(config);
    auto batch = tiny_batch(config, {7});
    auto span = torch::zeros_like(batch.token_mask);
    span[0].slice(0, 2, 5).fill_(true);
    torch::NoGradGuard no_grad;
    const auto once = network(batch.images, batch.ids, batch.token_mask, span);
    batch.ids[0][5] = (batch.ids[0][5].item<std::int64_t>() + 1) % config.text.vocab_size;  // a word beside the phrase
    const auto again = network(batch.images, batch.ids, batch.token_mask, span);
    EXPECT_GT(apart(once.mask_logits, again.mask_logits), 1e-6);
}

TEST(Network, PhrasesThatShareAPictureAndACaptionAreWhatEachIsAlone) {
    for (const auto& [name, config] : language_paths()) {
        auto network = tiny_network(config);
        network->keep_block = 0;
        const auto batch = tiny_batch(config, {7, 6});
        const auto owner = torch::tensor({0, 1, 0}, torch::kLong).to(test_device());
        auto span = torch::zeros_like(batch.token_mask).index_select(0, owner);
        span[0].slice(0, 2, 5).fill_(true);
        span[2].slice(0, 5, 6).fill_(true);
        const auto spread = [&owner](const torch::Tensor& t) { return t.index_select(0, owner); };
        const auto shared = network(batch.images, batch.ids, batch.token_mask, span, owner);
        const auto apart_ids = network(batch.images, spread(batch.ids), spread(batch.token_mask), span, owner);
        const auto each = network(spread(batch.images), spread(batch.ids), spread(batch.token_mask), span);
        for (const auto& output : {shared, apart_ids}) {
            EXPECT_LT(apart(output.boxes_cxcywh, each.boxes_cxcywh), 1e-11) << name;  // double, batches of other sizes
            EXPECT_LT(apart(output.mask_logits, each.mask_logits),
                      1e-11 * std::max(1.0, each.mask_logits.abs().max().item<double>()))
                << name;
            EXPECT_LT(apart(output.block_output, each.block_output), 1e-11) << name;
        }
        EXPECT_GT(apart(shared.mask_logits[0], shared.mask_logits[2]), 1e-6) << name;
        // The gradient of what they share is the sum of theirs.
        const auto gradient = [&](const NetworkOutput& output) {
            network->zero_grad();
            (output.mask_logits.sum() + output.boxes_cxcywh.sum()).backward();
            return network->visual_encoder->patch_projection->weight.grad().clone();
        };
        const auto together = gradient(shared), summed = gradient(each);
        EXPECT_LT(apart(together, summed), 1e-10 * std::max(1.0, summed.abs().max().item<double>())) << name;
    }
}

TEST(Network, PaddingTokensHaveNoInfluence) {
    const auto config = tiny_config();
    auto network = tiny_network(config);
    const auto batch = tiny_batch(config, {7, 4});
    torch::NoGradGuard no_grad;
    const auto once = network(batch.images, batch.ids, batch.token_mask);
    const auto other = batch.ids.masked_fill(batch.token_mask.logical_not(), 9);
    const auto again = network(batch.images, other, batch.token_mask);
    EXPECT_EQ(apart(once.mask_logits, again.mask_logits), 0);
    EXPECT_EQ(apart(once.boxes_cxcywh, again.boxes_cxcywh), 0);
    EXPECT_EQ(apart(once.token_attention, again.token_attention), 0);
}

TEST(Network, RefusesAnImpossibleConfig) {
    auto config = tiny_config();
    config.vision.heads = 3;
    EXPECT_THROW(Network{config}, Error);
}

TEST(NetworkBf16, IsOffByDefaultAndCloseToFp32) {
    const auto config = golden_config();
    Network network(config);
    load_weights(*network, initial_weights(config, {"scratch", 1.0}, 5));
    network->to(test_device());
    network->eval();
    const auto batch = tiny_batch(config, {9, 4});
    const auto images = batch.images.to(torch::kFloat);
    EXPECT_FALSE(network->bf16);
    const auto gradients = [&](const NetworkOutput& output) {
        network->zero_grad();
        functional(output).backward();
        std::vector<torch::Tensor> all;
        for (const auto& parameter : network->parameters()) all.push_back(parameter.grad().flatten().clone());
        return torch::cat(all);
    };
    const auto exact = network(images, batch.ids, batch.token_mask);
    const auto exact_gradients = gradients(exact);
    network->bf16 = true;
    const auto mixed = network(images, batch.ids, batch.token_mask);
    EXPECT_FALSE(AutocastBf16::is_on());  // the switch does not outlive the forward pass
    const auto mixed_gradients = gradients(mixed);
    EXPECT_EQ(mixed.mask_logits.scalar_type(), torch::kFloat);
    EXPECT_EQ(mixed.boxes_cxcywh.scalar_type(), torch::kFloat);
    // bfloat16 keeps 8 bits, 0.4 % a product; some ten products deep that stays within 5 % of the largest value.
    const double scale = exact.mask_logits.abs().max().item<double>();
    EXPECT_LT(apart(mixed.mask_logits, exact.mask_logits), 0.05 * scale);
    EXPECT_LT(apart(mixed.boxes_cxcywh, exact.boxes_cxcywh), 0.02);
    EXPECT_GT(apart(mixed.mask_logits, exact.mask_logits), 1e-6 * scale);  // it did something
    const double cosine = torch::cosine_similarity(exact_gradients, mixed_gradients, 0).item<double>();
    EXPECT_GT(cosine, 0.99);  // training follows the same direction
}

}  // namespace
}  // namespace vglaw::net
