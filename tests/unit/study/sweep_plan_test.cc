#include "vglaw/study/sweep_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/study/run_files.h"
#include "vglaw/core/config_file.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSweep = R"(
base = "base.toml"
seeds = [4, 5]
[set]
train.epochs = 2
[[setting]]
name = "VG-LAW"
[[setting]]
name = "rank 8 / none"
set = { law.rank = 8, law.kind = "none", vision.blocks = [1, 2], train.lr = 1e-5 }
[[test]]
data = "DATA"
split = "testA"
)";

struct SweepFile {
    explicit SweepFile(const std::string& text) {
        put(folder / "base.toml", "[law]\nrank = 32\nkind = \"lowrank\"\n[train]\nepochs = 1\n");
        put(folder / "table.toml", text);
    }
    [[nodiscard]] SweepPlan read(const std::vector<std::string>& overrides = {}, const std::string& out = "") const {
        return read_sweep(folder / "table.toml", overrides, out,
                          [](const Json& tree, const std::string&) { return tree; });
    }
    [[nodiscard]] std::string refusal() const {
        return failure([&] { (void)read(); });
    }
    TestFolder folder;
};

TEST(SweepPlan, IsSettingsTimesSeedsOverTheBase) {
    const SweepFile file(kSweep);
    const SweepPlan plan = file.read();
    EXPECT_EQ(plan.base, file.folder / "base.toml");
    EXPECT_EQ(plan.out, "runs/table");
    EXPECT_THAT(plan.settings, ElementsAre("VG-LAW", "rank 8 / none"));
    ASSERT_EQ(plan.runs.size(), 4U);
    EXPECT_EQ(plan.runs[0].folder, "runs/table/VG-LAW/seed-4");
    EXPECT_EQ(plan.runs[1].folder, "runs/table/rank-8-none/seed-4");
    EXPECT_EQ(plan.runs[2].folder, "runs/table/VG-LAW/seed-5");
    EXPECT_EQ(plan.runs[0].config,
              Json::parse(R"({"law":{"kind":"lowrank","rank":32},"train":{"epochs":2,"seed":4}})"));
    EXPECT_EQ(plan.runs[3].config.at("law"), Json::parse(R"({"kind":"none","rank":8})"));
    EXPECT_EQ(plan.runs[3].config.at("vision").at("blocks"), Json::parse("[1,2]"));
    EXPECT_EQ(plan.runs[3].config.at("train").at("lr"), 1e-5);
    ASSERT_EQ(plan.tests.size(), 1U);
    EXPECT_EQ(plan.tests[0].name, "testA");
}

TEST(SweepPlan, ItsOverridesSayTheSameToTheTrainCommand) {
    const SweepFile file(kSweep);
    const SweepRun run = file.read({"train.epochs=9", "law.kind=none"}).runs[3];
    EXPECT_THAT(run.overrides, testing::Contains("law.kind=\"none\""));
    EXPECT_EQ(run.overrides.back(), "train.seed=5");
    Json tree = read_toml(file.folder / "base.toml");
    for (const std::string& assignment : run.overrides) apply_override(tree, assignment);
    EXPECT_EQ(tree, run.config);
    EXPECT_EQ(tree.at("train").at("epochs"), 9);  // the command line is above the file
}

TEST(SweepPlan, RefusesWhatItDoesNotKnow) {
    EXPECT_THAT(SweepFile("bases = 1\n").refusal(), AllOf(HasSubstr("'bases'"), HasSubstr("did you mean 'base'")));
    EXPECT_THAT(SweepFile("[[settings]]\n").refusal(), HasSubstr("did you mean 'setting'"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = \"a\"\nsets = {}\n").refusal(),
                AllOf(HasSubstr("setting 'a'"), HasSubstr("'sets'")));
    EXPECT_THAT(SweepFile("[setting]\nname = \"a\"\n").refusal(), HasSubstr("[[setting]]"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = 3\n").refusal(), HasSubstr("name"));
    EXPECT_THAT(SweepFile("base = \"base.toml\"\n").refusal(), HasSubstr("no [[setting]]"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = \"a\"\n").refusal(), HasSubstr("'base'"));
    EXPECT_THAT(SweepFile("base = \"no.toml\"\n[[setting]]\nname = \"a\"\n").refusal(), HasSubstr("no.toml"));
    EXPECT_THAT(SweepFile("base = \"base.toml\"\nseeds = []\n[[setting]]\nname = \"a\"\n").refusal(),
                HasSubstr("'seeds'"));
    EXPECT_THAT(SweepFile("base = \"base.toml\"\nseeds = [1, 1]\n[[setting]]\nname = \"a\"\n").refusal(),
                HasSubstr("'seeds'"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = \"a b\"\n[[setting]]\nname = \"a/b\"\n").refusal(),
                HasSubstr("another setting"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = \"../..\"\n").refusal(), HasSubstr("letters"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = \"a\"\n[[test]]\nsplit = \"val\"\n").refusal(), HasSubstr("'data'"));
    EXPECT_THAT(SweepFile("[[setting]]\nname = \"a\"\n[[test]]\ndta = \"x\"\n").refusal(), HasSubstr("'dta'"));
    EXPECT_THAT(SweepFile("base = \"base.toml\"\n[[setting]]\nname = \"a\"\nset = { train.seed = 3 }\n").refusal(),
                AllOf(HasSubstr("setting 'a'"), HasSubstr("'seeds'")));
}

TEST(SweepPlan, AnyCombinationThatCannotBeUsedIsNamed) {
    const SweepFile file(kSweep);
    const auto check = [](const Json& tree, const std::string& where) {
        if (tree.contains("law") && tree.at("law").at("rank") == 8)
            fail(ErrorCode::invalid_argument, "{}: rank 8", where);
        return tree;
    };
    EXPECT_THAT(failure([&] { (void)read_sweep(file.folder / "table.toml", {}, "", check); }),
                AllOf(HasSubstr("table.toml, setting 'rank 8 / none'"), HasSubstr("rank 8")));
}

}  // namespace
}  // namespace vglaw
