#include "vglaw/study/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/study/run_files.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(RunLog, HasACurveForEveryKeyWithNumbers) {
    const auto curves = parse_metrics(kMetrics, "metrics");
    ASSERT_EQ(curves.size(), 12U);
    EXPECT_EQ(curves[0].key, "epoch");
    EXPECT_EQ(curves[1].key, "loss");
    EXPECT_THAT(curves[1].steps, ElementsAre(10, 2000));
    EXPECT_THAT(curves[1].values, ElementsAre(4.5, 3.5));
    EXPECT_EQ(curves[9].key, "val_oiou");
    EXPECT_THAT(curves[9].steps, ElementsAre(10));  // null: nothing was measured
}

TEST(RunLog, LeavesOutATornLastLineAndNoOther) {
    const std::string torn = std::string(kMetrics) + "{\"step\":2010,\"lo";
    EXPECT_EQ(parse_metrics(torn, "m").size(), parse_metrics(kMetrics, "m").size());
    EXPECT_EQ(parse_metrics("", "m").size(), 0U);
    for (const char* bad : {"{\"step\":1,\"lo\n", "[1]\n", "{\"loss\":1}\n", "{\"step\":\"1\"}\n", "\n"}) {
        EXPECT_THAT(failure([&] { (void)parse_metrics(kMetrics + std::string(bad) + kMetrics, "run/metrics.jsonl"); }),
                    HasSubstr("run/metrics.jsonl:5"))
            << bad;
    }
}

TEST(RunLog, TheBestValidationIsTheTrainersByWhatIsTrained) {
    const TestFolder folder;
    const auto best = [&](const char* tasks, const std::string& metrics) {
        put_run(folder / "run", std::string(R"({"train":{"tasks":")") + tasks + "\"}}", metrics);
        return read_runs({folder / "run"}).front().best_step().value_or(-1);
    };
    EXPECT_EQ(best("both", kMetrics), 10);
    const std::string apart =
        "{\"step\":1,\"val_prec@0.5\":0.9,\"val_miou\":0.1,\"val_seconds\":1}\n"
        "{\"step\":2,\"val_prec@0.5\":0.2,\"val_miou\":0.7,\"val_seconds\":1}\n"
        "{\"step\":3,\"val_prec@0.5\":0.8,\"val_miou\":0.5,\"val_seconds\":1}\n"
        "{\"step\":4,\"val_prec@0.5\":0.8,\"val_miou\":0.5,\"val_seconds\":1}\n";  // no better: not written again
    EXPECT_EQ(best("box", apart), 1);
    EXPECT_EQ(best("mask", apart), 2);
    EXPECT_EQ(best("both", apart), 3);
    EXPECT_EQ(best("both", ""), -1);
}

TEST(RunLog, RunsAreNamedByAsManyPartsAsTellThemApart) {
    const TestFolder folder;
    for (const char* name : {"a/seed-1", "b/seed-1", "c"}) put_run(folder / name);
    EXPECT_EQ(read_runs({folder / "c/"}).front().name, "c");
    const auto runs = read_runs({folder / "a/seed-1", folder / "b/seed-1/"});
    EXPECT_EQ(runs[0].name, "a/seed-1");
    EXPECT_EQ(runs[1].name, "b/seed-1");
    EXPECT_THAT(failure([&] { (void)read_runs({folder / "c", folder / "c/."}); }), HasSubstr("twice"));
}

TEST(RunLog, AFolderThatIsNoRunsNamesWhatItLacks) {
    const TestFolder folder;
    EXPECT_THAT(failure([&] { (void)read_runs({folder / "none"}); }),
                AllOf(HasSubstr("none"), HasSubstr("not a folder")));
    put(folder / "half/config.json", "{}");
    EXPECT_THAT(failure([&] { (void)read_runs({folder / "half"}); }), HasSubstr("metrics.jsonl"));
    put(folder / "other/metrics.jsonl", "");
    EXPECT_THAT(failure([&] { (void)read_runs({folder / "other"}); }), HasSubstr("config.json"));
    put_run(folder / "bad", "[1, 2");
    EXPECT_THAT(failure([&] { (void)read_runs({folder / "bad"}); }), HasSubstr("bad/config.json"));
}

}  // namespace
}  // namespace vglaw
