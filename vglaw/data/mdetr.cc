#include "vglaw/data/mdetr.h"

#include <array>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"
#include "vglaw/data/join_masks.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 6> kImageKeys = {"id", "original_id", "caption", "file_name", "width", "height"};
constexpr std::array<std::string_view, 4> kAnnotationKeys = {"image_id", "bbox", "original_id", "category_id"};
constexpr std::array kSplits = {"train", "val", "test", "testA", "testB"};

struct Answer {
    std::int64_t caption_id = 0, annotation_id = 0, category_id = 0;
    BoxXyxy box_px;
};

// One expression, called an image in these files.
struct Caption {
    std::int64_t id = 0, image_id = 0;
    std::string text, file_name;
    PixelSize size;
    std::optional<Answer> answer;
};

Caption read_caption(simdjson::ondemand::object object) {
    Caption caption;
    std::int64_t width = 0, height = 0;
    const std::uint32_t seen = read_fields(object, kImageKeys, [&](std::size_t key, simdjson::ondemand::value value) {
        switch (key) {
            case 0:
                caption.id = value.get_int64();
                break;
            case 1:
                caption.image_id = value.get_int64();
                break;
            case 2:
                caption.text = std::string(std::string_view(value.get_string()));
                break;
            case 3:
                caption.file_name = checked_name(value.get_string());
                break;
            case 4:
                width = value.get_int64();
                break;
            default:
                height = value.get_int64();
        }
    });
    require_fields(seen, kImageKeys, 4);
    if (width != 0 || height != 0) caption.size = checked_size(height, width);
    return caption;
}

class Captions {
public:
    void read_images(simdjson::ondemand::array images, JsonPosition& position) {
        position = {"image", 0};
        for (auto image : images) {
            captions_.push_back(read_caption(image.get_object()));
            position.id = captions_.back().id;
            if (!by_id_.emplace(position.id, captions_.size() - 1).second) {
                fail(ErrorCode::corrupt_data, "the id is there twice");
            }
        }
        position = {};
    }

    void read_annotations(simdjson::ondemand::array annotations, JsonPosition& position) {
        position = {"annotation number", 0};
        for (auto annotation : annotations) {
            ++position.id;
            Answer answer;
            const std::uint32_t seen = read_fields(annotation.get_object(), kAnnotationKeys,
                                                   [&](std::size_t key, simdjson::ondemand::value value) {
                                                       if (key == 0) answer.caption_id = value.get_int64();
                                                       if (key == 1) answer.box_px = read_xywh(value.get_array());
                                                       if (key == 2) answer.annotation_id = value.get_int64();
                                                       if (key == 3) answer.category_id = value.get_int64();
                                                   });
            require_fields(seen, kAnnotationKeys, 2);
            answers_.push_back(answer);
        }
        position = {};
    }

    // Once both lists are read, in whichever order the file has them.
    void join() {
        for (const Answer& answer : answers_) {
            const auto caption = by_id_.find(answer.caption_id);
            if (caption == by_id_.end()) {
                fail(ErrorCode::corrupt_data, "an annotation names image {}, which is not in the file",
                     answer.caption_id);
            }
            if (captions_[caption->second].answer) {
                fail(ErrorCode::unsupported,
                     "image {} has several boxes for one caption, as MDETR's pre-training files do; use a finetune_ "
                     "file",
                     answer.caption_id);
            }
            captions_[caption->second].answer = answer;
        }
    }

    void add_to(TableBuilder& builder, const std::string& split) {
        std::unordered_map<std::int64_t, std::uint32_t> targets;  // by annotation; 0 names none
        for (Caption& caption : captions_) {
            if (!caption.answer) {
                builder.refuse(Flaw::unknown_annotation, caption.id, 1,
                               fmt::format("(image {} of the file) has no annotation", caption.id));
                continue;
            }
            const Answer& answer = *caption.answer;
            const auto known = targets.find(answer.annotation_id);
            std::uint32_t position = 0;
            if (known != targets.end() && answer.annotation_id != 0 &&
                builder.target_at(known->second).box_px == answer.box_px) {
                position = known->second;
            } else {
                TableTarget target;
                target.picture =
                    builder.picture(caption.image_id, caption.file_name, caption.size.width, caption.size.height);
                target.split = builder.split(split);
                target.ref_id = target.annotation_id = answer.annotation_id;
                target.category_id = answer.category_id;
                target.box_px = answer.box_px;
                position = builder.target(std::move(target));
                targets.emplace(answer.annotation_id, position);
            }
            builder.expression(position, caption.id, std::move(caption.text));
        }
    }

private:
    std::vector<Caption> captions_;
    std::vector<Answer> answers_;
    std::unordered_map<std::int64_t, std::size_t> by_id_;
};

void read_file(const fs::path& path, const std::string& split, TableBuilder& builder) {
    Captions captions;
    read_json_file(path, "a split of MDETR", [&](simdjson::ondemand::document& document, JsonPosition& position) {
        bool has_images = false, has_annotations = false;
        for (auto field : document.get_object()) {
            const std::string_view key = field.unescaped_key();
            if ((key == "images" && has_images) || (key == "annotations" && has_annotations)) {
                fail(ErrorCode::corrupt_data, "the list '{}' is there twice", key);
            }
            if (key == "images") {
                has_images = true;
                captions.read_images(field.value().get_array(), position);
            } else if (key == "annotations") {
                has_annotations = true;
                captions.read_annotations(field.value().get_array(), position);
            }
        }
        if (!has_images || !has_annotations) {
            fail(ErrorCode::corrupt_data, "there is no list '{}'; is this a file of MDETR's?",
                 has_images ? "annotations" : "images");
        }
        captions.join();
    });
    captions.add_to(builder, split);
}

fs::path find_file(const fs::path& root, const std::string& name) {
    std::error_code ignored;
    for (const fs::path& folder : {root, root / "mdetr_annotations", root / "annotations"}) {
        if (fs::is_regular_file(folder / name, ignored)) return folder / name;
    }
    return {};
}

}  // namespace

AnnotationTable read_mdetr(const DatasetSpec& spec) {
    TableBuilder builder(describe(spec));
    const auto name_of_split = [&](const std::string& split) {
        return fmt::format("finetune_{}_{}.json", spec.dataset, split);
    };
    std::error_code ignored;
    if (fs::is_regular_file(spec.data_root, ignored)) {
        read_file(spec.data_root, spec.split.empty() ? "all" : spec.split, builder);
    } else if (spec.split.empty()) {
        for (const char* split : kSplits) {
            if (const fs::path path = find_file(spec.data_root, name_of_split(split)); !path.empty()) {
                read_file(path, split, builder);
            }
        }
        if (builder.targets() == 0) {
            fail(ErrorCode::not_found, "{} has no finetune_{}_*.json", spec.data_root.string(), spec.dataset);
        }
    } else {
        const fs::path path = find_file(spec.data_root, name_of_split(spec.split));
        if (path.empty()) {
            fail(ErrorCode::not_found, "{} has no {}, neither itself nor in mdetr_annotations", spec.data_root.string(),
                 name_of_split(spec.split));
        }
        read_file(path, spec.split, builder);
    }
    AnnotationTable table = builder.finish();
    table.without_masks = "MDETR's files have boxes only; --instances FILE (COCO's or REFER's) adds the masks";
    if (!spec.instances.empty()) join_masks(table, spec.instances);
    return table;
}

}  // namespace vglaw
