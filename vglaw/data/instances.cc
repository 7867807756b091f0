#include "vglaw/data/instances.h"

#include <simdjson.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw {

namespace {

using simdjson::ondemand::json_type;
using JsonArray = simdjson::ondemand::array;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

constexpr int kMaxSide = 1 << 16;
constexpr std::int64_t kMaxPixels = 100'000'000;

struct Size {
    int height = 0, width = 0;
};

Size checked_size(std::int64_t height, std::int64_t width) {
    if (height < 1 || width < 1 || height > kMaxSide || width > kMaxSide || height * width > kMaxPixels) {
        fail(ErrorCode::corrupt_data, "a size of {}x{} pixels is not believable", width, height);
    }
    return {int(height), int(width)};
}

// The numbers of an array that must have exactly N.
template <std::size_t N>
std::array<double, N> read_numbers(JsonArray array, const char* what) {
    std::array<double, N> numbers{};
    std::size_t count = 0;
    for (auto element : array) {
        if (count < N) numbers[count] = element.get_double();
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
    const Size size = checked_size(std::int64_t(numbers[0]), std::int64_t(numbers[1]));
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

BoxXyxy read_box(JsonArray array) {
    const auto [x, y, width, height] = read_numbers<4>(array, "bbox");
    return {float(x), float(y), float(x + width), float(y + height)};
}

// A name from outside never leads out of the image folder.
std::string checked_name(std::string_view name) {
    const std::filesystem::path path(name);
    bool escapes = path.is_absolute() || name.find('\0') != std::string_view::npos;
    for (const auto& part : path) escapes = escapes || part == "..";
    if (escapes) fail(ErrorCode::corrupt_data, "file_name '{}' leads out of the image folder", name);
    return std::string(name);
}

InstanceImage read_image(JsonObject object) {
    InstanceImage image;
    std::string_view name;
    if (object["file_name"].get(name) == simdjson::SUCCESS) image.file_name = checked_name(name);
    std::int64_t width = 0, height = 0;
    if (object["width"].get(width) == simdjson::SUCCESS && object["height"].get(height) == simdjson::SUCCESS) {
        const Size size = checked_size(height, width);
        image.width = size.width;
        image.height = size.height;
    }
    return image;
}

InstanceAnnotation read_annotation(JsonObject object) {
    InstanceAnnotation annotation;
    annotation.image_id = object["image_id"].get_int64();
    annotation.box_px = read_box(object["bbox"].get_array());
    JsonValue segmentation;
    if (object["segmentation"].get(segmentation) == simdjson::SUCCESS) {
        annotation.segmentation = read_segmentation(segmentation);
    }
    return annotation;
}

// What is being read, for messages.
struct Position {
    const char* kind = "the file";
    std::int64_t id = 0;
};

void read_records(JsonArray records, const char* kind, Position& position,
                  const std::unordered_set<std::int64_t>& wanted, auto& found, auto read) {
    position = {kind, 0};
    for (auto element : records) {
        JsonObject object = element.get_object();
        const std::int64_t id = object["id"].get_int64();
        position.id = id;
        if (wanted.contains(id) && !found.contains(id)) found.emplace(id, read(object));
    }
    position = {};
}

Instances parse(const simdjson::padded_string& text, Position& position,
                const std::unordered_set<std::int64_t>& annotation_ids,
                const std::unordered_set<std::int64_t>& image_ids) {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document = parser.iterate(text);
    Instances instances;
    bool has_images = false, has_annotations = false;
    for (auto field : document.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "images") {
            has_images = true;
            read_records(field.value().get_array(), "image", position, image_ids, instances.images, read_image);
        } else if (key == "annotations") {
            has_annotations = true;
            read_records(field.value().get_array(), "annotation", position, annotation_ids, instances.annotations,
                         read_annotation);
        }
    }
    if (!has_images || !has_annotations) {
        fail(ErrorCode::corrupt_data, "there is no list '{}'; is this a COCO annotation file?",
             has_images ? "annotations" : "images");
    }
    return instances;
}

}  // namespace

Instances read_instances(const std::filesystem::path& path, const std::unordered_set<std::int64_t>& annotation_ids,
                         const std::unordered_set<std::int64_t>& image_ids) {
    if (!std::filesystem::is_regular_file(path)) {
        fail(ErrorCode::not_found, "{} does not exist; it holds the boxes and masks of a REFER data set",
             path.string());
    }
    simdjson::padded_string text;
    if (const auto error = simdjson::padded_string::load(path.string()).get(text)) {
        fail(ErrorCode::io, "cannot read {}: {}", path.string(), simdjson::error_message(error));
    }
    Position position;
    const auto where = [&] {
        return position.id != 0 ? fmt::format("{}: {} {}", path.string(), position.kind, position.id)
                                : fmt::format("{}: {}", path.string(), position.kind);
    };
    try {
        return parse(text, position, annotation_ids, image_ids);
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", where(), error.what()));
    } catch (const simdjson::simdjson_error& error) {
        const ErrorCode code = error.error() == simdjson::MEMALLOC ? ErrorCode::io : ErrorCode::corrupt_data;
        throw Error(code, fmt::format("{}: {}", where(), error.what()));
    }
}

}  // namespace vglaw
