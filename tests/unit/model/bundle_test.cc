#include "vglaw/model/bundle.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/toy_model.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// What a model file is made of, to be spoiled one piece at a time.
class Bundle : public testing::Test {
protected:
    Bundle()
        : path(std::filesystem::path(testing::TempDir()) / "bundle_test.safetensors"),
          config(toy_config()),
          weights(initial_weights(config, {"scratch", 1.0}, 1)),
          tensors(views_of(config, weights)) {
        metadata = {{"vglaw.format", "1"},
                    {"vglaw.config", config_to_json(config).dump()},
                    {"vglaw.vocab", Vocabulary(toy_pieces).join()}};
    }
    void TearDown() override { std::filesystem::remove(path); }

    std::string refused(ErrorCode expected = ErrorCode::corrupt_data) {
        write_safetensors(path, tensors, metadata);
        const auto message = refusal(expected, [&] { (void)read_bundle(path); });
        EXPECT_THAT(message, HasSubstr(path.string()));
        return message;
    }
    std::string refused_config(const char* pointer, const Json& value) {
        auto json = config_to_json(config);
        json[Json::json_pointer(pointer)] = value;
        metadata["vglaw.config"] = json.dump();
        return refused();
    }

    std::filesystem::path path;
    ModelConfig config;
    WeightMap weights;
    std::map<std::string, TensorView> tensors;
    std::map<std::string, std::string> metadata;
};

TEST_F(Bundle, ReadsBackWhatItWrites) {
    config.law.norm = false;
    config.mask_head.threshold = 0.1 + 0.2;  // no short decimal form
    for (auto it = tensors.begin(); it != tensors.end();) {
        it = it->first.find("weight_generator.blocks.") == 0 && it->first.find(".norm.") != std::string::npos
                 ? tensors.erase(it)
                 : std::next(it);
    }
    write_bundle(path, config, Vocabulary(toy_pieces), tensors, "CC0", "made by hand\nin two lines");
    const auto bundle = read_bundle(path);
    EXPECT_EQ(config_to_json(bundle.config), config_to_json(config));
    EXPECT_EQ(bundle.config.mask_head.threshold, 0.1 + 0.2);
    EXPECT_EQ(bundle.vocabulary.join(), Vocabulary(toy_pieces).join());
    EXPECT_EQ(bundle.license, "CC0");
    EXPECT_EQ(bundle.source, "made by hand\nin two lines");
    EXPECT_EQ(bundle.path, path);
    ASSERT_EQ(bundle.file.tensors().size(), tensors.size());
    for (const auto& [name, view] : tensors) EXPECT_EQ(bundle.tensor(name).to_float(), weights.at(name)) << name;
}

TEST_F(Bundle, IsUsableAfterACopyOutlivesTheOriginal) {
    write_bundle(path, config, Vocabulary(toy_pieces), tensors, "", "");
    auto bundle = std::make_unique<ModelBundle>(read_bundle(path));
    const ModelBundle copy = *bundle;
    bundle.reset();
    EXPECT_EQ(copy.tensor("weight_generator.P").to_float(), weights.at("weight_generator.P"));
}

TEST_F(Bundle, RefusesWhatIsNotAModel) {
    EXPECT_THAT(refusal(ErrorCode::not_found, [&] { (void)read_bundle(path); }), HasSubstr(path.string()));
    write_text(path, "not a safetensors file");
    EXPECT_THAT(refusal(ErrorCode::corrupt_data, [&] { (void)read_bundle(path); }), HasSubstr(path.string()));
    metadata = {{"format", "pt"}};
    EXPECT_THAT(refused(ErrorCode::unsupported), AllOf(HasSubstr("not a vglaw model"), HasSubstr("import")));
}

TEST_F(Bundle, RefusesANewerFormat) {
    metadata["vglaw.format"] = "3";
    EXPECT_THAT(refused(ErrorCode::unsupported), AllOf(HasSubstr("'3'"), HasSubstr("newer vglaw")));
}

