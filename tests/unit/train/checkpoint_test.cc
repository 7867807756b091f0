#include "vglaw/train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/train/tiny_experiment.h"
#include "vglaw/format/safetensors.h"

namespace vglaw::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Checkpoint example(std::int64_t step) {
    Checkpoint checkpoint;
    checkpoint.step = step;
    checkpoint.best = 0.1 + double(step);
    checkpoint.config["train"]["seed"] = 5;
    checkpoint.data = {{"train", {{"name", "scenes"}, {"size", 13}}}};
    checkpoint.log = {{"steps", 2}, {"sums", {1.0 / 3, 2}}};
    checkpoint.weights["head.weight"] = torch::full({2, 3}, double(step) / 3);
    checkpoint.optimizer["exp_avg.head.weight"] = torch::full({2, 3}, -1e-30);
    checkpoint.optimizer["step_count.head.weight"] = torch::tensor({step}, torch::kLong);
    return checkpoint;
}

std::vector<std::string> files_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string file_name(int step) { return fmt::format("checkpoint-{:010d}.safetensors", step); }

TEST(Checkpoint, ReadsBackWhatWasWrittenToTheBit) {
    const TemporaryFolder folder;
    const auto written = example(7);
    write_checkpoint(folder.path, written, 2);
    std::string warning;
    const auto read = read_newest_checkpoint(folder.path, warning);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(warning, "");
    EXPECT_EQ(read->step, 7);
    EXPECT_EQ(read->best, written.best);
    EXPECT_EQ(read->config, written.config);
    EXPECT_EQ(read->log, written.log);
    EXPECT_EQ(read->data, written.data);
    ASSERT_EQ(read->weights.size(), 1U);
    EXPECT_TRUE(torch::equal(read->weights.at("head.weight"), written.weights.at("head.weight")));
    ASSERT_EQ(read->optimizer.size(), 2U);
    for (const auto& [name, tensor] : written.optimizer) EXPECT_TRUE(torch::equal(read->optimizer.at(name), tensor));
}

TEST(Checkpoint, AnEmptyOrMissingFolderHoldsNone) {
    const TemporaryFolder folder;
    std::string warning;
    EXPECT_FALSE(read_newest_checkpoint(folder.path, warning).has_value());
    EXPECT_FALSE(read_newest_checkpoint(folder.path / "missing", warning).has_value());
    EXPECT_FALSE(holds_checkpoints(folder.path));
    EXPECT_EQ(warning, "");
}

TEST(Checkpoint, KeepsTheNewest) {
    const TemporaryFolder folder;
    for (const int step : {2, 4, 6, 10}) write_checkpoint(folder.path, example(step), 2);
    EXPECT_THAT(files_in(folder.path), testing::ElementsAre(file_name(6), file_name(10)));
}

TEST(Checkpoint, ATornNewestFileIsReportedAndTheOneBeforeItTaken) {
    const TemporaryFolder folder;
    for (const int step : {2, 4}) write_checkpoint(folder.path, example(step), 3);
    for (const std::uintmax_t size :
         {fs::file_size(folder / file_name(4)) - 1, std::uintmax_t{20}, std::uintmax_t{0}}) {
        fs::resize_file(folder / file_name(4), size);
        std::string warning;
        const auto read = read_newest_checkpoint(folder.path, warning);
        ASSERT_TRUE(read.has_value()) << size;
        EXPECT_EQ(read->step, 2);
        EXPECT_THAT(warning, HasSubstr(file_name(4)));
        EXPECT_THAT(warning, HasSubstr("taking the one before it"));
        EXPECT_EQ(warning.find('\n'), std::string::npos);
    }
}

TEST(Checkpoint, GarbageOfTheRightLengthIsRecognised) {
    const TemporaryFolder folder;
    for (const int step : {2, 4}) write_checkpoint(folder.path, example(step), 3);
    const auto whole = read_text(folder / file_name(4));
    const auto header = std::size_t(8) + std::size_t(std::uint8_t(whole[0])) + 256 * std::uint8_t(whole[1]);
    ASSERT_LT(header, whole.size());
    for (const std::size_t at : {header, whole.size() - 1}) {  // the first and the last byte of the tensors
        auto damaged = whole;
        damaged[at] = char(damaged[at] ^ 1);
        write_text(folder / file_name(4), damaged);
        std::string warning;
        const auto read = read_newest_checkpoint(folder.path, warning);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->step, 2) << at;
        EXPECT_THAT(warning, testing::AllOf(HasSubstr(file_name(4)), HasSubstr("taking the one before it")));
    }
}

TEST(Checkpoint, ATornLaterFileDoesNotPushOutTheOneJustWritten) {
    const TemporaryFolder folder;
    write_checkpoint(folder.path, example(2), 1);
    write_text(folder / file_name(6), "torn");
    write_checkpoint(folder.path, example(4), 1);
    EXPECT_THAT(files_in(folder.path), testing::ElementsAre(file_name(4)));
}

TEST(Checkpoint, RefusesAFolderWhereNoneCanBeRead) {
    const TemporaryFolder folder;
    write_text(folder / file_name(2), "torn");
    EXPECT_TRUE(holds_checkpoints(folder.path));
    std::string warning;
    EXPECT_THAT(message_of([&] { (void)read_newest_checkpoint(folder.path, warning); }),
                testing::AllOf(HasSubstr(file_name(2)), HasSubstr("remove")));
}

TEST(Checkpoint, LeavesForeignFilesAloneAndRemovesWhatAKilledWriteLeft) {
    const TemporaryFolder folder;
    const std::vector<std::string> foreign = {"checkpoint-best.safetensors", "checkpoint-12.safetensors",
                                              "checkpoint-0000000001.safetensors.keep", "model.safetensors",
                                              "notes.tmp"};
    for (const auto& name : foreign) write_text(folder / name, "mine");
    EXPECT_FALSE(holds_checkpoints(folder.path));
    write_text(folder / (file_name(1) + ".4711.tmp"), "half a checkpoint");
    for (const int step : {1, 2}) write_checkpoint(folder.path, example(step), 1);
    auto expected = foreign;
    expected.push_back(file_name(2));
    EXPECT_THAT(files_in(folder.path), testing::UnorderedElementsAreArray(expected));
}

TEST(Checkpoint, ASafetensorsFileThatIsNoCheckpointIsNamed) {
    const TemporaryFolder folder;
    write_checkpoint(folder.path, example(1), 3);
    write_safetensors(folder.path / file_name(2), {}, {{"format", "pt"}});
    write_safetensors(folder.path / file_name(3), {},
                      {{"vglaw.checkpoint", "{\"step\": -1, \"best\": 0, \"config\": {}}"}});
    write_safetensors(folder.path / file_name(4), {}, {{"vglaw.checkpoint", "{\"step\": \"x\"}"}});
    write_safetensors(folder.path / file_name(5), {}, {{"vglaw.checkpoint", "no json"}});
    std::string warning;
    const auto read = read_newest_checkpoint(folder.path, warning);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->step, 1);
    for (const int step : {2, 3, 4, 5}) EXPECT_THAT(warning, HasSubstr(file_name(step)));
}

TEST(Checkpoint, AFolderThatCannotBeWrittenIsAnIoError) {
    try {
        write_checkpoint("/proc/vglaw-no-such-folder", example(1), 1);
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io);
        EXPECT_THAT(error.what(), HasSubstr("/proc/vglaw-no-such-folder"));
    }
}

}  // namespace
}  // namespace vglaw::train
