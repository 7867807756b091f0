#include "vglaw/data/instances.h"

#include <simdjson.h>

#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"

namespace vglaw {

namespace {

using JsonArray = simdjson::ondemand::array;
using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

InstanceImage read_image(JsonObject object) {
    InstanceImage image;
    std::string_view name;
    if (object["file_name"].get(name) == simdjson::SUCCESS) image.file_name = checked_name(name);
    std::int64_t width = 0, height = 0;
    if (object["width"].get(width) == simdjson::SUCCESS && object["height"].get(height) == simdjson::SUCCESS) {
        const PixelSize size = checked_size(height, width);
        image.width = size.width;
        image.height = size.height;
    }
    return image;
}

InstanceAnnotation read_annotation(JsonObject object) {
    InstanceAnnotation annotation;
    annotation.image_id = object["image_id"].get_int64();
    annotation.box_px = read_xywh(object["bbox"].get_array());
    std::int64_t category = 0;
    if (object["category_id"].get(category) == simdjson::SUCCESS) annotation.category_id = category;
    JsonValue segmentation;
    if (object["segmentation"].get(segmentation) == simdjson::SUCCESS) {
        annotation.segmentation = read_segmentation(segmentation);
    }
    return annotation;
}

// The same id twice is harmless as long as both say the same.
bool same(const InstanceImage& a, const InstanceImage& b) { return a.file_name == b.file_name; }
bool same(const InstanceAnnotation& a, const InstanceAnnotation& b) {
    return a.image_id == b.image_id && a.box_px == b.box_px;
}

void read_records(JsonArray records, const char* kind, JsonPosition& position,
                  const std::unordered_set<std::int64_t>& wanted, auto& found, auto read) {
    position = {kind, 0};
    for (auto element : records) {
        JsonObject object = element.get_object();
        const std::int64_t id = object["id"].get_int64();
        position.id = id;
        if (!wanted.contains(id)) continue;
        auto record = read(object);
        const auto [known, is_new] = found.try_emplace(id, std::move(record));
        if (!is_new && !same(known->second, record)) {
            fail(ErrorCode::corrupt_data, "the id is there twice, with different contents");
        }
    }
    position = {};
}

Instances parse(simdjson::ondemand::document& document, JsonPosition& position,
                const std::unordered_set<std::int64_t>& annotation_ids,
                const std::unordered_set<std::int64_t>& image_ids) {
    Instances instances;
    bool has_images = false, has_annotations = false;
    for (auto field : document.get_object()) {
        const std::string_view key = field.unescaped_key();
        if ((key == "images" && has_images) || (key == "annotations" && has_annotations)) {
            fail(ErrorCode::corrupt_data, "the list '{}' is there twice", key);
        }
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
    Instances instances;
    read_json_file(path, "the boxes and masks of a data set",
                   [&](simdjson::ondemand::document& document, JsonPosition& position) {
                       instances = parse(document, position, annotation_ids, image_ids);
                   });
    return instances;
}

}  // namespace vglaw
