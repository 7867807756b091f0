#include "vglaw/onnx/export_onnx.h"

#include <gmock/gmock.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/golden_weights.h"
#include "tests/unit/model/toy_model.h"
#include "tests/unit/onnx/graph_evaluator.h"
#include "vglaw/core/files.h"
#include "vglaw/model/initialize.h"

namespace vglaw::onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Vocabulary numbered_vocabulary(int size) {
    std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]";
    for (int i = 5; i < size; ++i) lines += "\nw" + std::to_string(i);
    return Vocabulary::parse(lines);
}

class ExportOnnxTest : public ::testing::Test {
protected:
    ~ExportOnnxTest() override { std::filesystem::remove_all(folder_); }
    ExportOnnxTest() { std::filesystem::create_directories(folder_); }

    ModelBundle bundle_of(const ModelConfig& config, const std::map<std::string, TensorView>& tensors) {
        const auto path = folder_ / "model.safetensors";
        write_bundle(path, config, numbered_vocabulary(config.text.vocab_size), tensors, "a licence", "a source");
        return read_bundle(path);
    }
    ModelBundle random_bundle(const ModelConfig& config, const std::string& poisoned = "") {
        auto weights = initial_weights(config, {"scratch", 1.0}, 3);
        if (!poisoned.empty()) weights.at(poisoned)[1] = std::numeric_limits<float>::quiet_NaN();
        return bundle_of(config, views_of(config, weights));
    }
    ::onnx::ModelProto exported(const ModelBundle& bundle, const ExportOptions& options = {}) {
        export_onnx(bundle, options, folder_ / "model.onnx");
        ::onnx::ModelProto model;
        EXPECT_TRUE(model.ParseFromString(read_text(folder_ / "model.onnx")));
        return model;
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("vglaw-onnx-test-" + std::to_string(::getpid()));
};

/// "images float [batch, 3, 28, 28]"
std::string signature(const ::onnx::ValueInfoProto& value) {
    const auto& tensor = value.type().tensor_type();
    std::string text = value.name() + (tensor.elem_type() == ::onnx::TensorProto::FLOAT   ? " float ["
                                       : tensor.elem_type() == ::onnx::TensorProto::INT64 ? " int64 ["
                                                                                          : " ? [");
    for (int i = 0; i < tensor.shape().dim_size(); ++i) {
        const auto& size = tensor.shape().dim(i);
        text += (i > 0 ? ", " : "") + (size.has_dim_param() ? size.dim_param() : std::to_string(size.dim_value()));
    }
    return text + "]";
}

std::vector<std::string> signatures(const google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto>& values) {
    std::vector<std::string> all;
    for (const auto& value : values) all.push_back(signature(value));
    return all;
}

int nodes_of(const ::onnx::ModelProto& model, const std::string& op) {
    const auto& nodes = model.graph().node();
    return int(std::count_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.op_type() == op; }));
}

TEST_F(ExportOnnxTest, TakesAnyBatchOfAnyLength) {
    const auto model = exported(random_bundle(import_config()));
    EXPECT_THAT(signatures(model.graph().input()),
                ElementsAre("images float [batch, 3, 28, 28]", "ids int64 [batch, tokens]",
                            "token_mask int64 [batch, tokens]"));
    EXPECT_THAT(signatures(model.graph().output()),
                ElementsAre("boxes_cxcywh float [batch, 4]", "mask_logits float [batch, 28, 28]",
                            "pool_attention float [batch, 7, 7]"));
    EXPECT_EQ(model.ir_version(), 8);
    ASSERT_EQ(model.opset_import_size(), 1);
    EXPECT_EQ(model.opset_import(0).version(), 17);
}

TEST_F(ExportOnnxTest, OnlyLapHasSomethingToShowOfItsPooling) {
    for (const char* pool : {"mean", "max"}) {
        auto config = import_config();
        config.box_head.pool = pool;
        EXPECT_THAT(signatures(exported(random_bundle(config)).graph().output()),
                    ElementsAre("boxes_cxcywh float [batch, 4]", "mask_logits float [batch, 28, 28]"));
    }
}

TEST_F(ExportOnnxTest, PassesTheCheckerAndStrictShapeInference) {
    for (const bool folded : {true, false}) {
        auto model = exported(random_bundle(import_config()), {.folded_head = folded});
        EXPECT_NO_THROW(::onnx::checker::check_model(model));
        // Inferred sizes that contradict the declared ones, or an operator that cannot take its input, throw.
        const ::onnx::ShapeInferenceOptions strict(true, 1, true);
        EXPECT_NO_THROW(::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(), strict));
        std::set<std::string> inferred;
        for (const auto& value : model.graph().value_info()) inferred.insert(value.name());
        for (const auto& node : model.graph().node()) {
            const bool is_output = !node.output(0).empty() && !node.output(0).ends_with(":0");
            EXPECT_TRUE(is_output || inferred.contains(node.output(0))) << node.name();
        }
    }
}

TEST_F(ExportOnnxTest, NamesEveryNodeAndInitializerOnce) {
    const auto model = exported(random_bundle(import_config()));
    std::set<std::string> names;
    for (const auto& node : model.graph().node()) EXPECT_TRUE(names.insert(node.name()).second) << node.name();
    for (const auto& tensor : model.graph().initializer())
        EXPECT_TRUE(names.insert(tensor.name()).second) << tensor.name();
}

