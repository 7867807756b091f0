#include "vglaw/net/weights.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/net/tiny_network.h"
#include "vglaw/net/network_forward.h"
#include "vglaw/net/torch_forward.h"

namespace vglaw::net {
namespace {

using ::testing::HasSubstr;

Vocabulary vocabulary_of(int size) {
    std::vector<std::string> pieces;
    for (int i = 0; i < size; ++i) pieces.push_back(fmt::format("w{}", i));
    return Vocabulary(pieces);
}

class Weights : public testing::Test {
protected:
    Weights() : path(std::filesystem::path(testing::TempDir()) / "net_weights_test.safetensors") {
        network->to(test_device());
        randomize(*network, 4);
        network->eval();
    }
    void TearDown() override { std::filesystem::remove(path); }

    NetworkOutput run(Network& of) {
        torch::NoGradGuard no_grad;
        return of(batch.images.to(torch::kFloat), batch.ids, batch.token_mask);
    }

    std::filesystem::path path;
    ModelConfig config = tiny_config();
    Network network{config};
    Batch batch = tiny_batch(config, {6, 4});
};

TEST_F(Weights, SurviveTheModelFileBitByBit) {
    const auto tensors = snapshot(*network);
    write_bundle(path, config, vocabulary_of(config.text.vocab_size), views_of(tensors), "", "");
    Network other(read_bundle(path).config);
    other->to(test_device());
    load_weights(*other, read_bundle(path));
    other->eval();
    for (const auto& [name, tensor] : snapshot(*other)) EXPECT_TRUE(torch::equal(tensor, tensors.at(name))) << name;
    EXPECT_EQ(apart(run(network).mask_logits, run(other).mask_logits), 0);
}

TEST_F(Weights, LoadFromHalfPrecisionFiles) {
    for (const auto dtype : {torch::kHalf, torch::kBFloat16}) {
        auto tensors = snapshot(*network);
        std::map<std::string, TensorView> views;
        for (auto& [name, tensor] : tensors) {
            tensor = tensor.to(dtype);
            views[name] = {dtype == torch::kHalf ? Dtype::f16 : Dtype::bf16,
                           tensor.sizes().vec(),
                           {static_cast<const std::uint8_t*>(tensor.data_ptr()), tensor.nbytes()}};
        }
        write_bundle(path, config, vocabulary_of(config.text.vocab_size), views, "", "");
        Network other(config);
        other->to(test_device());
        load_weights(*other, read_bundle(path));
        for (const auto& item : other->named_parameters()) {
            EXPECT_EQ(item.value().scalar_type(), torch::kFloat);
            EXPECT_TRUE(torch::equal(item.value().detach().cpu(), tensors.at(item.key()).to(torch::kFloat)))
                << item.key();
        }
    }
}

TEST_F(Weights, SnapshotIsACopy) {
    const auto before = snapshot(*network);
    const auto kept = before.at("weight_generator.P").clone();
    torch::NoGradGuard no_grad;
    for (auto& parameter : network->parameters()) parameter.zero_();
    EXPECT_TRUE(torch::equal(before.at("weight_generator.P"), kept));
}

TEST_F(Weights, InitialValuesFillTheNetworkByName) {
    const auto values = initial_weights(config, {"scratch", 1}, 3);
    load_weights(*network, values);
    for (const auto& [name, tensor] : snapshot(*network)) {
        const auto& expected = values.at(name);
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), tensor.data_ptr<float>())) << name;
    }
    auto partly = values;
    partly.erase("mask_head.norm.bias");
    EXPECT_THAT(refusal(ErrorCode::internal, [&] { load_weights(*network, partly); }),
                HasSubstr("'mask_head.norm.bias'"));
}

TEST_F(Weights, IntegerTensorsKeepTheirValues) {
    const std::map<std::string, torch::Tensor> tensors{
        {"step", torch::tensor({std::int64_t{1} << 60, std::int64_t{-3}})}, {"scalar", torch::tensor(2.5F)}};
    const auto views = views_of(tensors);
    EXPECT_TRUE(torch::equal(to_tensor(views.at("step")), tensors.at("step")));
    EXPECT_TRUE(torch::equal(to_tensor(views.at("scalar")), tensors.at("scalar")));
}

