#include "vglaw/format/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
constexpr double second = 1732449600.25;

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "vglaw-events-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

TEST(EventFile, EqualsTensorBoardsOwnWriterByteForByte) {
    const Folder folder;
    const EventFile events(folder.path, 101, second);
    events.add(0, std::vector<Scalar>{{"train/loss", 4.5}}, second + 1);
    events.add(200, std::vector<Scalar>{{"train/loss", 0.1}, {"train/data_wait", 0}, {"val/prec@0.5", -1.5}},
               second + 2.5);
    events.add(300, {}, second + 3);  // nothing to say
    std::string name;
    for (int i = 0; i < 5; ++i) name += "a name of more than 127 bytes ";
    events.add(5'000'000'000, std::vector<Scalar>{{name, 3.4e38}, {"größe", std::numeric_limits<double>::infinity()}},
               second + 1e6);
    EXPECT_EQ(read_file(events.path()), read_file(VGLAW_SOURCE_DIR "/tests/golden/format/events.tfevents"));
}

TEST(EventFile, IsReadAfterEveryEarlierOneOfItsFolder) {
    const Folder folder;
    const EventFile first(folder.path, 0, second);
    EXPECT_EQ(first.path().filename(), "events.out.tfevents.1732449600.vglaw");
    const EventFile same_second(folder.path, 0, second);
    const EventFile clock_set_back(folder.path, 0, 5);
    const EventFile later(folder.path, 0, second + 100);
    EXPECT_LT(first.path(), same_second.path());
    EXPECT_LT(same_second.path(), clock_set_back.path());
    EXPECT_LT(clock_set_back.path(), later.path());
    EXPECT_EQ(later.path().filename(), "events.out.tfevents.1732449700.vglaw");
    write_text(folder.path / "events.out.tfevents.x.host.1.0", "");  // somebody else's
    EXPECT_LT(later.path(), EventFile(folder.path, 0, second).path());
}

TEST(EventFile, SaysWhatCannotBeWritten) {
    try {
        EventFile("/no-such-folder", 0, second);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io);
        EXPECT_THAT(error.what(), testing::HasSubstr("/no-such-folder"));
    }
    const Folder folder;
    const EventFile events(folder.path, 0, second);
    fs::remove(events.path());
    fs::create_symlink("/dev/full", events.path());  // every write fails as on a full disk
    EXPECT_THROW(events.add(1, std::vector<Scalar>{{"train/loss", 1}}, second), Error);
}

}  // namespace
}  // namespace vglaw
