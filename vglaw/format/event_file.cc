#include "vglaw/format/event_file.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>

#include "vglaw/core/error.h"
#include "vglaw/format/crc32c.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view prefix = "events.out.tfevents.";

template <typename Integer>
void put_little_endian(std::string& out, Integer value) {
    for (std::size_t i = 0; i < sizeof(value); ++i) out += char((value >> (8 * i)) & 0xFFU);
}

void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += char((value & 0x7FU) | 0x80U);
    out += char(value);
}

/// Protobuf's wire types.
enum Wire : std::uint64_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void put_key(std::string& out, std::uint64_t field, Wire wire) { put_varint(out, field << 3U | wire); }

void put_bytes(std::string& out, std::uint64_t field, std::string_view value) {
    put_key(out, field, bytes);
    put_varint(out, value.size());
    out += value;
}

/// Event{wall_time = 1, step = 2}; like every writer of proto3, without a field whose value is 0.
std::string event_head(std::int64_t step, double wall_time) {
    std::string out;
    if (const auto bits = std::bit_cast<std::uint64_t>(wall_time); bits != 0) {
        put_key(out, 1, fixed64);
        put_little_endian(out, bits);
    }
    if (step != 0) {
        put_key(out, 2, varint);
        put_varint(out, std::uint64_t(step));
    }
    return out;
}

/// Summary.Value{tag = 1, simple_value = 2}, the second of a oneof and so written even when it is 0.
std::string summary_value(const Scalar& scalar) {
    std::string out;
    if (!scalar.tag.empty()) put_bytes(out, 1, scalar.tag);
    put_key(out, 2, fixed32);
    put_little_endian(out, std::bit_cast<std::uint32_t>(float(scalar.value)));
    return out;
}

/// TFRecord's masked checksum: a checksum of data that hold checksums would be weak.
std::uint32_t masked_crc(std::string_view data) {
    const std::uint32_t crc = crc32c(data);
    return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

std::string record(std::string_view message) {
    std::string out;
    put_little_endian(out, std::uint64_t(message.size()));
    put_little_endian(out, masked_crc(std::string_view(out).substr(0, 8)));
    out += message;
    put_little_endian(out, masked_crc(message));
    return out;
}

void append(const fs::path& path, std::string_view records) {
    errno = 0;
    std::ofstream out(path, std::ios::app | std::ios::binary);
    out << records;
    out.flush();
    if (!out) fail(ErrorCode::io, "cannot append to {}: {}", path.string(), std::strerror(errno));
}

/// Files are read in the order of their names, so of the ten digits of the seconds; two runs within one second and a
/// clock that was set back must not change places.
std::int64_t free_second(const fs::path& folder, double wall_time) {
    std::int64_t second = std::max(std::int64_t(wall_time), std::int64_t(0));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        std::int64_t taken = 0;
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), taken);
        if (taken < 9'999'999'999) second = std::max(second, taken + 1);
    }
    if (error) fail(ErrorCode::io, "cannot list {}: {}", folder.string(), error.message());
    return second;
}

}  // namespace

EventFile::EventFile(const fs::path& folder, std::int64_t first_step, double wall_time)
    : path_(folder / fmt::format("{}{:010d}.vglaw", prefix, free_second(folder, wall_time))) {
    std::string version = event_head(0, wall_time);
    put_bytes(version, 3, "brain.Event:2");  // Event.file_version; from 2 on a session start is believed
    std::string start = event_head(first_step, wall_time);
    put_bytes(start, 7, "\x08\x01");  // Event.session_log = SessionLog{status = 1: START}
    append(path_, record(version) + record(start));
}

void EventFile::add(std::int64_t step, std::span<const Scalar> scalars, double wall_time) const {
    if (scalars.empty()) return;
    std::string summary;  // Summary{repeated value = 1}
    for (const Scalar& scalar : scalars) put_bytes(summary, 1, summary_value(scalar));
    std::string event = event_head(step, wall_time);
    put_bytes(event, 5, summary);  // Event.summary
    append(path_, record(event));
}

double seconds_since_1970() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace vglaw