TEST_F(ExportOnnxTest, CarriesWhatItsUserNeedsBesideTheGraph) {
    const auto bundle = random_bundle(import_config());
    const auto model = exported(bundle, {.folded_head = false, .producer_version = "1.2.3"});
    std::map<std::string, std::string> metadata;
    for (const auto& entry : model.metadata_props()) metadata[entry.key()] = entry.value();
    EXPECT_EQ(model.producer_name(), "vglaw");
    EXPECT_EQ(model.producer_version(), "1.2.3");
    EXPECT_EQ(metadata.at("vglaw.vocab"), bundle.vocabulary.join());
    EXPECT_EQ(config_from_json<ModelConfig>(Json::parse(metadata.at("vglaw.config")), "metadata").image.size, 28);
    EXPECT_EQ(metadata.at("vglaw.license"), "a licence");
    EXPECT_EQ(metadata.at("vglaw.source"), "a source");
    EXPECT_EQ(metadata.at("vglaw.head"), "plain");
}

TEST_F(ExportOnnxTest, FoldsTheMaskHeadUnlessAskedNotTo) {
    const auto bundle = random_bundle(import_config());
    EXPECT_EQ(nodes_of(exported(bundle), "ConvTranspose"), 0);
    EXPECT_EQ(nodes_of(exported(bundle, {.folded_head = false}), "ConvTranspose"), 2);
}

TEST_F(ExportOnnxTest, TheSameModelGivesTheSameBytes) {
    const auto bundle = random_bundle(import_config());
    export_onnx(bundle, {}, folder_ / "a.onnx");
    export_onnx(bundle, {}, folder_ / "b.onnx");
    EXPECT_EQ(read_text(folder_ / "a.onnx"), read_text(folder_ / "b.onnx"));
}

std::map<std::string, Array> inputs(const Safetensors& golden) {
    std::map<std::string, Array> given;
    for (const char* name : {"images", "ids", "token_mask"}) {
        const auto& view = golden.at(std::string("inputs.") + name);
        Array array{view.shape, {}};
        const std::size_t width = size_of(view.dtype);
        for (std::size_t i = 0; i < view.numel(); ++i) {
            float real = 0;
            std::int64_t whole = 0;
            if (view.dtype == Dtype::f32)
                std::memcpy(&real, view.bytes.data() + i * width, width);
            else
                std::memcpy(&whole, view.bytes.data() + i * width, width);
            array.values.push_back(double(real) + double(whole));
        }
        given[name] = array;
    }
    return given;
}

void expect_close(const Array& got, const std::vector<float>& wanted, const Sizes& shape, const char* name) {
    EXPECT_EQ(got.shape, shape) << name;
    ASSERT_EQ(got.values.size(), wanted.size()) << name;
    double size = 1;
    for (const float value : wanted) size = std::max(size, std::abs(double(value)));
    // The golden is float32 through three blocks with unscaled random weights: 1e-5 of the largest value.
    for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_NEAR(got.values[i], wanted[i], 1e-5 * size) << name << i;
}

TEST_F(ExportOnnxTest, TheGraphAnswersAsThePlainFormulasInPyTorch) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/network.safetensors");
    const auto config = import_config();
    std::map<std::string, TensorView> tensors;
    for (const auto& [name, shape] : tensor_shapes(config)) tensors[name] = golden.at(name);
    const auto bundle = bundle_of(config, tensors);
    for (const bool folded : {true, false}) {
        const auto model = exported(bundle, {.folded_head = folded});
        const auto results = GraphEvaluator(model.graph()).run(inputs(golden));
        const std::int64_t batch = golden.at("inputs.ids").shape[0];
        expect_close(results.at("boxes_cxcywh"), golden.at("outputs.boxes_cxcywh").to_float(), {batch, 4}, "boxes");
        expect_close(results.at("mask_logits"), golden.at("outputs.mask_logits").to_float(), {batch, 28, 28}, "mask");
        expect_close(results.at("pool_attention"), golden.at("outputs.pool_attention").to_float(), {batch, 7, 7},
                     "pool");
    }
}

TEST_F(ExportOnnxTest, RefusesByNameWhatItCannotExpress) {
    for (const char* kind : {"scale", "mixture", "full"}) {
        auto config = import_config();
        config.law.kind = kind;
        EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { check_exportable(config, "m"); }),
                    HasSubstr(std::string("law.kind = ") + kind));
    }
    auto fused = import_config();
    fused.fusion.kind = "pwam";
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { check_exportable(fused, "m"); }),
                HasSubstr("fusion.kind = pwam"));
    ModelConfig large;
    EXPECT_NO_THROW(check_exportable(large, "m"));  // the published size
    large.text.vocab_size = 1 << 20;
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { check_exportable(large, "m"); }), HasSubstr("2 GiB"));
}

TEST_F(ExportOnnxTest, RefusesAWeightThatIsNoNumber) {
    for (const char* name : {"text_encoder.embeddings.word_embeddings.weight", "visual_encoder.blocks.1.attn.rel_pos_h",
                             "weight_generator.P", "mask_head.up2.weight"}) {
        const auto bundle = random_bundle(import_config(), name);
        EXPECT_THAT(refusal(ErrorCode::corrupt_data, [&] { export_onnx(bundle, {}, folder_ / "bad.onnx"); }),
                    HasSubstr(name));
        EXPECT_FALSE(std::filesystem::exists(folder_ / "bad.onnx"));
    }
}

}  // namespace
}  // namespace vglaw::onnx