struct Buffers {
    std::vector<float> images;
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> mask;
    ForwardInput input;
};

Buffers buffers_of(const Batch& batch) {
    Buffers buffers;
    const auto images = batch.images.to(torch::kCPU, torch::kFloat).contiguous();
    const auto mask = batch.token_mask.to(torch::kCPU, torch::kByte).contiguous();
    const auto ids = batch.ids.cpu().contiguous();
    buffers.images.assign(images.data_ptr<float>(), images.data_ptr<float>() + images.numel());
    buffers.ids.assign(ids.data_ptr<std::int64_t>(), ids.data_ptr<std::int64_t>() + ids.numel());
    buffers.mask.assign(mask.data_ptr<std::uint8_t>(), mask.data_ptr<std::uint8_t>() + mask.numel());
    buffers.input = {int(ids.size(0)), int(ids.size(1)), buffers.images.data(), buffers.ids.data(),
                     buffers.mask.data()};
    return buffers;
}

TEST_F(Weights, TorchForwardAnswersWithTheFilesNetwork) {
    const auto tensors = snapshot(*network);
    write_bundle(path, config, vocabulary_of(config.text.vocab_size), views_of(tensors), "", "");
    const auto forward = make_torch_forward(read_bundle(path), 1);
    const auto buffers = buffers_of(batch);
    ForwardOutput output;
    forward->run(buffers.input, output);
    const auto expected = run(network);
    const auto compare = [](const std::vector<float>& got, const torch::Tensor& wanted, const char* name) {
        ASSERT_EQ(std::int64_t(got.size()), wanted.numel()) << name;
        const auto tensor = torch::tensor(got).view(wanted.sizes());
        EXPECT_LT(apart(tensor, wanted), 1e-6) << name;  // the same code; only the number of threads may differ
    };
    compare(output.boxes_cxcywh, expected.boxes_cxcywh, "box");
    compare(output.mask_logits, expected.mask_logits, "mask");
    compare(output.pool_attention, expected.pool_attention, "pool");
    compare(output.token_attention, expected.token_attention, "tokens");
    EXPECT_EQ(forward->config().image.size, config.image.size);
}

TEST_F(Weights, TorchForwardLeavesOutWhatAnAblationHasNot) {
    config.law.kind = "none";
    config.box_head.pool = "max";
    Network passive(config);
    randomize(*passive, 1);
    ForwardOutput output;
    output.token_attention = {1, 2};  // from an earlier call
    NetworkForward(passive).run(buffers_of(batch).input, output);
    EXPECT_TRUE(output.token_attention.empty());
    EXPECT_TRUE(output.pool_attention.empty());
    EXPECT_EQ(output.boxes_cxcywh.size(), 8u);
}

TEST_F(Weights, NetworkForwardLeavesTheNetworkAsItWas) {
    network->train();
    network->bf16 = true;
    const auto buffers = buffers_of(batch);
    ForwardOutput output;
    NetworkForward forward(network);
    forward.run(buffers.input, output);
    EXPECT_TRUE(network->is_training());
    EXPECT_TRUE(network->bf16);
    network->eval();
    network->bf16 = false;
    const auto expected = run(network).boxes_cxcywh;  // its answer was that of evaluation in fp32
    EXPECT_LT(apart(torch::tensor(output.boxes_cxcywh).view({2, 4}), expected), 1e-6);
}

TEST_F(Weights, NetworkForwardTranslatesLibTorchsErrorsAndRecovers) {
    network->train();
    network->bf16 = true;
    auto buffers = buffers_of(batch);
    buffers.ids[1] = 1000;  // beyond the vocabulary
    ForwardOutput output;
    NetworkForward forward(network);
    EXPECT_THAT(refusal(ErrorCode::internal, [&] { forward.run(buffers.input, output); }), HasSubstr("LibTorch"));
    EXPECT_TRUE(network->is_training());
    EXPECT_TRUE(network->bf16);
}

}  // namespace
}  // namespace vglaw::net
