#include "vglaw/evaluate/report_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "toy_set.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ReportTitle kTitle = {"toy model", "toy set, val", 0.35};

Evaluation toy_evaluation(bool masked, int wrong) {
    ToyPredictor predictor(wrong);
    EvaluateOptions options;
    options.prepare.size = kToyCanvas;
    options.threads = 0;
    return evaluate(unscaled_set(masked), toy_tokenizer(), predictor, options);
}

class ReportFolder : public ::testing::Test {
protected:
    ReportFolder() : folder_(std::filesystem::path(::testing::TempDir()) / "vglaw_report_test" / "new") {
        std::filesystem::remove_all(folder_.parent_path());
    }
    ~ReportFolder() override { std::filesystem::remove_all(folder_.parent_path()); }
    std::vector<std::string> files(const char* name) const {
        std::vector<std::string> result;
        for (const auto& entry : std::filesystem::directory_iterator(folder_ / name)) {
            result.push_back(entry.path().filename().string());
        }
        std::sort(result.begin(), result.end());
        return result;
    }
    std::filesystem::path folder_;
};

TEST_F(ReportFolder, HoldsPicturesAndALineForEachExpression) {
    const ToySet set = unscaled_set();
    const Evaluation evaluation = toy_evaluation(true, 1);
    write_report(folder_, evaluation, set, kTitle);
    EXPECT_THAT(files("hits"), ElementsAre("000000.png", "000002.png", "000003.png", "000005.png", "000006.png"));
    EXPECT_THAT(files("misses"), ElementsAre("000001.png", "000004.png"));
    const std::string lines = read_text(folder_ / "per_expression.jsonl");
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 7);
    EXPECT_EQ(Json::parse(lines.substr(0, lines.find('\n')))["ref_id"], 200);
    EXPECT_EQ(Json::parse(read_text(folder_ / "report.json"))["expressions"], 7);
    const std::string text = read_text(folder_ / "report.md");
    EXPECT_THAT(text, HasSubstr("| canvas | REC (box) | 7 | 71.43 |"));
    EXPECT_THAT(text, HasSubstr("![](misses/000004.png)"));
}

TEST_F(ReportFolder, ReplacesOnlyItsOwnOldPictures) {
    const ToySet set = unscaled_set();
    write_report(folder_, toy_evaluation(true, 1), set, kTitle);
    write_text(folder_ / "hits" / "holiday.png", "mine");
    write_report(folder_, toy_evaluation(true, -1), set, kTitle);
    EXPECT_TRUE(files("misses").empty());
    EXPECT_THAT(files("hits"), ::testing::Contains("holiday.png"));
}

TEST_F(ReportFolder, SaysWhenTheFolderCannotBeMade) {
    std::filesystem::create_directories(folder_.parent_path());
    write_text(folder_, "a file stands in the way");
    EXPECT_THROW(write_report(folder_, toy_evaluation(true, -1), unscaled_set(), kTitle), Error);
}

}  // namespace
}  // namespace vglaw
