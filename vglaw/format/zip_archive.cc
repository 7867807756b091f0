#include "vglaw/format/zip_archive.h"

#include <algorithm>

#include "vglaw/core/error.h"
#include "vglaw/format/inflate.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

// Signatures and sizes of the fixed parts, as in PKWARE's APPNOTE.
constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50, locator64_signature = 0x07064b50;
constexpr std::size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, end64_bytes = 56, locator64_bytes = 20;
constexpr std::size_t max_comment = 0xffff;
constexpr unsigned stored = 0, deflated = 8;

}  // namespace

void ZipArchive::bad(std::string_view reason) const {
    fail(ErrorCode::corrupt_data, "{}: not a readable zip file: {}", origin_, reason);
}

std::uint64_t ZipArchive::number(std::size_t at, std::size_t width) const {
    if (at > bytes_.size() || width > bytes_.size() - at) bad("it is truncated");
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = (value << 8) | bytes_[at + i];
    return value;
}

ZipArchive::ZipArchive(std::span<const std::uint8_t> bytes, std::string origin, std::size_t max_entries)
    : bytes_(bytes), origin_(std::move(origin)) {
    const Directory directory = find_directory();
    if (directory.begin > bytes_.size() || directory.bytes > bytes_.size() - directory.begin) {
        bad("its directory lies beyond its end");
    }
    if (directory.entries > max_entries) {
        fail(ErrorCode::unsupported, "{}: a zip file of {} entries, more than the {} accepted here", origin_,
             directory.entries, max_entries);
    }
    std::size_t at = directory.begin;
    const std::size_t end = directory.begin + directory.bytes;
    for (std::size_t i = 0; i < directory.entries; ++i) at = read_directory_entry(at, end, directory.begin);
    if (at != end) bad("its directory is longer than its entries");
    check_apart();
}

ZipArchive::Directory ZipArchive::find_directory() const {
    if (bytes_.size() < end_bytes) bad("it is truncated");
    const std::size_t last = bytes_.size() - end_bytes, first = last > max_comment ? last - max_comment : 0;
    std::size_t at = last + 1;
    do {
        if (at-- == first) bad("its directory is missing; the file is truncated, fetch it again");
    } while (number(at, 4) != end_signature || number(at + 20, 2) != last - at);  // the comment reaches the file's end
    const auto one_disk = [&](bool holds) {
        if (!holds) fail(ErrorCode::unsupported, "{}: a zip file split into several; join them first", origin_);
    };
    Directory directory{std::size_t(number(at + 16, 4)), std::size_t(number(at + 12, 4)),
                        std::size_t(number(at + 10, 2))};
    if (at < locator64_bytes || number(at - locator64_bytes, 4) != locator64_signature) {
        one_disk(number(at + 4, 2) == 0 && number(at + 6, 2) == 0 && number(at + 8, 2) == directory.entries);
        return directory;
    }
    const std::uint64_t end64 = number(at - locator64_bytes + 8, 8);
    if (end64 > at - locator64_bytes || end64_bytes > at - locator64_bytes - end64)
        bad("its zip64 record is misplaced");
    const std::size_t record = std::size_t(end64);
    if (number(record, 4) != end64_signature) bad("its zip64 record is missing");
    one_disk(number(record + 16, 4) == 0 && number(record + 20, 4) == 0 &&
             number(record + 24, 8) == number(record + 32, 8));
    return {std::size_t(number(record + 48, 8)), std::size_t(number(record + 40, 8)),
            std::size_t(number(record + 32, 8))};
}

