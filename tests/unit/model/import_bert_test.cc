#include "vglaw/model/import_bert.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/golden_weights.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// A folder to put broken copies into.
class ImportBert : public testing::Test {
protected:
    ImportBert() : folder(fs::path(testing::TempDir()) / "import_bert_test") { fs::create_directories(folder); }
    ~ImportBert() override { fs::remove_all(folder); }

    std::string refused(ErrorCode code, const ModelConfig& config) {
        return refusal(code, [&] { (void)import_bert(folder, config); });
    }
    void copy(const char* from, const char* name) {
        fs::copy_file(golden_weights(from) / name, folder / name, fs::copy_options::overwrite_existing);
    }

    fs::path folder;
    ModelConfig config = import_config();
};

TEST_F(ImportBert, TakesTheFirstLayersAndTheVocabulary) {
    const auto part = import_bert(golden_weights("bert"), config);
    EXPECT_EQ(part.weights.size(), tensors_of(config, "text_encoder."));
    EXPECT_EQ(part.license, "Apache-2.0");
    EXPECT_EQ(part.file, "model.safetensors");
    EXPECT_EQ(part.vocabulary.value().piece(2), "[CLS]");
    EXPECT_THAT(part.notes, Contains("BERT: the first 2 of 3 layers"));
    EXPECT_THAT(part.ignored, AllOf(Contains("encoder.layer.2.output.dense.bias"), Contains("pooler.dense.weight"),
                                    Not(Contains("encoder.layer.1.output.dense.bias"))));
    EXPECT_EQ(part.changes.at("text_encoder.embeddings.position_embeddings.weight"), "the first 12 of 16 rows");
    EXPECT_EQ(part.changes.size(), 1u);
}

TEST_F(ImportBert, ReadsOldFilesAndShardsAsTheSameWeights) {
    const auto whole = import_bert(golden_weights("bert"), config);
    // The old file is in half precision, the shards in bfloat16: 11 and 8 bits of significand for numbers up to 2.
    for (const auto& [name, tolerance] : {std::pair{"bert_legacy", 0x1p-11}, std::pair{"bert_shards", 0x1p-8}}) {
        const auto part = import_bert(golden_weights(name), config);
        ASSERT_EQ(part.weights.size(), whole.weights.size());
        for (const auto& [tensor, values] : part.weights) {
            const auto& expected = whole.weights.at(tensor);
            ASSERT_EQ(values.size(), expected.size()) << tensor;
            for (std::size_t i = 0; i < values.size(); ++i) {
                ASSERT_NEAR(values[i], expected[i], 2 * tolerance) << name << " " << tensor;
            }
        }
    }
    EXPECT_THAT(import_bert(golden_weights("bert_legacy"), config).ignored,
                AllOf(Contains("cls.seq_relationship.weight"), Contains("bert.pooler.dense.weight")));
    EXPECT_FALSE(import_bert(golden_weights("bert_shards"), config).vocabulary.has_value());
}

TEST_F(ImportBert, AFileIsAsGoodAsItsFolder) {
    const auto part = import_bert(golden_weights("bert") / "model.safetensors", config);
    EXPECT_EQ(part.weights, import_bert(golden_weights("bert"), config).weights);
    EXPECT_TRUE(part.vocabulary.has_value());
}

TEST_F(ImportBert, NamesAMissingOrMisshapenTensor) {
    copy("bert", "model.safetensors");
    config.text.layers = 4;
    EXPECT_THAT(refused(ErrorCode::not_found, config), HasSubstr("'encoder.layer.3.attention.output.LayerNorm.bias'"));
    config.text.layers = 2;
    config.text.ffn = 64;
    EXPECT_THAT(refused(ErrorCode::corrupt_data, config),
                AllOf(HasSubstr("'encoder.layer.0.intermediate.dense.bias' has shape [48]"), HasSubstr("has [64]")));
    config.text.ffn = 48;
    config.text.max_positions = 20;
    EXPECT_THAT(refused(ErrorCode::corrupt_data, config),
                AllOf(HasSubstr("has shape [16, 32]"), HasSubstr("has [20, 32]")));
}

TEST_F(ImportBert, WhatShapesDoNotTellItReadsFromTheDescription) {
    copy("bert", "model.safetensors");
    write_text(folder / "config.json", R"({"num_attention_heads": 8})");
    EXPECT_THAT(refused(ErrorCode::unsupported, config), HasSubstr("8 attention heads, the config's text.heads is 4"));
    write_text(folder / "config.json", R"({"num_attention_heads": 4, "hidden_act": "gelu_new"})");
    EXPECT_THAT(refused(ErrorCode::unsupported, config), HasSubstr("gelu_new"));
    write_text(folder / "config.json", "[");
    EXPECT_THAT(refused(ErrorCode::corrupt_data, config), HasSubstr("config.json"));
}

TEST_F(ImportBert, RefusesAVocabularyOfAnotherSize) {
    copy("bert", "model.safetensors");
    write_text(folder / "vocab.txt", "[PAD]\n[UNK]\n");
    EXPECT_THAT(refused(ErrorCode::corrupt_data, config),
                HasSubstr("2 word pieces, the config's text.vocab_size is 30"));
    write_text(folder / "vocab.txt", "a\na\n");
    EXPECT_THAT(refused(ErrorCode::corrupt_data, config), HasSubstr("vocab.txt"));
}

TEST_F(ImportBert, RefusesTwoSpellingsOfOneTensor) {
    const std::vector<float> values(32, 1.0F);
    const TensorView view{Dtype::f32, {32}, {reinterpret_cast<const std::uint8_t*>(values.data()), 128}};
    write_safetensors(folder / "model.safetensors",
                      {{"embeddings.LayerNorm.gamma", view}, {"bert.embeddings.LayerNorm.weight", view}}, {});
    EXPECT_THAT(refused(ErrorCode::corrupt_data, config), HasSubstr("two spellings"));
}

TEST_F(ImportBert, AFolderWithoutWeightsIsNamed) {
    EXPECT_THAT(refused(ErrorCode::not_found, config),
                AllOf(HasSubstr(folder.string()), HasSubstr("pytorch_model.bin")));
}

}  // namespace
}  // namespace vglaw
