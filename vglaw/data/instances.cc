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

// True when the key is there and not null. What breaks while it is looked for is thrown: simdjson's iterator is no
// longer one after that, and must not be asked for the next key.
bool find(JsonObject& object, std::string_view key, JsonValue& value) {
    const auto failure = object[key].get(value);
    if (failure == simdjson::NO_SUCH_FIELD) return false;
    if (failure != simdjson::SUCCESS) throw simdjson::simdjson_error(failure);
    return !value.is_null();
}

InstanceImage read_image(JsonObject object) {
    InstanceImage image;
    JsonValue value;
    if (find(object, "file_name", value)) image.file_name = checked_name(value.get_string());
    std::int64_t width = 0, height = 0;
    if (find(object, "width", value)) width = value.get_int64();
    if (find(object, "height", value)) height = value.get_int64();
    if (width != 0 && height != 0) {
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
    JsonValue value;
    if (find(object, "category_id", value)) annotation.category_id = value.get_int64();
    if (find(object, "segmentation", value)) annotation.segmentation = read_segmentation(value);
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
