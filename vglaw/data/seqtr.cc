#include "vglaw/data/seqtr.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"
#include "vglaw/data/image_finder.h"
#include "vglaw/format/quote.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kInstances = "instances.json";
constexpr std::array<std::string_view, 7> kKeys = {"image_id", "expressions", "bbox",       "mask",
                                                   "height",   "width",       "data_source"};
constexpr std::size_t kNeeded = 3;

fs::path find_file(const DatasetSpec& spec) {
    std::error_code ignored;
    const fs::path& root = spec.data_root;
    if (fs::is_regular_file(root, ignored)) return root;
    const std::string name = seqtr_folder(spec.dataset, spec.split_by);
    for (const fs::path& folder : {root / name, root / "annotations" / name, root / "data/annotations" / name,
                                   root / spec.dataset, root / "annotations" / spec.dataset, root}) {
        if (fs::is_regular_file(folder / kInstances, ignored)) return folder / kInstances;
    }
    fail(ErrorCode::not_found, "{} holds neither {}/{} nor annotations/{}/{}; name their folder or the file itself",
         root.string(), name, kInstances, name, kInstances);
}

class Reader {
public:
    Reader(std::string name, bool saiapr) : builder_(std::move(name)), saiapr_(saiapr) {}

    void read_split(std::string_view label, simdjson::ondemand::array records, JsonPosition& position) {
        split_ = builder_.split(label);
        position = {"record", 0};
        for (auto record : records) {
            ++position.id;
            read(record.get_object(), position.id);
        }
        objects_.clear();
        position = {};
    }
    AnnotationTable finish() { return builder_.finish(); }

private:
    void read(simdjson::ondemand::object object, std::int64_t number) {
        TableTarget target;
        std::int64_t image_id = 0, height = 0, width = 0;
        std::vector<std::string> texts;
        const std::uint32_t seen = read_fields(object, kKeys, [&](std::size_t key, simdjson::ondemand::value value) {
            switch (key) {
                case 0:
                    image_id = value.get_int64();
                    break;
                case 1:
                    for (auto text : value.get_array()) texts.emplace_back(std::string_view(text.get_string()));
                    break;
                case 2:
                    target.box_px = read_xywh(value.get_array());
                    break;
                case 3:
                    target.segmentation = read_segmentation(value);
                    break;
                case 4:
                    height = value.get_int64();
                    break;
                case 5:
                    width = value.get_int64();
                    break;
                default:
                    fail(ErrorCode::unsupported,
                         "this is a mixture of several data sets (key data_source), which is not read; take the "
                         "file of each");
            }
        });
        require_fields(seen, kKeys, kNeeded);
        const PixelSize size = height == 0 && width == 0 ? PixelSize{} : checked_size(height, width);
        const std::string name = saiapr_ ? fmt::format("{}.jpg", image_id) : coco_file_name(image_id);
        target.picture = builder_.picture(image_id, name, size.width, size.height);
        target.split = split_;
        target.ref_id = number;
        const BoxXyxy& box = target.box_px;
        const auto [known, is_new] = objects_.try_emplace({image_id, box.x0, box.y0, box.x1, box.y1}, 0);
        if (is_new) known->second = builder_.target(std::move(target));
        for (std::string& text : texts) builder_.expression(known->second, ++sentences_, std::move(text));
    }

    TableBuilder builder_;
    bool saiapr_;
    std::uint32_t split_ = 0;
    std::int64_t sentences_ = 0;
    std::map<std::tuple<std::int64_t, float, float, float, float>, std::uint32_t> objects_;  // of the split
};

}  // namespace

std::string seqtr_folder(const std::string& dataset, const std::string& split_by) {
    if (dataset == "refcoco+") return "refcocoplus-" + split_by;
    if (dataset == "refclef") return "referitgame-" + split_by;
    return dataset + "-" + split_by;
}

AnnotationTable read_seqtr(const DatasetSpec& spec) {
    const fs::path path = find_file(spec);
    Reader reader(describe(spec), has_saiapr_pictures(spec.dataset));
    std::string labels;
    bool found = false;
    read_json_file(path, "a data set of SeqTR", [&](simdjson::ondemand::document& document, JsonPosition& position) {
        std::vector<std::string> seen;
        for (auto field : document.get_object()) {
            const std::string label(std::string_view(field.unescaped_key()));
            if (std::ranges::find(seen, label) != seen.end()) {
                fail(ErrorCode::corrupt_data, "the split {} is there twice", quote(label));
            }
            seen.push_back(label);
            if (seen.size() > 100) fail(ErrorCode::corrupt_data, "there are more than 100 splits");
            labels += (labels.empty() ? "" : ", ") + quote(label);
            if (!spec.split.empty() && label != spec.split) continue;
            found = true;
            reader.read_split(label, field.value().get_array(), position);
        }
    });
    if (!found) {
        fail(ErrorCode::not_found, "{} has no split {}; it has: {}", path.string(), spec.split,
             labels.empty() ? "none" : labels);
    }
    AnnotationTable table = reader.finish();
    table.without_masks = fmt::format("{} has boxes only", path.string());
    return table;
}

}  // namespace vglaw
