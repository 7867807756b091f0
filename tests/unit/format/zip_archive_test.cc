#include "vglaw/format/zip_archive.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/format/json_arrays.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using testing::HasSubstr;

std::string little(std::uint64_t value, std::size_t width) {
    std::string bytes;
    for (std::size_t i = 0; i < width; ++i) bytes += i < 8 ? char(std::uint8_t(value >> (8 * i))) : '\0';
    return bytes;
}

struct Part {
    std::string name, data;
    unsigned method = 0, flags = 0;
    std::uint64_t size = 0;  ///< unpacked; 0: that of data
    std::uint32_t crc = 0;
};

/// A zip archive by hand, so that each field can be wrong.
struct Archive {
    std::string bytes;
    std::size_t directory = 0;
};

Archive make_archive(const std::vector<Part>& parts) {
    std::string central, bytes;
    for (const Part& part : parts) {
        const std::string sizes = little(part.data.size(), 4) + little(part.size ? part.size : part.data.size(), 4);
        central += "PK\x01\x02" + little(20, 2) + little(20, 2) + little(part.flags, 2) + little(part.method, 2) +
                   little(0, 4) + little(part.crc, 4) + sizes + little(part.name.size(), 2) + little(0, 12) +
                   little(bytes.size(), 4) + part.name;
        bytes += "PK\x03\x04" + little(20, 2) + little(part.flags, 2) + little(part.method, 2) + little(0, 4) +
                 little(0, 12) + little(part.name.size(), 2) + little(0, 2) + part.name + part.data;
    }
    const std::size_t directory = bytes.size();
    bytes += central + "PK\x05\x06" + little(0, 4) + little(parts.size(), 2) + little(parts.size(), 2) +
             little(central.size(), 4) + little(directory, 4) + little(0, 2);
    return {bytes, directory};
}

ZipArchive open(const std::string& bytes, std::size_t max_entries = 100) {
    return ZipArchive({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "x.zip", max_entries);
}

std::string read(const std::string& bytes, const char* name, std::size_t budget_bytes = 1000) {
    MemoryBudget budget("x.zip", budget_bytes);
    ZipArchive zip = open(bytes);
    const auto found = zip.read(name, budget);
    return {found.begin(), found.end()};
}

std::string refused(const std::string& bytes) {
    return refusal(ErrorCode::corrupt_data, [&] { (void)open(bytes); });
}

/// "aaaa" 250 times, as zlib packs it.
const std::string thousand = std::string("\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00", 11);
constexpr std::uint32_t thousand_crc = 0x9a38da03;

TEST(ZipArchive, ReadsStoredEntriesWhereTheyAre) {
    const Archive archive = make_archive({{"a", "first"}, {"f/b", "second"}});
    EXPECT_EQ(read(archive.bytes, "a"), "first");
    EXPECT_EQ(read(archive.bytes, "f/b", 0), "second") << "without taking memory";
    EXPECT_EQ(open(archive.bytes).names().size(), 2u);
    EXPECT_FALSE(open(archive.bytes).contains("b"));
    EXPECT_EQ(open(make_archive({}).bytes).names().size(), 0u);
}

TEST(ZipArchive, FindsTheDirectoryBehindAComment) {
    Archive archive = make_archive({{"a", "first"}});
    archive.bytes.replace(archive.bytes.size() - 2, 2, little(5, 2));
    archive.bytes += "hello";
    EXPECT_EQ(read(archive.bytes, "a"), "first");
}

TEST(ZipArchive, RefusesNamesThatRepeatAndEntriesThatOverlap) {
    EXPECT_THAT(refused(make_archive({{"a", "1"}, {"a", "2"}}).bytes), HasSubstr("twice"));
    // The same local header twice: how a bomb of a few kilobytes unpacks to petabytes.
    Archive archive = make_archive({{"a", "1"}, {"a", "2"}});
    const std::size_t second = archive.bytes.find("PK\x01\x02", archive.directory + 4);
    archive.bytes.replace(second + 42, 4, little(0, 4));
    EXPECT_THAT(refused(archive.bytes), HasSubstr("twice"));
    Archive inner =
        make_archive({{"a", "PK\x03\x04" + std::string(22, '\0') + little(1, 2) + little(0, 2) + "b!"}, {"b", "!"}});
    const std::size_t b = inner.bytes.find("PK\x01\x02", inner.directory + 4);
    inner.bytes.replace(b + 42, 4, little(31, 4));
    EXPECT_THAT(refused(inner.bytes), HasSubstr("overlap"));
}

TEST(ZipArchive, RefusesAHeaderThatContradictsTheDirectory) {
    Archive other_name = make_archive({{"a", "1"}});
    other_name.bytes[30] = 'b';
    EXPECT_THAT(refused(other_name.bytes), HasSubstr("another name"));
    EXPECT_THAT(refused(make_archive({{"a", "1", 0, 0, 7}}).bytes), HasSubstr("sizes differ"));
    Archive elsewhere = make_archive({{"a", "1"}});
    elsewhere.bytes.replace(elsewhere.directory + 42, 4, little(2, 4));
    EXPECT_THAT(refused(elsewhere.bytes), HasSubstr("not where the directory says"));
    elsewhere.bytes.replace(elsewhere.directory + 42, 4, little(0xfffffffe, 4));
    EXPECT_THAT(refused(elsewhere.bytes), HasSubstr("beyond its end"));
    Archive long_data = make_archive({{"a", "1"}});
    for (const std::size_t field : {20u, 24u}) long_data.bytes.replace(long_data.directory + field, 4, little(2, 4));
    EXPECT_THAT(refused(long_data.bytes), HasSubstr("reaches beyond the data"));
}

TEST(ZipArchive, RefusesAbsurdCountsAndSizes) {
    Archive archive = make_archive({{"a", "1"}});
    const std::size_t end = archive.bytes.size() - 22;
    const auto changed = [&](std::size_t field, std::uint64_t value, std::size_t width) {
        std::string bytes = archive.bytes;
        return bytes.replace(end + field, width, little(value, width));
    };
    EXPECT_THAT(refused(changed(16, 0x7fffffff, 4)), HasSubstr("beyond its end"));
    EXPECT_THAT(refused(changed(12, 0x7fffffff, 4)), HasSubstr("beyond its end"));
    EXPECT_THAT(refused(changed(8, 0x00020002, 4)), HasSubstr("missing"));
    EXPECT_THAT(refused(changed(8, 0, 4)), HasSubstr("longer than its entries"));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)open(changed(8, 0x03e803e8, 4)); }),
                HasSubstr("1000 entries"));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)open(changed(4, 1, 2)); }), HasSubstr("join them"));
}

