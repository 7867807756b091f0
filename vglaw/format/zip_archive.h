// Reads zip archives, zip64 included, as torch.save and the usual zip programs write them (formats.md 6.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/format/memory_budget.h"

namespace vglaw {

/// Sizes come from the central directory: torch.save leaves them 0 in the local headers. An archive is refused when
/// names repeat, entries overlap, or the two headers of an entry disagree about its name: different readers would then
/// see different files in it. Use from one thread at a time.
class ZipArchive {
public:
    /// The bytes must outlive the archive. Throws corrupt_data or unsupported (encrypted, split over several files,
    /// more than `max_entries` entries); `origin` names the file.
    ZipArchive(std::span<const std::uint8_t> bytes, std::string origin, std::size_t max_entries);

    [[nodiscard]] std::vector<std::string_view> names() const;
    [[nodiscard]] bool contains(std::string_view name) const { return entries_.find(name) != entries_.end(); }

    /// An entry's bytes: where they are if it is stored, unpacked once and kept if it is compressed (counted in
    /// `budget`). Valid as long as the archive. Throws corrupt_data (absent, damaged) or unsupported (another
    /// compression). Stored bytes are not checked against their CRC, which torch.save can be told to leave out.
    [[nodiscard]] std::span<const std::uint8_t> read(std::string_view name, MemoryBudget& budget);

private:
    struct Entry {
        unsigned method = 0;
        std::uint32_t crc = 0;
        std::size_t size = 0, begin = 0;
        std::span<const std::uint8_t> packed;
        std::vector<std::uint8_t> unpacked;
        bool is_unpacked = false;
    };
    struct Directory {
        std::size_t begin = 0, bytes = 0, entries = 0;
    };

    [[noreturn]] void bad(std::string_view reason) const;
    [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t width) const;
    [[nodiscard]] Directory find_directory() const;
    std::size_t read_directory_entry(std::size_t at, std::size_t end, std::size_t data_end);
    void locate(Entry& entry, std::size_t local, std::size_t packed_bytes, std::string_view name,
                std::size_t end) const;
    void check_apart() const;

    std::span<const std::uint8_t> bytes_;
    std::string origin_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace vglaw
