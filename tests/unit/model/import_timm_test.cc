#include "vglaw/model/import_timm.h"

#include <gmock/gmock.h>

#include "tests/unit/model/golden_weights.h"
#include "vglaw/model/import_mae.h"

namespace vglaw {
namespace {

using testing::Contains;

TEST(ImportTimm, IsMaesNamesWithAClassifierAndALicenceNobodyKnows) {
    const auto config = import_config();
    const auto part = import_timm(golden_weights("timm.safetensors"), config);
    EXPECT_EQ(part.weights, import_mae(golden_weights("mae.pth"), config).weights);
    EXPECT_THAT(part.ignored, Contains("head.weight"));
    EXPECT_EQ(part.license, "");
}

}  // namespace
}  // namespace vglaw