TEST_F(Bundle, AnInt8TensorNeedsItsScalesAndTheFormatThatHasThem) {
    const std::string name = "visual_encoder.blocks.1.mlp.fc1.weight";  // (16, 8)
    const std::vector<std::int8_t> values(128, 3);
    const std::vector<float> scales(16, 0.5F);
    const auto bytes_of = [](const auto& of) {
        return std::span(reinterpret_cast<const std::uint8_t*>(of.data()), of.size() * sizeof(of[0]));
    };
    tensors[name] = {Dtype::i8, {16, 8}, bytes_of(values)};
    const auto weight_alone = tensors;
    tensors[name + "_scale"] = {Dtype::f32, {16}, bytes_of(scales)};
    const auto whole = tensors;
    EXPECT_THAT(refused(), AllOf(HasSubstr("I8 tensors"), HasSubstr("format '1'")));

    metadata["vglaw.format"] = "2";
    write_safetensors(path, tensors, metadata);
    EXPECT_EQ(read_bundle(path).values(name), std::vector<float>(128, 1.5F));

    tensors = weight_alone;
    EXPECT_THAT(refused(), HasSubstr("'" + name + "_scale' is missing"));
    tensors = whole;
    tensors[name + "_scale"] = {Dtype::f32, {4, 4}, bytes_of(scales)};
    EXPECT_THAT(refused(), HasSubstr("is F32 [4, 4], the scales of '" + name + "' are F32 [16]"));
    tensors = whole;
    tensors["box_head.mlp.0.weight"] = {Dtype::i8, {6, 8}, bytes_of(values).first(48)};
    EXPECT_THAT(refused(ErrorCode::unsupported), AllOf(HasSubstr("'box_head.mlp.0.weight'"), HasSubstr("I8")));
    tensors = whole;
    tensors["box_head.mlp.0.weight_scale"] = {Dtype::f32, {16}, bytes_of(scales)};  // of a tensor that is not I8
    EXPECT_THAT(refused(), HasSubstr("'box_head.mlp.0.weight_scale' does not belong"));
}

TEST_F(Bundle, NamesAMissingMisshapenOrUnknownTensor) {
    const auto whole = tensors;
    tensors.erase("visual_encoder.blocks.1.attn.rel_pos_h");
    EXPECT_THAT(refused(), HasSubstr("'visual_encoder.blocks.1.attn.rel_pos_h' is missing"));

    tensors = whole;
    auto& P = tensors.at("weight_generator.P");
    std::swap(P.shape[0], P.shape[1]);
    EXPECT_THAT(refused(), HasSubstr("'weight_generator.P' has shape [3, 24], its config says [24, 3]"));

    tensors = whole;
    tensors["visual_encoder.cls_token"] = whole.at("weight_generator.P");
    EXPECT_THAT(refused(), HasSubstr("'visual_encoder.cls_token' does not belong"));

    tensors = whole;
    const std::vector<std::int64_t> integers(8);
    tensors["box_head.pool.key.bias"] = {Dtype::i64, {4}, {reinterpret_cast<const std::uint8_t*>(integers.data()), 32}};
    EXPECT_THAT(refused(ErrorCode::unsupported), AllOf(HasSubstr("'box_head.pool.key.bias'"), HasSubstr("I64")));
}

TEST_F(Bundle, RefusesAVocabularyOfAnotherSizeOrABrokenOne) {
    metadata["vglaw.vocab"] = "[PAD]\n[UNK]\n";
    EXPECT_THAT(refused(), HasSubstr("vocabulary has 2 pieces, text.vocab_size says 9"));
    metadata["vglaw.vocab"] = "[PAD]\n[PAD]\n";
    EXPECT_THAT(refused(), HasSubstr("[PAD]"));
    metadata.erase("vglaw.vocab");
    EXPECT_THAT(refused(ErrorCode::unsupported), HasSubstr("vglaw.vocab"));
}

