#include "vglaw/model/start_model.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/golden_weights.h"
#include "vglaw/model/import_bert.h"
#include "vglaw/model/import_vit.h"

namespace vglaw {
namespace {

using testing::Contains;
using testing::HasSubstr;

class StartModels : public testing::Test {
protected:
    StartModels() : path(std::filesystem::path(testing::TempDir()) / "start_model_test.safetensors") {}
    ~StartModels() override { std::filesystem::remove(path); }

    ImportedPart bert() { return import_bert(golden_weights("bert"), config); }
    ImportedPart vision(const char* file) {
        return import_vision("vision", golden_weights(file), config, RelativePositions::crop);
    }

    std::filesystem::path path;
    ModelConfig config = import_config();
};

TEST_F(StartModels, PutPartsTogetherAndDrawTheRest) {
    const auto text = bert().weights;
    const auto visual = vision(golden_vitdet).weights;
    std::vector<ImportedPart> parts{bert(), vision(golden_vitdet)};
    const auto start = assemble_start(config, {}, 7, parts);
    const auto drawn = initial_weights(config, {}, 7);
    for (const auto& [name, values] : start.weights) {
        const auto& expected = text.contains(name)     ? text.at(name)
                               : visual.contains(name) ? visual.at(name)
                                                       : drawn.at(name);
        EXPECT_EQ(values, expected) << name;
    }
    EXPECT_EQ(start.tensors.size(), tensor_shapes(config).size());
    EXPECT_EQ(start.license, "Apache-2.0");
    EXPECT_EQ(start.source,
              "start of a training: BERT (model.safetensors); ViTDet (model_final_d4c067.pkl); the rest random, "
              "seed 7");
}

TEST_F(StartModels, AreModelFiles) {
    std::vector<ImportedPart> parts{bert(), vision("mae.pth")};
    const auto vocabulary = parts[0].vocabulary.value();
    const auto start = assemble_start(config, {}, 7, parts);
    write_start(path, start, vocabulary);
    const auto bundle = read_bundle(path);
    EXPECT_EQ(bundle.license, "") << "Apache-2.0 and CC-BY-NC-4.0 have no common name";
    EXPECT_EQ(bundle.source, start.source);
    EXPECT_EQ(bundle.vocabulary.piece(4), "[MASK]");
    EXPECT_THAT(start.notes, Contains(HasSubstr("licence left empty")));
    for (const auto& [name, values] : start.weights) EXPECT_EQ(bundle.tensor(name).to_float(), values) << name;
}

TEST_F(StartModels, OneSeedOneFile) {
    const auto weights = [&](std::uint64_t seed) {
        std::vector<ImportedPart> parts{bert()};
        return assemble_start(config, {}, seed, parts).weights;
    };
    EXPECT_EQ(weights(1), weights(1));
    EXPECT_NE(weights(1), weights(2));
}

TEST_F(StartModels, RefuseTwoPartsForOneTensorUnlessOneYields) {
    std::vector<ImportedPart> both{vision("mae.pth"), vision("sam.pth")};
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)assemble_start(config, {}, 1, both); }),
                HasSubstr("both mae.pth and sam.pth give 'visual_encoder."));
    both[0].yields = true;
    const auto expected = both[1].weights.at("visual_encoder.pos_embed");
    EXPECT_EQ(assemble_start(config, {}, 1, both).weights.at("visual_encoder.pos_embed"), expected);
}

}  // namespace
}  // namespace vglaw
