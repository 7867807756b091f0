// Inside the room only: what the JSON layouts share, over simdjson. Callers use open_dataset.h.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "vglaw/core/error.h"
#include "vglaw/data/segmentation.h"
#include "vglaw/geometry/boxes.h"

namespace vglaw {

struct PixelSize {
    int height = 0, width = 0;
};
/// Throws corrupt_data unless both sides are 1 to 65536 and their product at most 100 million.
[[nodiscard]] PixelSize checked_size(std::int64_t height, std::int64_t width);
/// The name of a file below a folder; throws corrupt_data when it is absolute, has "..", or a zero byte.
[[nodiscard]] std::string checked_name(std::string_view name);
/// COCO_train2014_000000000007.jpg
[[nodiscard]] std::string coco_file_name(std::int64_t image_id);

/// A number, or NaN and infinity as Python's json writes them.
[[nodiscard]] double read_number(simdjson::ondemand::value value);
/// Exactly four numbers; `what` names them in messages.
[[nodiscard]] std::array<double, 4> read_four_numbers(simdjson::ondemand::array array, const char* what);
/// [x, y, width, height]
[[nodiscard]] BoxXyxy read_xywh(simdjson::ondemand::array array);
/// Polygons, run-length dicts in a list, or one run-length dict with compressed or plain counts; null is empty.
/// Polygons of fewer than three points enclose nothing and are left out.
[[nodiscard]] Segmentation read_segmentation(simdjson::ondemand::value value);

/// What is being read, for messages: "annotation 17", "expression '25_1'".
struct JsonPosition {
    const char* kind = "the file";
    std::int64_t id = 0;
    std::string_view key{};

    [[nodiscard]] std::string describe(const std::filesystem::path& path) const;
};

/// Calls read(position in names, value) for each field that `names` has, in the file's order, and skips the others.
/// Throws corrupt_data for a name that is there twice. Bit i of the answer is set when names[i] was there.
template <typename Read>
std::uint32_t read_fields(simdjson::ondemand::object object, std::span<const std::string_view> names, Read read) {
    std::uint32_t seen = 0;
    for (auto field : object) {
        const std::string_view key = field.unescaped_key();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] != key) continue;
            if ((seen >> i) & 1U) fail(ErrorCode::corrupt_data, "the key '{}' is there twice", key);
            seen |= 1U << i;
            read(i, simdjson::ondemand::value(field.value()));
            break;
        }
    }
    return seen;
}

/// Throws corrupt_data naming the first of the first `needed` names that was not seen.
inline void require_fields(std::uint32_t seen, std::span<const std::string_view> names, std::size_t needed) {
    for (std::size_t i = 0; i < needed; ++i) {
        if (((seen >> i) & 1U) == 0) fail(ErrorCode::corrupt_data, "the key '{}' is missing", names[i]);
    }
}

/// The file's text. `holds` says what is in such a file, for the message when there is none. Throws not_found, io, and
/// unsupported above 4 GB.
[[nodiscard]] simdjson::padded_string load_json(const std::filesystem::path& path, std::string_view holds);
/// Runs `read` and puts file and position before what goes wrong; simdjson's failures become corrupt_data.
void translate_json_errors(const std::filesystem::path& path, const JsonPosition& position,
                           const std::function<void()>& read);
/// Throws corrupt_data when anything follows the value that was read.
void require_end(simdjson::ondemand::document& document);
/// Loads and reads one document to its end; failures as in the two above.
void read_json_file(const std::filesystem::path& path, std::string_view holds,
                    const std::function<void(simdjson::ondemand::document&, JsonPosition&)>& read);

}  // namespace vglaw
