#include "vglaw/core/resumable_lines.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/unit/core/refusal.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ResumableLinesTest : public testing::Test {
protected:
    void SetUp() override {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder = fs::path(testing::TempDir()) / (std::string("resumable_lines_test_") + test->name());
        fs::remove_all(folder);
        fs::create_directories(folder);
        path = folder / "out.jsonl";
    }
    void TearDown() override { fs::remove_all(folder); }

    static std::vector<std::string> recovered(ResumableLines& lines) {
        std::vector<std::string> seen;
        lines.recover([&](std::string_view line) { seen.emplace_back(line); });
        return seen;
    }

    fs::path folder, path;
};

TEST_F(ResumableLinesTest, GoesOnAfterTheLastWholeLine) {
    {
        ResumableLines lines(path);
        EXPECT_TRUE(lines.empty());
        EXPECT_THAT(recovered(lines), IsEmpty());
        lines.append("one\ntwo\n");
        lines.flush();
    }
    ResumableLines lines(path);
    EXPECT_THAT(recovered(lines), ElementsAre("one", "two"));
    lines.append("three\n");
    EXPECT_EQ(read_text(path), "one\ntwo\nthree\n");
}

TEST_F(ResumableLinesTest, CutsOffATornLastLine) {
    write_text(path, "one\n\ntw");
    ResumableLines lines(path);
    EXPECT_THAT(recovered(lines), ElementsAre("one", ""));
    EXPECT_EQ(read_text(path), "one\n\n");
    lines.append("two\n");
    EXPECT_EQ(read_text(path), "one\n\ntwo\n");
}

TEST_F(ResumableLinesTest, TornFirstLineLeavesAnEmptyFile) {
    write_text(path, "on");
    ResumableLines lines(path);
    EXPECT_THAT(recovered(lines), IsEmpty());
    EXPECT_TRUE(lines.empty());
}

TEST_F(ResumableLinesTest, LeavesAFileThatTheCallerRefusesAsItWas) {
    write_text(path, "somebody else's\nnotes");
    ResumableLines lines(path);
    EXPECT_THROW(lines.recover([](std::string_view) { fail(ErrorCode::invalid_argument, "not mine"); }), Error);
    EXPECT_EQ(read_text(path), "somebody else's\nnotes");
}

TEST_F(ResumableLinesTest, RefusesASecondWriterUntilTheFirstHasEnded) {
    {
        const ResumableLines first(path);
        EXPECT_THAT(refusal(ErrorCode::io, [&] { ResumableLines second(path); }),
                    HasSubstr("is being written by another process"));
    }
    EXPECT_NO_THROW(ResumableLines{path});
}

TEST_F(ResumableLinesTest, RefusesWhatIsNoRegularFile) {
    EXPECT_THAT(refusal(ErrorCode::io, [&] { ResumableLines lines(folder); }), HasSubstr("cannot write"));
    EXPECT_THAT(refusal(ErrorCode::io, [&] { ResumableLines lines("/dev/null"); }), HasSubstr("not a regular file"));
    EXPECT_THAT(refusal(ErrorCode::io, [&] { ResumableLines lines(folder / "no" / "such.jsonl"); }),
                HasSubstr("No such file"));
}

TEST_F(ResumableLinesTest, TakesBackTheLinesThatDidNotFitOnTheDisk) {
    ResumableLines lines(path);
    lines.append("one\n");
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message = refusal(ErrorCode::io, [&] { lines.append("two, which is too long\n"); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_THAT(message, HasSubstr("File too large"));
    EXPECT_EQ(read_text(path), "one\n");
    lines.append("two\n");
    EXPECT_EQ(read_text(path), "one\ntwo\n");
}

}  // namespace
}  // namespace vglaw
