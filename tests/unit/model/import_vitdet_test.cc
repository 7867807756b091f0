#include "vglaw/model/import_vitdet.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/golden_weights.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

TEST(ImportVitdet, TakesTheBackboneAndFitsTheGlobalTables) {
    const auto config = import_config();
    const auto part = import_vitdet(golden_weights(golden_vitdet), config, RelativePositions::crop);
    EXPECT_EQ(part.weights.size(), tensors_of(config, "visual_encoder."));
    EXPECT_EQ(part.license, "Apache-2.0");
    EXPECT_THAT(part.ignored, UnorderedElementsAre("backbone.simfp_2.0.weight", "roi_heads.box_head.fc1.weight"));
    EXPECT_EQ(part.changes.size(), 2u);
    EXPECT_EQ(part.changes.at("visual_encoder.blocks.1.attn.rel_pos_w"),
              "relative positions cropped from 25 to 13 rows");
    EXPECT_THAT(part.notes, AllOf(Contains(HasSubstr("MD5 begins with d4c067")), Contains(HasSubstr("RefCOCO"))));
}

TEST(ImportVitdet, LeavesOutTheClassTokensPosition) {
    const auto state = StateDict::open(golden_weights(golden_vitdet));
    const auto whole = state.at("backbone.net.pos_embed").view.to_float();
    const auto part = import_vitdet(golden_weights(golden_vitdet), import_config(), RelativePositions::crop);
    EXPECT_EQ(part.weights.at("visual_encoder.pos_embed"), std::vector<float>(whole.begin() + 16, whole.end()));
}

TEST(ImportVitdet, AFileThatIsNotWhatItsNameSaysIsRefused) {
    const auto path = std::filesystem::path(testing::TempDir()) / "model_final_0a1b2c.pkl";
    std::filesystem::copy_file(golden_weights(golden_vitdet), path, std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(
        refusal(ErrorCode::corrupt_data, [&] { (void)import_vitdet(path, import_config(), RelativePositions::crop); }),
        AllOf(HasSubstr("d4c067"), HasSubstr("rename it")));
    const auto plain = std::filesystem::path(testing::TempDir()) / "my_vitdet.pkl";
    std::filesystem::rename(path, plain);
    EXPECT_NO_THROW((void)import_vitdet(plain, import_config(), RelativePositions::crop));
    std::filesystem::remove(plain);
}

}  // namespace
}  // namespace vglaw