TEST_F(Bundle, RefusesABrokenConfig) {
    metadata["vglaw.config"] = "{\"image\": ";
    EXPECT_THAT(refused(), HasSubstr("not JSON"));
    metadata["vglaw.config"] = "{\"" + std::string(100000, 'x') + "\n";
    EXPECT_LT(refused().size(), 600u);
    metadata["vglaw.config"] = "[1]";
    EXPECT_THAT(refused(), HasSubstr("must be a table"));
    EXPECT_THAT(refused_config("/law/kindd", "none"), HasSubstr("did you mean 'law.kind'?"));
    EXPECT_THAT(refused_config("/law/kind", "other"), HasSubstr("lowrank | none"));
    EXPECT_THAT(refused_config("/vision/depth", 0), HasSubstr("vision.depth"));
    EXPECT_THAT(refused_config("/vision/heads", 3), AllOf(HasSubstr("vision.heads = 3"), HasSubstr("vision.dim = 8")));
    const std::string deep = std::string(50000, '[') + std::string(50000, ']');
    metadata["vglaw.config"] = "{\"image\": " + deep + "}";
    EXPECT_THAT(refused(), HasSubstr("nests deeper than 64"));
    metadata["vglaw.config"] = "{\"image\": " + deep + ", \"text\": 1}";  // what grows is copied
    EXPECT_THAT(refused(), HasSubstr("nests deeper than 64"));
    metadata["vglaw.config"] = "{\"image\": [[1]]}";
    EXPECT_THAT(refused(), HasSubstr("'image' must be a table"));
    metadata["vglaw.config"] = std::string((1 << 20) + 1, '[');
    EXPECT_THAT(refused(), HasSubstr("1048576 accepted"));
}

TEST_F(Bundle, AConfigOfAnotherSizeIsCaughtByItsTensors) {
    EXPECT_THAT(refused_config("/text/layers", 2), HasSubstr("'text_encoder.encoder.layer.1."));
    EXPECT_THAT(refused_config("/vision/dim", 8192), HasSubstr("has shape"));
}

