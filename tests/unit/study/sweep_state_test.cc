#include "vglaw/study/sweep_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/study/run_files.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

SweepRun run_in(const TestFolder& folder) {
    return {"a",
            1,
            folder / "a/seed-1",
            {"train.seed=1"},
            Json::parse(R"({"law":{"rank":8},"train":{"out":"x","seed":1}})"),
            Json::parse(R"({"law":{"rank":16},"train":{"out":"","seed":1,"start":""}})")};
}

TEST(SweepState, IsWhatTheFolderTells) {
    const TestFolder folder;
    const SweepRun run = run_in(folder);
    EXPECT_EQ(state_of(run), SweepRunState::waiting);
    begin_run(run);
    EXPECT_EQ(state_of(run), SweepRunState::begun);
    // Cut off while it was written, stopped, done.
    for (const char* half : {"", "{\"finis", "{\"finished\":false}", "{}", "[1]"}) {
        put(run.folder / "result.json", half);
        EXPECT_EQ(state_of(run), SweepRunState::begun) << half;
    }
    put(run.folder / "result.json", "{\"finished\":true,\"step\":4}\n");
    EXPECT_EQ(state_of(run), SweepRunState::trained);
    SweepTest test;
    test.name = "val";
    EXPECT_FALSE(is_tested(run, test));
    put(run.folder / "test-val/report.json", "{}");
    EXPECT_FALSE(is_tested(run, test)) << "nobody knows of what";
    begin_test(run, test);
    EXPECT_FALSE(is_tested(run, test)) << "an older report is not this one's";
    put(run.folder / "test-val/report.json", "{}");
    EXPECT_TRUE(is_tested(run, test));
    test.data = "elsewhere";
    EXPECT_FALSE(is_tested(run, test));
}

TEST(SweepState, ARunOfAnotherConfigurationIsRefusedByItsKeys) {
    const TestFolder folder;
    SweepRun run = run_in(folder);
    begin_run(run);
    run.config["train"]["out"] = "elsewhere";                   // no part of the question
    run.config["law"]["new"] = run.defaults["law"]["new"] = 1;  // a later version of the program
    EXPECT_EQ(state_of(run), SweepRunState::begun);
    run.config["law"]["new"] = 2;  // which that run was not asked for
    EXPECT_THAT(failure([&] { (void)state_of(run); }), HasSubstr("law.new"));
    run.config["law"]["new"] = 1;
    run.config["law"]["rank"] = 16;
    EXPECT_THAT(failure([&] { (void)state_of(run); }), AllOf(HasSubstr("law.rank"), HasSubstr("seed-1")));
}

TEST(SweepState, ARunTrainedByAnEditedBaseIsRefusedByItsKeys) {
    const TestFolder folder;
    SweepRun run = run_in(folder);
    begin_run(run);
    const auto trained = [&run](const char* config) { put(run.folder / "config.json", config); };
    trained(R"({"law":{"rank":8},"train":{"out":"y","seed":1,"start":"","gone":3}})");
    EXPECT_EQ(state_of(run), SweepRunState::begun);
    trained(R"({"law":{"rank":4},"train":{"out":"y","seed":1,"start":""}})");
    EXPECT_THAT(failure([&] { (void)state_of(run); }), AllOf(HasSubstr("law.rank"), HasSubstr("changed since")));
    // The network of a run that starts from a model is that model's.
    run.config["train"]["start"] = run.defaults["train"]["start"] = "model.safetensors";
    begin_run(run);
    trained(R"({"law":{"rank":4},"train":{"out":"y","seed":1,"start":"model.safetensors"}})");
    EXPECT_EQ(state_of(run), SweepRunState::begun);
    trained(R"({"law":{"rank":4},"train":{"out":"y","seed":2,"start":"model.safetensors"}})");
    EXPECT_THAT(failure([&] { (void)state_of(run); }), HasSubstr("train.seed"));
    trained("{\"law\":");
    EXPECT_THAT(failure([&] { (void)state_of(run); }), HasSubstr("damaged"));
}

TEST(SweepState, AnotherProgramsRunIsNotTouched) {
    const TestFolder folder;
    const SweepRun run = run_in(folder);
    put_run(run.folder);
    EXPECT_THAT(failure([&] { (void)state_of(run); }), HasSubstr("no sweep began"));
    put(run.folder / "sweep.json", "{\"conf");
    EXPECT_THAT(failure([&] { (void)state_of(run); }), HasSubstr("damaged"));
}

}  // namespace
}  // namespace vglaw
