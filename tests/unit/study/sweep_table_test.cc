#include "vglaw/study/sweep_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/study/run_files.h"
#include "vglaw/study/sweep_state.h"

namespace vglaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Two settings, three seeds; one run is not finished, one was tested.
SweepPlan plan_in(const TestFolder& folder) {
    SweepPlan plan;
    plan.settings = {"active", "passive, \"none\""};
    plan.seeds = {1, 2, 3};
    SweepTest test;
    test.name = "testA";
    plan.tests = {test};
    for (const std::int64_t seed : plan.seeds) {
        for (std::size_t i = 0; i < 2; ++i) {
            plan.runs.push_back(
                {plan.settings[i], seed, folder / fmt::format("{}/{}", i, seed), {}, Json::object(), Json::object()});
        }
    }
    for (const SweepRun& run : plan.runs) {
        begin_run(run);
        const double precision = 0.1 * double(run.seed);  // 10, 20 and 30 %
        put_run(
            run.folder, "{}",
            fmt::format(
                "{{\"step\":1,\"val_prec@0.5\":0.99,\"val_miou\":0.99,\"val_seconds\":1}}\n"
                "{{\"step\":2,\"val_prec@0.5\":{},\"val_miou\":0.5,\"val_miou_1-5_words\":0.25,\"val_seconds\":1}}\n",
                precision));
        if (run.setting == "active" || run.seed == 1) put(run.folder / "result.json", "{\"finished\":true}");
    }
    begin_test(plan.runs[0], test);
    put(test_folder(plan.runs[0], test) / "report.json",
        R"({"canvas":{"rec":{"prec@0.5":0.75,"mean_box_iou":0.5},"res":null,"by_length":[{"prec@0.5":1,"miou":null}]}})");
    return plan;
}

TEST(SweepTable, HasMeanAndDeviationOfTheLastValidationOverFinishedSeeds) {
    const TestFolder folder;
    const auto rows = sweep_rows(plan_in(folder));
    ASSERT_EQ(rows.size(), 4U);
    const auto precision = spread(rows[0], "prec@0.5");
    ASSERT_TRUE(precision && precision->deviation);
    EXPECT_NEAR(precision->mean, 0.2, 1e-12);              // round-off of three sums
    EXPECT_NEAR(*precision->deviation, 0.1, 1e-12);        // n - 1
    EXPECT_FALSE(spread(rows[2], "prec@0.5")->deviation);  // one value spreads nowhere
    EXPECT_FALSE(spread(rows[0], "oiou"));
}

TEST(SweepTable, AsTextNamesEverySettingAndSet) {
    const TestFolder folder;
    const TextTable table = sweep_text(sweep_rows(plan_in(folder)), false);
    EXPECT_THAT(table.rows,
                ElementsAre(ElementsAre("active", "validation", "3", "20.00 ± 10.00", "-", "50.00 ± 0.00", "-"),
                            ElementsAre("active", "testA", "1", "75.00", "50.00", "-", "-"),
                            ElementsAre("passive, \"none\"", "validation", "1", "10.00", "-", "50.00", "-"),
                            ElementsAre("passive, \"none\"", "testA", "0", "-", "-", "-", "-")));
    const TextTable lengths = sweep_text(sweep_rows(plan_in(folder)), true);
    ASSERT_EQ(lengths.header.size(), 15U);
    EXPECT_EQ(lengths.header[7], "Prec@0.5, 1-5 words");
    EXPECT_EQ(lengths.rows[1][7], "100.00");
    EXPECT_EQ(lengths.rows[0][11], "25.00 ± 0.00");
}

TEST(SweepTable, AsJsonKeepsEverySeedsValue) {
    const TestFolder folder;
    const Json json = Json::parse(sweep_json(sweep_rows(plan_in(folder))));
    const Json& row = json.at("rows").at(0);
    EXPECT_EQ(row.at("setting"), "active");
    EXPECT_EQ(row.at("seeds"), Json::parse("[1,2,3]"));
    EXPECT_EQ(row.at("figures").at("prec@0.5").at("values").at(1).get<double>(), 0.2);
    EXPECT_TRUE(json.at("rows").at(1).at("figures").at("prec@0.5").at("deviation").is_null());
}

TEST(SweepTable, AsCsvQuotesWhatItMust) {
    const TestFolder folder;
    const std::string csv = sweep_csv(sweep_rows(plan_in(folder)), false);
    EXPECT_THAT(csv, testing::StartsWith("setting,set,seeds,prec@0.5 mean,prec@0.5 deviation,"));
    EXPECT_THAT(csv, HasSubstr("active,validation,3,0.200000,0.100000,,,0.500000,0.000000,,\n"));
    EXPECT_THAT(csv, HasSubstr("\"passive, \"\"none\"\"\",validation,1,0.100000,,"));
}

}  // namespace
}  // namespace vglaw