TEST_F(Bundle, RefusesATruncatedFileAnywhere) {
    write_bundle(path, config, Vocabulary(toy_pieces), tensors, "", "");
    const auto bytes = read_file(path);
    for (std::size_t keep : {std::size_t{0}, std::size_t{7}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
        write_file(path, std::span(bytes).first(keep));
        EXPECT_NE(refusal(ErrorCode::corrupt_data, [&] { (void)read_bundle(path); }), "accepted") << keep;
    }
}

TEST_F(Bundle, WritesOnlyWhatItWouldRead) {
    const auto whole = tensors;
    const auto write = [&](const Vocabulary& vocabulary) {
        return refusal(ErrorCode::corrupt_data, [&] { write_bundle(path, config, vocabulary, tensors, "", ""); });
    };
    EXPECT_THAT(write(Vocabulary({"a", "b"})), HasSubstr("vocabulary has 2 pieces"));
    tensors.erase("weight_generator.Q");
    EXPECT_THAT(write(Vocabulary(toy_pieces)), HasSubstr("'weight_generator.Q' is missing"));
    EXPECT_FALSE(std::filesystem::exists(path));
}

std::int64_t parameters(const TensorShapes& shapes, const std::string& prefix) {
    std::int64_t total = 0;
    for (const auto& [name, shape] : shapes) {
        if (name.find(prefix) != 0) continue;
        std::int64_t count = 1;
        for (const auto side : shape) count *= side;
        total += count;
    }
    return total;
}

TEST(TensorShapes, AddUpToThePublishedModel) {
    // model.md: 155.3 M parameters: ViT 85.9, BERT 66.4, LAW 1.15, heads 1.9; half a unit of the last figure.
    const auto shapes = tensor_shapes(ModelConfig{});
    EXPECT_NEAR(double(parameters(shapes, "visual_encoder.")), 85.9e6, 0.05e6);
    EXPECT_NEAR(double(parameters(shapes, "text_encoder.")), 66.4e6, 0.05e6);
    EXPECT_NEAR(double(parameters(shapes, "weight_generator.")), 1.15e6, 0.005e6);
    EXPECT_NEAR(double(parameters(shapes, "box_head.") + parameters(shapes, "mask_head.")), 1.9e6, 0.05e6);
    EXPECT_NEAR(double(parameters(shapes, "")), 155.3e6, 0.05e6);
}

TEST(TensorShapes, FollowTheAblations) {
    ModelConfig config;
    EXPECT_TRUE(tensor_shapes(config).contains("box_head.pool.query.weight"));
    config.box_head.pool = "mean";
    EXPECT_EQ(parameters(tensor_shapes(config), "box_head.pool."), 0);
    config.law.kind = "none";
    EXPECT_EQ(parameters(tensor_shapes(config), "weight_generator."), 0);
}

TEST(TensorShapes, NameWhatEachLawKindOwns) {
    using Shape = std::vector<std::int64_t>;
    ModelConfig config;
    config.vision.depth = 6;
    config.vision.global_blocks = {2, 5};
    config.law.blocks = {1, 4};
    const auto of = [&](const char* kind) {
        config.law.kind = kind;
        return tensor_shapes(config);
    };
    auto shapes = of("lowrank");
    EXPECT_EQ(shapes.at("weight_generator.layer_embedding"), (Shape{2, 768}));
    EXPECT_EQ(shapes.at("weight_generator.blocks.4.generate.weight"), (Shape{1024, 48}));
    EXPECT_FALSE(shapes.contains("weight_generator.blocks.0.generate.weight"));
    shapes = of("scale");
    EXPECT_EQ(shapes.at("weight_generator.blocks.1.generate.weight"), (Shape{768, 48}));
    EXPECT_FALSE(shapes.contains("weight_generator.P"));
    shapes = of("mixture");
    EXPECT_EQ(shapes.at("weight_generator.blocks.1.generate.weight"), (Shape{4, 48}));
    EXPECT_EQ(shapes.at("weight_generator.blocks.1.kernels"), (Shape{4, 2304, 768}));
    shapes = of("full");
    EXPECT_EQ(shapes.at("weight_generator.reduce.weight"), (Shape{48, 768}));
    EXPECT_EQ(shapes.at("weight_generator.norm.bias"), (Shape{48}));
    EXPECT_EQ(shapes.at("weight_generator.blocks.4.generate.weight"), (Shape{2304 * 768, 48}));
    EXPECT_FALSE(shapes.contains("weight_generator.blocks.4.reduce.weight"));
}

TEST(TensorShapes, NameWhatFusionModulesOwn) {
    using Shape = std::vector<std::int64_t>;
    ModelConfig config;
    config.text.hidden = 512;
    config.text.heads = 8;
    config.law.kind = "none";
    config.fusion.kind = "pwam";
    auto shapes = tensor_shapes(config);
    EXPECT_EQ(shapes.at("fusion.blocks.2.key.weight"), (Shape{768, 512}));
    EXPECT_EQ(shapes.at("fusion.blocks.11.gate.1.weight"), (Shape{768, 768}));
    EXPECT_FALSE(shapes.contains("fusion.blocks.0.key.weight"));
    config.fusion.kind = "qd_att";
    shapes = tensor_shapes(config);
    EXPECT_EQ(shapes.at("fusion.blocks.5.channel.0.generate.weight"), (Shape{769 * 32, 512}));
    EXPECT_EQ(shapes.at("fusion.blocks.5.channel.0.factor"), (Shape{32, 192}));
    EXPECT_EQ(shapes.at("fusion.blocks.5.channel.1.generate.bias"), (Shape{193 * 32}));
    EXPECT_EQ(shapes.at("fusion.blocks.5.spatial.factor"), (Shape{32, 1}));
}

TEST(TensorShapes, WindowBlocksKeepWindowTablesAndGlobalBlocksTheGrids) {
    const auto shapes = tensor_shapes(ModelConfig{});
    EXPECT_EQ(shapes.at("visual_encoder.blocks.0.attn.rel_pos_h"), (std::vector<std::int64_t>{27, 64}));
    EXPECT_EQ(shapes.at("visual_encoder.blocks.2.attn.rel_pos_w"), (std::vector<std::int64_t>{55, 64}));
}

}  // namespace
}  // namespace vglaw
