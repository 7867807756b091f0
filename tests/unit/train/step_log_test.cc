#include "vglaw/train/step_log.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vglaw::train {
namespace {

StepLosses losses(double total, double l1) {
    StepLosses losses;
    losses.total = total;
    losses.l1 = l1;
    return losses;  // the mask is not trained
}

TEST(StepLog, ReportsMeansAndStartsAnew) {
    StepLog log;
    log.add(losses(3, 0.5), 10);
    log.add(losses(5, 1.5), 30);
    const auto report = log.report(4, 0);
    EXPECT_EQ(report.loss, 4);
    EXPECT_EQ(report.l1, 1);
    EXPECT_EQ(report.dice, 0);
    EXPECT_EQ(report.gradient_norm, 20);
    EXPECT_GT(report.samples_per_second, 0);
    log.add(losses(7, 2), 1);
    EXPECT_EQ(log.report(4, 0).loss, 7);
}

TEST(StepLog, GoesOnInTheMiddleOfAStretchToTheBit) {
    StepLog whole, first, second;
    for (int i = 0; i < 5; ++i) whole.add(losses(1.0 / (i + 3), 0.1 * i), 0.7);
    for (int i = 0; i < 2; ++i) first.add(losses(1.0 / (i + 3), 0.1 * i), 0.7);
    second.restore(Json::parse(first.sums().dump()));  // as a checkpoint stores it
    for (int i = 2; i < 5; ++i) second.add(losses(1.0 / (i + 3), 0.1 * i), 0.7);
    const auto a = whole.report(1, 0), b = second.report(1, 0);
    EXPECT_EQ(a.loss, b.loss);
    EXPECT_EQ(a.l1, b.l1);
    EXPECT_EQ(a.gradient_norm, b.gradient_norm);
}

TEST(StepLog, AStepLeftOutCountsInNoMeanButInItsOwnCount) {
    StepLog log, resumed;
    log.add(losses(3, 1), 10);
    log.skip();
    resumed.restore(Json::parse(log.sums().dump()));
    for (StepLog* each : {&log, &resumed}) {
        each->add(losses(5, 1), 30);
        const auto report = each->report(1, 0);
        EXPECT_EQ(report.loss, 4);
        EXPECT_EQ(report.gradient_norm, 20);
        EXPECT_EQ(report.skipped, 1);
        EXPECT_EQ(each->report(1, 0).skipped, 0);
    }
    log.skip();
    EXPECT_TRUE(std::isnan(log.report(1, 0).loss));  // of nothing there is no mean
}

TEST(StepLog, DamagedSumsCountAsNone) {
    for (const char* text : {"null", "{}", "[1]", R"({"steps": 3, "sums": [1, 2]})", R"({"steps": "3", "sums": []})",
                             R"({"steps": -1, "sums": [0, 0, 0, 0, 0, 0]})"}) {
        StepLog log;
        log.restore(Json::parse(text));
        log.add(losses(3, 1), 1);
        EXPECT_EQ(log.report(1, 0).loss, 3) << text;
    }
}

TEST(StepLog, DataWaitIsAShare) {
    StepLog log;
    log.add(losses(1, 1), 1);
    EXPECT_EQ(log.report(1, 1e9).data_wait, 1);  // seconds of waiting since the last report, over the time between
    log.add(losses(1, 1), 1);
    EXPECT_EQ(log.report(1, 1e9).data_wait, 0);
}

}  // namespace
}  // namespace vglaw::train
