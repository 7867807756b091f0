#include "vglaw/model/import_sam.h"

#include <gmock/gmock.h>

#include "tests/unit/model/golden_weights.h"
#include "vglaw/model/import_vitdet.h"

namespace vglaw {
namespace {

using testing::UnorderedElementsAre;

TEST(ImportSam, IsVitdetsEncoderUnderOtherNamesWithAGridOfItsOwn) {
    const auto config = import_config();
    auto sam = import_sam(golden_weights("sam.pth"), config, RelativePositions::crop);
    auto vitdet = import_vitdet(golden_weights(golden_vitdet), config, RelativePositions::crop);
    EXPECT_EQ(sam.changes.at("visual_encoder.pos_embed"), "position grid resized from 13 x 13 to 5 x 5");
    EXPECT_THAT(sam.ignored,
                UnorderedElementsAre("image_encoder.neck.0.weight", "prompt_encoder.not_a_point_embed.weight"));
    EXPECT_EQ(sam.license, "Apache-2.0");
    sam.weights.erase("visual_encoder.pos_embed");
    vitdet.weights.erase("visual_encoder.pos_embed");
    EXPECT_EQ(sam.weights, vitdet.weights);
}

}  // namespace
}  // namespace vglaw
