#include "vglaw/train/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/unit/train/tiny_experiment.h"

namespace vglaw::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

StepReport step_report(std::int64_t step) {
    StepReport report;
    report.step = step;
    report.loss = 4.0 / double(step);
    report.learning_rate = 1e-3;
    return report;
}

TEST(RunFolder, MakesTheFolderWithItsConfig) {
    const TemporaryFolder folder;
    Json config;
    config["train"]["seed"] = 3;
    const RunFolder run(folder.path / "a" / "b", config, 0);
    EXPECT_EQ(Json::parse(read_text(folder / "a/b/config.json")), config);
    EXPECT_EQ(read_text(folder / "a/b/metrics.jsonl"), "");
}

TEST(RunFolder, DropsLinesAfterTheResumedStepAndATornLastLine) {
    const TemporaryFolder folder;
    {
        RunFolder run(folder.path, Json::object(), 0);
        for (const int step : {5, 10, 15}) run.add(step_report(step));
    }
    const std::string whole = read_text(folder / "metrics.jsonl");
    const std::string first_two = whole.substr(0, whole.find('\n', whole.find('\n') + 1) + 1);
    write_text(folder / "metrics.jsonl", whole + "[1]\n{\"step\": \"5\"}\n{\"step\": 7, \"lo");
    (void)RunFolder(folder.path, Json::object(), 10);
    EXPECT_EQ(read_text(folder / "metrics.jsonl"), first_two);
    (void)RunFolder(folder.path, Json::object(), 0);  // a run from the beginning
    EXPECT_EQ(read_text(folder / "metrics.jsonl"), "");
}

TEST(RunFolder, ALineHasTheFiguresAndIsJsonEvenWithoutThem) {
    const TemporaryFolder folder;
    RunFolder run(folder.path, Json::object(), 0);
    auto report = step_report(5);
    report.focal = std::numeric_limits<double>::quiet_NaN();
    report.learning_rates = {{"backbone", 1e-4}, {"rest", 1e-3}};
    report.peak_memory_mib = 300;
    report.gpu_peak_memory_mib = 900;
    report.skipped = 2;
    run.add(report);
    ValidationReport validation;  // of an empty set
    validation.step = 5;
    run.add(validation);
    const std::string text = read_text(folder / "metrics.jsonl");
    const Json step = Json::parse(text.substr(0, text.find('\n')));
    EXPECT_EQ(step.at("step"), 5);
    EXPECT_EQ(step.at("loss").get<double>(), 0.8);
    EXPECT_TRUE(step.at("focal").is_null());
    EXPECT_EQ(step.at("learning_rate").get<double>(), 1e-3);
    EXPECT_EQ(step.at("learning_rate_backbone").get<double>(), 1e-4);
    EXPECT_EQ(step.at("peak_memory_mib"), 300);
    EXPECT_EQ(step.at("gpu_peak_memory_mib"), 900);
    EXPECT_EQ(step.at("skipped"), 2);
    const Json line = Json::parse(text.substr(text.find('\n') + 1));
    EXPECT_TRUE(line.at("val_prec@0.5").is_null());
    EXPECT_TRUE(line.at("val_miou").is_null());
}

/// The event files of a folder, in the order in which TensorBoard reads them.
std::vector<fs::path> event_files(const TemporaryFolder& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder.path)) {
        if (entry.path().filename().string().starts_with("events.out.tfevents.")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

TEST(RunFolder, TellsTensorBoardEveryFigureAndNoneThatWasNotMeasured) {
    const TemporaryFolder folder;
    RunFolder run(folder.path, Json::object(), 0);
    run.add(step_report(5));
    ExpressionScore score;
    score.words = 3;
    score.canvas.box_iou = score.original.box_iou = 0.75F;
    ValidationReport validation;
    validation.step = 5;
    validation.metrics.add(score);
    run.add(validation);
    ASSERT_EQ(event_files(folder).size(), 1U);
    const std::string events = read_text(event_files(folder).front());
    for (const char* tag :
         {"train/loss", "train/l1", "train/learning_rate", "train/samples_per_second", "train/data_wait",
          "train/gradient_norm", "val/prec@0.5", "val/box_iou", "val/prec@0.5_1-5_words", "val/seconds"}) {
        EXPECT_THAT(events, HasSubstr(tag));
    }
    EXPECT_THAT(events, testing::Not(HasSubstr("val/miou")));  // no masks
    EXPECT_THAT(events, testing::Not(HasSubstr("step\x15")));
    const std::string text = read_text(folder / "metrics.jsonl");
    EXPECT_EQ(Json::parse(text.substr(text.find('\n') + 1)).at("val_prec@0.5_1-5_words"), 1.0);
}

TEST(RunFolder, AResumedRunOpensAnEventFileThatTakesTheLostStepsBack) {
    const TemporaryFolder folder;
    { RunFolder(folder.path, Json::object(), 0).add(step_report(5)); }
    RunFolder(folder.path, Json::object(), 300).add(step_report(301));
    const auto files = event_files(folder);
    ASSERT_EQ(files.size(), 2U);
    // Event{step = 301, session_log{START}}: keys 0x10 and 0x3A, 301 as the varint AD 02.
    EXPECT_THAT(read_text(files[1]), HasSubstr("\x10\xAD\x02\x3A\x02\x08\x01"));
    EXPECT_THAT(read_text(files[0]), HasSubstr("\x10\x01\x3A\x02\x08\x01"));
}

TEST(RunFolder, AFolderThatCannotBeMadeOrWrittenIsAnIoError) {
    const TemporaryFolder folder;
    write_text(folder / "file", "in the way");
    for (const std::string& path : {folder / "file", folder / "file/below", std::string("/proc/vglaw-run")}) {
        EXPECT_THAT(message_of([&] { (void)RunFolder(path, Json::object(), 0); }), HasSubstr(path));
    }
}

TEST(RunFolder, AFullDiskIsAnErrorThatSaysSo) {
    const TemporaryFolder folder;
    RunFolder run(folder.path, Json::object(), 0);
    fs::remove(folder / "metrics.jsonl");
    fs::create_symlink("/dev/full", folder / "metrics.jsonl");  // every write fails as on a full disk
    EXPECT_THAT(message_of([&] { run.add(step_report(1)); }),
                testing::AllOf(HasSubstr("metrics.jsonl"), HasSubstr("No space left")));
}

#ifndef VGLAW_MINIMAL
TEST(RunFolder, DrawsCurvesOnceThereIsALine) {
    const TemporaryFolder folder;
    RunFolder run(folder.path, Json::object(), 0);
    run.draw_curves();
    EXPECT_FALSE(fs::exists(folder / "curves.png"));
    run.add(step_report(5));
    run.draw_curves();
    EXPECT_EQ(read_text(folder / "curves.png").substr(1, 3), "PNG");
    EXPECT_THAT(read_text(folder / "curves.svg"), HasSubstr("<svg"));
}
#endif

}  // namespace
}  // namespace vglaw::train