TEST(ZipArchive, UnpacksWithinABudgetAndToTheSizePromised) {
    const auto packed = [](std::uint64_t size, std::uint32_t crc = thousand_crc) {
        return make_archive({{"a", thousand, 8, 0, size, crc}}).bytes;
    };
    EXPECT_EQ(read(packed(1000), "a"), std::string(1000, 'a'));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)read(packed(1000), "a", 999); }), HasSubstr("999 bytes"));
    const auto damaged = [](const std::string& bytes) {
        return refusal(ErrorCode::corrupt_data, [&] { (void)read(bytes, "a", 2000); });
    };
    EXPECT_THAT(damaged(packed(999)), HasSubstr("unpacks to more"));
    EXPECT_THAT(damaged(packed(1001)), HasSubstr("unpacks to 1000"));
    EXPECT_THAT(damaged(packed(1000, 1)), HasSubstr("checksum"));
    EXPECT_THAT(damaged(make_archive({{"a", thousand.substr(0, 6), 8, 0, 1000, thousand_crc}}).bytes),
                HasSubstr("truncated"));
    EXPECT_THAT(damaged(make_archive({{"a", "\xff\xff\xff", 8, 0, 1000, 0}}).bytes), HasSubstr("damaged"));
    EXPECT_THAT(damaged(packed(1000) + "x"), HasSubstr("directory is missing"));
}

TEST(ZipArchive, RefusesEncryptionAndOtherCompressionByName) {
    EXPECT_THAT(refusal(ErrorCode::unsupported,
                        [] {
                            (void)open(make_archive({{"a", "1", 0, 1}}).bytes);
                        }),
                HasSubstr("encrypted"));
    EXPECT_THAT(refusal(ErrorCode::unsupported,
                        [] {
                            (void)read(make_archive({{"a", "1", 12, 0, 5}}).bytes, "a");
                        }),
                HasSubstr("method 12"));
    EXPECT_THAT(refusal(ErrorCode::corrupt_data,
                        [] {
                            (void)read(make_archive({{"a", "1"}}).bytes, "b");
                        }),
                HasSubstr("no entry \"b\""));
}

TEST(ZipArchive, ReadsZip64) {
    // torch.save writes a zip64 directory, however small the file.
    const auto bytes = read_file(torch_golden("state.pth"));
    const std::string text(bytes.begin(), bytes.end());
    ASSERT_NE(text.find("PK\x06\x06"), std::string::npos);
    EXPECT_TRUE(open(text).contains("state/data.pkl"));
    std::string broken = text;
    broken.replace(text.find("PK\x06\x07") + 8, 8, little(~std::uint64_t{0}, 8));
    EXPECT_THAT(refused(broken), HasSubstr("zip64"));
    broken = text;
    broken.replace(text.find("PK\x06\x06") + 48, 8, little(~std::uint64_t{0}, 8));
    EXPECT_THAT(refused(broken), HasSubstr("beyond its end"));
}

}  // namespace
}  // namespace vglaw
