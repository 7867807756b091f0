#include "vglaw/data/leak.h"

#include <charconv>
#include <string_view>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"

namespace vglaw {

namespace {

constexpr std::size_t kDigits = 12;

std::int64_t number_of(simdjson::ondemand::object image) {
    constexpr std::array<std::string_view, 2> keys = {"id", "file_name"};
    std::int64_t id = -1, number = -1;
    const std::uint32_t seen = read_fields(image, keys, [&](std::size_t key, simdjson::ondemand::value value) {
        if (key == 0) id = value.get_int64();
        if (key == 1) number = coco_number(std::string(std::string_view(value.get_string())));
    });
    require_fields(seen, keys, 1);
    return number >= 0 ? number : id;
}

}  // namespace

std::int64_t coco_number(const std::string& file_name) {
    const std::string stem = std::filesystem::path(file_name).stem().string();
    if (stem.size() < kDigits) return -1;
    const std::string_view before = std::string_view(stem).substr(0, stem.size() - kDigits);
    if (!before.empty() && before != "COCO_train2014_" && before != "COCO_val2014_") return -1;
    std::int64_t number = -1;
    const char* end = stem.data() + stem.size();
    const auto [stopped, error] = std::from_chars(end - kDigits, end, number);
    return error == std::errc() && stopped == end && number >= 0 ? number : -1;
}

CocoPictures held_out_pictures(const AnnotationTable& table) {
    CocoPictures pictures;
    for (const TableTarget& target : table.targets) {
        const TablePicture& picture = table.pictures[target.picture];
        if (table.splits[target.split].starts_with("train")) continue;
        const std::int64_t number = coco_number(picture.file_name);
        if (number < 0) {
            fail(ErrorCode::unsupported,
                 "{}: picture {} is not named as COCO's are; only data sets on COCO's pictures can leak into a "
                 "pre-training on COCO",
                 table.name, picture.file_name);
        }
        pictures.insert(number);
    }
    return pictures;
}

Leak find_leak(const CocoPictures& held_out, const std::filesystem::path& instances) {
    Leak leak;
    read_json_file(instances, "the pictures of a pre-training",
                   [&](simdjson::ondemand::document& document, JsonPosition& position) {
                       bool found = false;
                       for (auto field : document.get_object()) {
                           if (std::string_view(field.unescaped_key()) != "images") continue;
                           if (found) fail(ErrorCode::corrupt_data, "the list 'images' is there twice");
                           found = true;
                           position = {"image number", 0};
                           for (auto image : field.value().get_array()) {
                               ++position.id;
                               const std::int64_t number = number_of(image.get_object());
                               if (held_out.contains(number)) leak.leaking.insert(number);
                           }
                           leak.pictures = std::size_t(position.id);
                           position = {};
                       }
                       if (!found) {
                           fail(ErrorCode::corrupt_data, "there is no list 'images'; is this a COCO annotation file?");
                       }
                   });
    return leak;
}

}  // namespace vglaw
