#include "vglaw/data/refer_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const std::filesystem::path& root, const std::string& dataset, const std::string& split_by) {
    try {
        (void)find_refer_files(root, dataset, split_by);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        return error.what();
    }
    return "found";
}

TEST(FindReferFiles, KnowsTheLayouts) {
    for (const char* layout : {"refcoco+", "refcoco+/refcoco+", "refcoco+/annotations", "annotations/refcoco+", "."}) {
        const TemporaryFolder folder;
        folder.write(std::string(layout) + "/instances.json", "{}");
        folder.write(std::string(layout) + "/refs(unc).p", ".");
        const ReferFiles files = find_refer_files(folder.path(), "refcoco+", "unc");
        EXPECT_TRUE(std::filesystem::equivalent(files.instances, folder.path() / layout / "instances.json")) << layout;
        EXPECT_TRUE(std::filesystem::equivalent(files.references, folder.path() / layout / "refs(unc).p")) << layout;
    }
}

TEST(FindReferFiles, SaysWhatIsThereInstead) {
    const TemporaryFolder folder;
    EXPECT_THAT(refusal(folder.path() / "nowhere", "refcoco", "unc"), HasSubstr("nowhere is not a folder"));
    EXPECT_THAT(refusal(folder.path(), "refcoco", "unc"), HasSubstr("nothing of the kind"));
    folder.write("refcocog/instances.json", "{}");
    folder.write("refcocog/refs(google).p", ".");
    EXPECT_THAT(refusal(folder.path(), "refcoco", "unc"), HasSubstr("data sets there: refcocog"));
    EXPECT_THAT(refusal(folder.path(), "refcocog", "umd"),
                AllOf(HasSubstr("has no refs(umd).p"), HasSubstr("refs(google).p")));
    folder.write("refclef/readme.txt", "");
    EXPECT_THAT(refusal(folder.path(), "refclef", "unc"), AllOf(HasSubstr("neither"), HasSubstr("readme.txt")));
    folder.write("refclef/refs(unc).p", ".");
    EXPECT_THAT(refusal(folder.path(), "refclef", "unc"), HasSubstr("has no instances.json"));
}

}  // namespace
}  // namespace vglaw
