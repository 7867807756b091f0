#include "vglaw/train/step_log.h"

#include <gtest/gtest.h>

namespace vglaw::train {
namespace {

LossParts parts(double l1) {
    LossParts parts;
    parts.l1 = torch::tensor(l1, torch::kDouble);
    return parts;  // the mask is not trained
}

TEST(StepLog, ReportsMeansAndStartsAnew) {
    StepLog log;
    log.add(3, parts(0.5), 10);
    log.add(5, parts(1.5), 30);
    const auto report = log.report(4, 0);
    EXPECT_EQ(report.loss, 4);
    EXPECT_EQ(report.l1, 1);
    EXPECT_EQ(report.dice, 0);
    EXPECT_EQ(report.gradient_norm, 20);
    EXPECT_GT(report.samples_per_second, 0);
    log.add(7, parts(2), 1);
    EXPECT_EQ(log.report(4, 0).loss, 7);
}

TEST(StepLog, GoesOnInTheMiddleOfAStretchToTheBit) {
    StepLog whole, first, second;
    for (int i = 0; i < 5; ++i) whole.add(1.0 / (i + 3), parts(0.1 * i), 0.7);
    for (int i = 0; i < 2; ++i) first.add(1.0 / (i + 3), parts(0.1 * i), 0.7);
    second.restore(Json::parse(first.sums().dump()));  // as a checkpoint stores it
    for (int i = 2; i < 5; ++i) second.add(1.0 / (i + 3), parts(0.1 * i), 0.7);
    const auto a = whole.report(1, 0), b = second.report(1, 0);
    EXPECT_EQ(a.loss, b.loss);
    EXPECT_EQ(a.l1, b.l1);
    EXPECT_EQ(a.gradient_norm, b.gradient_norm);
}

TEST(StepLog, DamagedSumsCountAsNone) {
    for (const char* text : {"null", "{}", "[1]", R"({"steps": 3, "sums": [1, 2]})", R"({"steps": "3", "sums": []})",
                             R"({"steps": -1, "sums": [0, 0, 0, 0, 0, 0]})"}) {
        StepLog log;
        log.restore(Json::parse(text));
        log.add(3, parts(1), 1);
        EXPECT_EQ(log.report(1, 0).loss, 3) << text;
    }
}

TEST(StepLog, DataWaitIsAShare) {
    StepLog log;
    log.add(1, parts(1), 1);
    EXPECT_EQ(log.report(1, 1e9).data_wait, 1);  // seconds of waiting since the last report, over the time between
    log.add(1, parts(1), 1);
    EXPECT_EQ(log.report(1, 1e9).data_wait, 0);
}

}  // namespace
}  // namespace vglaw::train
