#include "vglaw/interface/growing_struct.h"

#include <gmock/gmock.h>

#include "tests/unit/interface/caller.h"

namespace vglaw::interface {
namespace {

using ::testing::HasSubstr;

/// As a caller with a newer header would have it.
template <typename T>
struct Newer {
    T known;
    std::uint64_t later;
};

vglaw_status create(const vglaw_model* model, const vglaw_grounder_options* options) {
    vglaw_grounder* grounder = nullptr;
    const auto status = vglaw_grounder_create(model, options, &grounder);
    vglaw_grounder_destroy(grounder);
    return status;
}

TEST(GrowingStruct, ANewerCallersOptionsAreReadWhileTheyAreDefault) {
    const auto model = open_model();
    Newer<vglaw_grounder_options> options{{sizeof(options), 1, 0}, 0};
    EXPECT_EQ(create(model.get(), &options.known), VGLAW_OK) << vglaw_last_error();
    options.later = 1;
    EXPECT_THAT(refusal(VGLAW_UNSUPPORTED, create(model.get(), &options.known)), HasSubstr("install a newer one"));
}

TEST(GrowingStruct, ANewerCallersAnswerIsFilledUpWithZeros) {
    const auto model = open_model();
    Newer<vglaw_model_info> info{};
    info.known.struct_size = sizeof(info);
    info.later = 7;
    ASSERT_EQ(vglaw_model_get(model.get(), &info.known), VGLAW_OK);
    EXPECT_EQ(info.known.image_size, 120);
    EXPECT_EQ(info.known.struct_size, sizeof(info));
    EXPECT_EQ(info.later, 0u);
}

struct Grown {
    std::size_t struct_size;
    std::int32_t first, second;
};

TEST(GrowingStruct, AnOlderCallersStructIsReadAndFilledAsFarAsItGoes) {
    constexpr std::size_t older = offsetof(Grown, second);
    Grown given{older, 1, 2};
    const auto options = read_options(&given, older, "given");
    EXPECT_EQ(options.first, 1);
    EXPECT_EQ(options.second, 0) << "the older struct ends before it";
    Grown value{0, 5, 6};
    write_struct(value, &given, older, "given");
    EXPECT_EQ(given.first, 5);
    EXPECT_EQ(given.second, 2) << "written behind the older struct";
}

TEST(GrowingStruct, ASizeThatWasNeverSetIsRefused) {
    const auto model = open_model();
    for (const std::size_t size : {std::size_t{0}, std::size_t{8}, std::size_t{1} << 40, ~std::size_t{0}}) {
        const vglaw_grounder_options options{size, 1, 0};
        EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, create(model.get(), &options)), HasSubstr("struct_size"));
        vglaw_model_info info{};
        info.struct_size = size;
        EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_model_get(model.get(), &info)), HasSubstr("sizeof(*info)"));
        EXPECT_EQ(info.image_size, 0);
    }
}

}  // namespace
}  // namespace vglaw::interface
