#include "vglaw/data/annotation_json.h"

#include <array>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"

namespace vglaw {

namespace {

using simdjson::ondemand::json_type;
using JsonArray = simdjson::ondemand::array;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

constexpr int kMaxSide = 1 << 16;
constexpr std::int64_t kMaxPixels = 100'000'000;
constexpr std::uintmax_t kMaxFile = 4'000'000'000;  // simdjson's own limit is 4 GiB

// The numbers of an array that must have exactly N.
template <std::size_t N>
std::array<double, N> read_numbers(JsonArray array, const char* what) {
    std::array<double, N> numbers{};
    std::size_t count = 0;
    for (auto element : array) {
        if (count < N) numbers[count] = read_number(element.value());
        ++count;
    }
    if (count != N) fail(ErrorCode::corrupt_data, "{} has {} numbers instead of {}", what, count, N);
    return numbers;
}

void read_polygon(JsonArray array, Segmentation& segmentation) {
    Polygon polygon;
    for (auto element : array) polygon.push_back(element.get_double());
    if (polygon.size() % 2 != 0) {
        fail(ErrorCode::corrupt_data, "a polygon has {} numbers, not pairs of x and y", polygon.size());
    }
    if (polygon.size() < 6) return;
    polygon.shrink_to_fit();
    segmentation.polygons.push_back(std::move(polygon));
}

void read_runs(JsonObject object, Segmentation& segmentation) {
    const auto numbers = read_numbers<2>(object["size"].get_array(), "a run-length size");
    for (const double number : numbers) {
        if (number != std::floor(number) || std::abs(number) > kMaxSide) {
            fail(ErrorCode::corrupt_data, "a run-length size has {}, which is not a number of pixels", number);
        }
    }
    const PixelSize size = checked_size(std::int64_t(numbers[0]), std::int64_t(numbers[1]));
    JsonValue counts = object["counts"];
    if (counts.type() == json_type::string) {
        segmentation.runs.push_back(from_coco_string(std::string_view(counts.get_string()), size.height, size.width));
        return;
    }
    Rle rle{size.height, size.width, {}};
    std::uint64_t sum = 0;
    const std::uint64_t pixels = std::uint64_t(size.height) * std::uint64_t(size.width);
    for (auto element : counts.get_array()) {
        const std::uint64_t count = element.get_uint64();
        // Compared before adding, so that no sum of numbers from outside can wrap.
        if (count > pixels - sum) break;
        sum += count;
        rle.counts.push_back(std::uint32_t(count));
    }
    if (sum != pixels) {
        fail(ErrorCode::corrupt_data, "the run lengths of a mask of {}x{} pixels do not add up to its size", size.width,
             size.height);
    }
    rle.counts.shrink_to_fit();
    segmentation.runs.push_back(std::move(rle));
}

}  // namespace

PixelSize checked_size(std::int64_t height, std::int64_t width) {
    if (height < 1 || width < 1 || height > kMaxSide || width > kMaxSide || height * width > kMaxPixels) {
        fail(ErrorCode::corrupt_data, "a size of {}x{} pixels is not believable", width, height);
    }
    return {int(height), int(width)};
}

double read_number(JsonValue value) {
    double number = 0;
    if (value.get_double().get(number) == simdjson::SUCCESS) return number;
    // Python's json writes these words, which are not JSON; the caller decides what they mean.
    const std::string_view token = value.raw_json_token();
    if (token.starts_with("NaN")) return std::numeric_limits<double>::quiet_NaN();
    if (token.starts_with("Infinity")) return std::numeric_limits<double>::infinity();
    if (token.starts_with("-Infinity")) return -std::numeric_limits<double>::infinity();
    return value.get_double();  // throws simdjson's own reason
}

Segmentation read_segmentation(JsonValue value) {
    Segmentation segmentation;
    if (value.type() == json_type::object) {
        read_runs(value.get_object(), segmentation);
        return segmentation;
    }
    if (value.is_null()) return segmentation;
    for (auto element : value.get_array()) {
        JsonValue part = element.value();
        const json_type type = part.type();
        if (type == json_type::array) {
            read_polygon(part.get_array(), segmentation);
        } else if (type == json_type::object) {
            read_runs(part.get_object(), segmentation);
        } else {
            fail(ErrorCode::corrupt_data, "a segmentation holds something that is neither a polygon nor run lengths");
        }
    }
    return segmentation;
}

std::array<double, 4> read_four_numbers(JsonArray array, const char* what) { return read_numbers<4>(array, what); }

BoxXyxy read_xywh(JsonArray array) {
    const auto [x, y, width, height] = read_numbers<4>(array, "bbox");
    return {float(x), float(y), float(x + width), float(y + height)};
}

// A name from outside never leads out of the image folder.
std::string checked_name(std::string_view name) {
    const std::filesystem::path path(name);
    bool escapes = path.is_absolute() || name.find('\0') != std::string_view::npos;
    for (const auto& part : path) escapes = escapes || part == "..";
    if (escapes) fail(ErrorCode::corrupt_data, "the file name '{}' leads out of its folder", name);
    return std::string(name);
}

std::string coco_file_name(std::int64_t image_id) { return fmt::format("COCO_train2014_{:012}.jpg", image_id); }

simdjson::padded_string load_json(const std::filesystem::path& path, std::string_view holds) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        fail(ErrorCode::not_found, "{} does not exist; it holds {}", path.string(), holds);
    }
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error && size > kMaxFile) {
        fail(ErrorCode::unsupported, "{} is {} bytes, more than the {} accepted here", path.string(), size, kMaxFile);
    }
    simdjson::padded_string text;
    if (const auto failure = simdjson::padded_string::load(path.string()).get(text)) {
        fail(ErrorCode::io, "cannot read {}: {}", path.string(), simdjson::error_message(failure));
    }
    // Editors on Windows put a byte-order mark before the first brace.
    const std::string_view all = text;
    if (all.starts_with("\xEF\xBB\xBF")) return simdjson::padded_string(all.substr(3));
    return text;
}

std::string JsonPosition::describe(const std::filesystem::path& path) const {
    if (!key.empty()) return fmt::format("{}: {} {}", path.string(), kind, quote(key));
    if (id != 0) return fmt::format("{}: {} {}", path.string(), kind, id);
    return fmt::format("{}: {}", path.string(), kind);
}

void require_end(simdjson::ondemand::document& document) {
    // At its end a document has no location any more.
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
        fail(ErrorCode::corrupt_data, "something follows the end of the JSON");
    }
}

void read_json_file(const std::filesystem::path& path, std::string_view holds,
                    const std::function<void(simdjson::ondemand::document&, JsonPosition&)>& read) {
    const simdjson::padded_string text = load_json(path, holds);
    simdjson::ondemand::parser parser;  // outlives what is caught: a position's key points into it
    JsonPosition position;
    translate_json_errors(path, position, [&] {
        simdjson::ondemand::document document = parser.iterate(text);
        read(document, position);
        require_end(document);
    });
}

void translate_json_errors(const std::filesystem::path& path, const JsonPosition& position,
                           const std::function<void()>& read) {
    try {
        read();
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", position.describe(path), error.what()));
    } catch (const simdjson::simdjson_error& error) {
        const ErrorCode code = error.error() == simdjson::MEMALLOC ? ErrorCode::io : ErrorCode::corrupt_data;
        throw Error(code, fmt::format("{}: {}", position.describe(path), error.what()));
    }
}

}  // namespace vglaw
