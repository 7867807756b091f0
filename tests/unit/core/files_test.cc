#include "vglaw/core/files.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/unit/core/refusal.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A folder of its own, removed afterwards.
class Files : public testing::Test {
protected:
    void SetUp() override {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder = fs::path(testing::TempDir()) / (std::string("files_test_") + test->name());
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    void TearDown() override { fs::remove_all(folder); }
    std::size_t entries() const { return std::size_t(std::distance(fs::directory_iterator(folder), {})); }

    fs::path folder;
};

/// No file of this process may grow beyond `bytes` while it lives: what a full disk looks like to write().
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

TEST_F(Files, ReadsBackWhatItWrites) {
    const std::vector<std::uint8_t> bytes{0, 255, 10, 13, 0};
    write_file(folder / "a", bytes);
    EXPECT_EQ(read_file(folder / "a"), bytes);
    write_text(folder / "a", "other\n");
    EXPECT_EQ(read_text(folder / "a"), "other\n");
    EXPECT_EQ(entries(), 1u);  // nothing is left beside it
}

TEST_F(Files, RefusesAFileAboveTheBound) {
    write_text(folder / "a", "12345");
    EXPECT_EQ(read_text(folder / "a", 5), "12345");
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)read_text(folder / "a", 4); }),
                HasSubstr("is 5 bytes, more than the 4"));
}

TEST_F(Files, TellsAMissingFileFromAFolderAndADevice) {
    const auto missing = folder / "nowhere" / "a";
    EXPECT_THAT(refusal(ErrorCode::not_found, [&] { (void)read_file(missing); }), HasSubstr(missing.string()));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)read_file(folder); }), HasSubstr("not a regular file"));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [] { (void)read_file("/dev/zero"); }), HasSubstr("not a regular file"));
    EXPECT_THAT(refusal(ErrorCode::not_found, [&] { MappedFile mapped(missing); }), HasSubstr(missing.string()));
}

TEST_F(Files, AFullDiskLeavesTheOldFileAndNothingBeside) {
    write_text(folder / "a", "old");
    {
        const FullDisk full(1000);
        EXPECT_THAT(refusal(ErrorCode::io, [&] { write_text(folder / "a", std::string(5000, 'x')); }),
                    HasSubstr("cannot write " + (folder / "a").string()));
    }
    EXPECT_EQ(read_text(folder / "a"), "old");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, WithoutCommitTheOldFileStays) {
    write_text(folder / "a", "old");
    {
        AtomicFile file(folder / "a");
        file.write("new");
        EXPECT_EQ(read_text(folder / "a"), "old");
    }
    EXPECT_EQ(read_text(folder / "a"), "old");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, RefusesToWriteIntoAMissingFolderOrOverAFolder) {
    const auto missing = folder / "nowhere" / "a";
    EXPECT_THAT(refusal(ErrorCode::io, [&] { write_text(missing, "x"); }), HasSubstr(missing.string()));
    fs::create_directory(folder / "b");
    EXPECT_THAT(refusal(ErrorCode::io, [&] { write_text(folder / "b", "x"); }), HasSubstr("cannot write"));
    EXPECT_TRUE(fs::is_directory(folder / "b"));
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, NeverReplacesAPipeOrADevice) {
    const auto pipe = folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(refusal(ErrorCode::io, [&] { write_text(pipe, "x"); }), HasSubstr("not a regular file"));
    EXPECT_TRUE(fs::is_fifo(pipe));
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, WritesWhatALinkPointsTo) {
    write_text(folder / "a", "old");
    fs::create_symlink("a", folder / "link");
    write_text(folder / "link", "new");
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(read_text(folder / "a"), "new");
}

TEST_F(Files, TwoWritersOfOneFileDoNotMix) {
    AtomicFile first(folder / "a"), second(folder / "a");
    first.write("11111");
    second.write("22");
    first.commit();
    EXPECT_EQ(read_text(folder / "a"), "11111");
    second.commit();
    EXPECT_EQ(read_text(folder / "a"), "22");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, MapsAFileAndAnEmptyOne) {
    write_text(folder / "a", "abc");
    const MappedFile mapped(folder / "a");
    EXPECT_THAT(mapped.bytes(), ElementsAre('a', 'b', 'c'));
    write_text(folder / "a", "replaced");  // renamed over: the mapping keeps the old file
    EXPECT_THAT(mapped.bytes(), ElementsAre('a', 'b', 'c'));
    write_text(folder / "empty", "");
    EXPECT_TRUE(MappedFile(folder / "empty").bytes().empty());
    EXPECT_TRUE(read_file(folder / "empty").empty());
}

}  // namespace
}  // namespace vglaw