std::size_t ZipArchive::read_directory_entry(std::size_t at, std::size_t end, std::size_t data_end) {
    if (end - at < central_bytes || number(at, 4) != central_signature) bad("a directory entry is missing");
    const std::uint64_t flags = number(at + 8, 2);
    const std::size_t name_bytes = number(at + 28, 2), extra_bytes = number(at + 30, 2),
                      comment_bytes = number(at + 32, 2);
    if (name_bytes + extra_bytes + comment_bytes > end - at - central_bytes) bad("a directory entry is truncated");
    const std::string_view name(reinterpret_cast<const char*>(bytes_.data()) + at + central_bytes, name_bytes);

    std::uint64_t size = number(at + 24, 4), packed = number(at + 20, 4), local = number(at + 42, 4);
    // The zip64 field holds only those of the three that did not fit, in this order.
    for (std::size_t extra = at + central_bytes + name_bytes, stop = extra + extra_bytes; stop - extra >= 4;) {
        const std::uint64_t id = number(extra, 2), bytes = number(extra + 2, 2);
        if (bytes > stop - extra - 4) break;  // padding that is no field
        if (id == 1) {
            std::size_t field = extra + 4;
            const std::size_t field_end = field + std::size_t(bytes);
            for (std::uint64_t* value : {&size, &packed, &local}) {
                if (*value != 0xffffffffu) continue;
                if (field_end - field < 8) bad("a zip64 field is too short");
                *value = number(field, 8);
                field += 8;
            }
        }
        extra += 4 + std::size_t(bytes);
    }
    if ((flags & 1u) != 0) {
        fail(ErrorCode::unsupported, "{}: the entry {} is encrypted", origin_, quote(name));
    }
    const auto [slot, fresh] = entries_.try_emplace(std::string(name));
    if (!fresh) bad("the entry " + quote(name) + " is there twice");
    Entry& entry = slot->second;
    entry.method = unsigned(number(at + 10, 2));
    entry.crc = std::uint32_t(number(at + 16, 4));
    entry.size = std::size_t(size);
    if (local > data_end || packed > data_end) bad("the entry " + quote(name) + " lies beyond its end");
    locate(entry, std::size_t(local), std::size_t(packed), name, data_end);
    return at + central_bytes + name_bytes + extra_bytes + comment_bytes;
}

void ZipArchive::locate(Entry& entry, std::size_t local, std::size_t packed_bytes, std::string_view name,
                        std::size_t end) const {
    if (end - local < local_bytes || number(local, 4) != local_signature) {
        bad("the entry " + quote(name) + " is not where the directory says");
    }
    const std::size_t name_bytes = number(local + 26, 2), extra_bytes = number(local + 28, 2);
    if (name_bytes + extra_bytes > end - local - local_bytes ||
        packed_bytes > end - local - local_bytes - name_bytes - extra_bytes) {
        bad("the entry " + quote(name) + " reaches beyond the data");
    }
    if (std::string_view(reinterpret_cast<const char*>(bytes_.data()) + local + local_bytes, name_bytes) != name) {
        bad("the entry " + quote(name) + " has another name in its own header");
    }
    entry.begin = local;
    entry.packed = bytes_.subspan(local + local_bytes + name_bytes + extra_bytes, packed_bytes);
    if (entry.method == stored && packed_bytes != entry.size) {
        bad("the entry " + quote(name) + " is stored, but its two sizes differ");
    }
}

/// Entries that share bytes are how a zip bomb stays small.
void ZipArchive::check_apart() const {
    std::vector<const Entry*> order;
    order.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) order.push_back(&entry);
    std::ranges::sort(order, {}, [](const Entry* entry) { return entry->begin; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const std::size_t end = std::size_t(order[i - 1]->packed.data() - bytes_.data()) + order[i - 1]->packed.size();
        if (order[i]->begin < end) bad("its entries overlap");
    }
}

std::vector<std::string_view> ZipArchive::names() const {
    std::vector<std::string_view> names;
    names.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

std::span<const std::uint8_t> ZipArchive::read(std::string_view name, MemoryBudget& budget) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
        fail(ErrorCode::corrupt_data, "{}: the zip file holds no entry {}", origin_, quote(name));
    }
    Entry& entry = found->second;
    if (entry.method == stored) return entry.packed;
    const std::string where = fmt::format("{}: the entry {}", origin_, quote(name));
    if (entry.method != deflated) {
        fail(ErrorCode::unsupported, "{} is compressed by method {}; zip it again, stored or deflated", where,
             entry.method);
    }
    if (!entry.is_unpacked) {
        budget.take(entry.size);
        entry.unpacked = inflate(entry.packed, entry.size, entry.crc, where);
        entry.is_unpacked = true;
    }
    return entry.unpacked;
}

}  // namespace vglaw
