#include "vglaw/evaluate/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "toy_set.h"

namespace vglaw {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const ReportTitle kTitle = {"toy model", "toy set, val", 0.35};

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> result;
    for (const auto& [key, value] : object.items()) result.push_back(key);
    return result;
}

Metrics two_expressions() {
    Metrics metrics;
    ExpressionScore score;
    score.words = 2;
    score.has_mask = true;
    score.canvas = {0.75F, {10, 10}};
    score.original = {0.75F, {1, 4}};
    metrics.add(score);
    score.words = 12;
    score.canvas = {0.25F, {100, 1000}};
    score.original = {0.25F, {0, 4}};
    metrics.add(score);
    return metrics;
}

Evaluation toy_evaluation(bool masked, int wrong) {
    ToyPredictor predictor(wrong);
    EvaluateOptions options;
    options.prepare.size = kToyCanvas;
    options.threads = 0;
    return evaluate(unscaled_set(masked), toy_tokenizer(), predictor, options);
}

TEST(Report, KeepsTheKeysOfItsJson) {
    const Json json = Json::parse(report_json(two_expressions(), kTitle));
    EXPECT_THAT(keys(json), ElementsAre("model", "data", "expressions", "mask_threshold", "canvas", "original"));
    for (const char* frame : {"canvas", "original"}) {
        EXPECT_THAT(keys(json[frame]), ElementsAre("rec", "res", "by_length"));
        EXPECT_THAT(keys(json[frame]["rec"]),
                    ElementsAre("prec@0.5", "prec@0.6", "prec@0.7", "prec@0.8", "prec@0.9", "mean_box_iou"));
        EXPECT_THAT(keys(json[frame]["res"]), ElementsAre("expressions", "miou", "oiou", "prec@0.5", "prec@0.6",
                                                          "prec@0.7", "prec@0.8", "prec@0.9"));
        ASSERT_EQ(json[frame]["by_length"].size(), kLengthBuckets);
        EXPECT_THAT(keys(json[frame]["by_length"][0]), ElementsAre("words", "expressions", "prec@0.5", "miou"));
    }
}

TEST(Report, WritesFractionsInJson) {
    const Json json = Json::parse(report_json(two_expressions(), kTitle));
    EXPECT_EQ(json["expressions"], 2);
    EXPECT_EQ(json["canvas"]["rec"]["prec@0.5"], 0.5);
    EXPECT_EQ(json["canvas"]["rec"]["prec@0.8"], 0.0);
    EXPECT_NEAR(json["canvas"]["res"]["miou"].get<double>(), 0.55, 1e-12);  // IoUs in steps of 2^-40
    EXPECT_DOUBLE_EQ(json["canvas"]["res"]["oiou"].get<double>(), 110.0 / 1010.0);
    EXPECT_EQ(json["original"]["res"]["miou"], 0.125);
    EXPECT_EQ(json["canvas"]["by_length"][3]["words"], "11+");
    EXPECT_EQ(json["canvas"]["by_length"][3]["prec@0.5"], 0.0);
    EXPECT_TRUE(json["canvas"]["by_length"][1]["prec@0.5"].is_null());
}

TEST(Report, SaysNullForWhatWasNotMeasured) {
    const Json empty = Json::parse(report_json(Metrics(), kTitle));
    EXPECT_EQ(empty["expressions"], 0);
    EXPECT_TRUE(empty["canvas"]["rec"].is_null());
    const Json boxes = Json::parse(report_json(toy_evaluation(false, -1).metrics, kTitle));
    EXPECT_EQ(boxes["canvas"]["rec"]["prec@0.5"], 1.0);
    EXPECT_TRUE(boxes["canvas"]["res"].is_null());
    EXPECT_TRUE(boxes["canvas"]["by_length"][0]["miou"].is_null());
}

TEST(Report, FitsOnOneLineWhenAsked) { EXPECT_THAT(report_json(two_expressions(), kTitle, -1), Not(HasSubstr("\n"))); }

TEST(Report, PrintsPercentagesUnderTheFramesName) {
    const std::string table = report_table(two_expressions(), kTitle);
    EXPECT_THAT(table, HasSubstr("toy set, val, 2 expressions, mask threshold 0.35"));
    EXPECT_THAT(
        table,
        HasSubstr(
            "frame     task        expressions  Prec@0.5  Prec@0.6  Prec@0.7  Prec@0.8  Prec@0.9   mIoU   oIoU\n"
            "canvas    REC (box)             2     50.00     50.00     50.00      0.00      0.00  50.00      -\n"
            "canvas    RES (mask)            2     50.00     50.00     50.00     50.00     50.00  55.00  10.89\n"
            "original  REC (box)             2     50.00     50.00     50.00      0.00      0.00  50.00      -\n"
            "original  RES (mask)            2      0.00      0.00      0.00      0.00      0.00  12.50  12.50\n"));
    EXPECT_THAT(report_table(toy_evaluation(false, -1).metrics, kTitle), Not(HasSubstr("RES (mask)")));
}

TEST(Report, WritesARecordOnOneLineWhateverTheTextHolds) {
    ExpressionRecord record;
    record.score.index = 5;
    record.image_id = 581857;
    record.expression = "the \"left\"\none \xff";
    record.predicted_px = {1, 2, 3.5F, 4};
    const std::string line = record_json(record);
    EXPECT_THAT(line, Not(HasSubstr("\n")));
    const Json json = Json::parse(line);
    EXPECT_THAT(keys(json), ElementsAre("index", "image_id", "ref_id", "sentence_id", "expression", "words", "box",
                                        "truth_box", "canvas", "original"));
    EXPECT_EQ(json["image_id"], 581857);
    EXPECT_EQ(json["box"], Json::array({1.0, 2.0, 3.5, 4.0}));
    EXPECT_TRUE(json["canvas"]["mask_iou"].is_null());
}

}  // namespace
}  // namespace vglaw
