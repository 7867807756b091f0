#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/interface/caller.h"

namespace vglaw::interface {
namespace {

using ::testing::HasSubstr;

TEST(Model, SaysWhatItIs) {
    const auto model = open_model();
    vglaw_model_info info{};
    info.struct_size = sizeof(info);
    ASSERT_EQ(vglaw_model_get(model.get(), &info), VGLAW_OK);
    EXPECT_EQ(info.image_size, 120);
    EXPECT_GT(info.max_tokens, 2);
    EXPECT_GT(info.packed_bytes, std::uint64_t{1} << 20);
    EXPECT_STRNE(info.instruction_set, "");
    EXPECT_THAT(info.products_by, HasSubstr("oneDNN"));
}

TEST(Model, IsPackedByAsManyThreadsAsAsked) {
    for (const int threads : {1, 3}) {
        const vglaw_model_options options{sizeof(options), threads};
        vglaw_model* model = nullptr;
        EXPECT_EQ(vglaw_model_open(shipped_model.c_str(), &options, &model), VGLAW_OK);
        vglaw_model_destroy(model);
    }
}

TEST(Model, RefusesWhatIsNotOne) {
    // A handle that was set before is not left dangling.
    auto* model = reinterpret_cast<vglaw_model*>(std::uintptr_t{1});
    EXPECT_THAT(refusal(VGLAW_NOT_FOUND, vglaw_model_open("no/such.safetensors", nullptr, &model)),
                HasSubstr("no/such.safetensors"));
    EXPECT_EQ(model, nullptr);
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_model_open(nullptr, nullptr, &model)), HasSubstr("path is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_model_open(shipped_model.c_str(), nullptr, nullptr)),
                HasSubstr("model is NULL"));
    EXPECT_NE(vglaw_model_open(VGLAW_SOURCE_DIR, nullptr, &model), VGLAW_OK);  // a folder
    const auto path = std::filesystem::temp_directory_path() / ("vglaw-cut-" + std::to_string(::getpid()));
    std::filesystem::copy_file(shipped_model, path);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_THAT(refusal(VGLAW_CORRUPT_DATA, vglaw_model_open(path.c_str(), nullptr, &model)), HasSubstr(path.string()));
    std::filesystem::remove(path);
    EXPECT_EQ(model, nullptr);
}

TEST(Model, RefusesThreadsOutOfRange) {
    vglaw_model* model = nullptr;
    for (const int threads : {-1, 1025}) {
        const vglaw_model_options options{sizeof(options), threads};
        EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_model_open(shipped_model.c_str(), &options, &model)),
                    HasSubstr(std::to_string(threads)));
    }
}

TEST(Model, GettingNothingIsRefused) {
    vglaw_model_info info{};
    info.struct_size = sizeof(info);
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_model_get(nullptr, &info)), HasSubstr("model is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_model_get(open_model().get(), nullptr)),
                HasSubstr("info is NULL"));
    vglaw_model_destroy(nullptr);
}

}  // namespace
}  // namespace vglaw::interface
