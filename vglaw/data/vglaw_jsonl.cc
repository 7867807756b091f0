#include "vglaw/data/vglaw_jsonl.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"
#include "vglaw/format/quote.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 12> kKeys = {"image", "expression", "box",           "split",
                                                    "mask",  "image_id",   "ref_id",        "sentence_id",
                                                    "width", "height",     "annotation_id", "category_id"};
constexpr std::size_t kNeeded = 4;

struct Line {
    std::string image, text, split;
    std::optional<std::int64_t> image_id, ref_id;
    std::int64_t sentence_id = 0, width = 0, height = 0;
    TableTarget target;
};

class Reader {
public:
    Reader(std::string name, fs::path folder, std::string split)
        : builder_(std::move(name)), folder_(std::move(folder)), wanted_(std::move(split)) {}

    void read(simdjson::ondemand::object object, std::int64_t number) {
        Line line;
        line.sentence_id = number;
        const std::uint32_t seen = read_fields(
            object, kKeys, [&](std::size_t key, simdjson::ondemand::value value) { read_key(line, key, value); });
        require_fields(seen, kKeys, kNeeded);
        if (std::ranges::find(labels_, line.split) == labels_.end()) {
            labels_.push_back(line.split);
            if (labels_.size() > 1000) fail(ErrorCode::corrupt_data, "there are more than 1000 different splits");
        }
        // Numbered before the split is chosen: a picture has the same number whatever part of the file is asked for.
        const std::int64_t image_id = number_of(line);
        if (!wanted_.empty() && line.split != wanted_) return;
        add(line, image_id, number);
    }

    [[nodiscard]] std::string labels() const {
        std::string text;
        for (const std::string& label : labels_) text += (text.empty() ? "" : ", ") + quote(label);
        return text.empty() ? "none" : text;
    }
    [[nodiscard]] std::size_t targets() const { return builder_.targets(); }
    AnnotationTable finish() { return builder_.finish(); }

private:
    void read_key(Line& line, std::size_t key, simdjson::ondemand::value value) {
        switch (key) {
            case 0:
                line.image = checked_name(value.get_string());
                if (line.image.empty()) fail(ErrorCode::corrupt_data, "the picture has no name");
                break;
            case 1:
                line.text = std::string(std::string_view(value.get_string()));
                break;
            case 2:
                line.target.box_px = read_xywh(value.get_array());
                break;
            case 3:
                line.split = std::string(std::string_view(value.get_string()));
                break;
            case 4:
                if (value.type() == simdjson::ondemand::json_type::string) {
                    line.target.mask_file = (folder_ / checked_name(value.get_string())).string();
                } else {
                    line.target.segmentation = read_segmentation(value);
                }
                break;
            case 5:
                line.image_id = value.get_int64();
                break;
            case 6:
                line.ref_id = value.get_int64();
                break;
            case 7:
                line.sentence_id = value.get_int64();
                break;
            case 8:
                line.width = value.get_int64();
                break;
            case 9:
                line.height = value.get_int64();
                break;
            case 10:
                line.target.annotation_id = value.get_int64();
                break;
            default:
                line.target.category_id = value.get_int64();
        }
    }

    std::int64_t number_of(const Line& line) {
        if (line.image_id) return *line.image_id;
        return numbers_.try_emplace(line.image, std::int64_t(numbers_.size()) + 1).first->second;
    }

    void add(Line& line, std::int64_t image_id, std::int64_t number) {
        const PixelSize size =
            line.width == 0 && line.height == 0 ? PixelSize{} : checked_size(line.height, line.width);
        TableTarget& target = line.target;
        target.picture = builder_.picture(image_id, line.image, size.width, size.height);
        target.split = builder_.split(line.split);
        target.ref_id = line.ref_id.value_or(number);
        if (line.ref_id) {
            if (const auto known = by_ref_.find(target.ref_id); known != by_ref_.end()) {
                const TableTarget& before = builder_.target_at(known->second);
                if (before.picture != target.picture || !(before.box_px == target.box_px) ||
                    before.split != target.split) {
                    fail(ErrorCode::corrupt_data,
                         "reference {} has another picture, box or split than in a line before; an id names one object",
                         target.ref_id);
                }
                return builder_.expression(known->second, line.sentence_id, std::move(line.text));
            }
        }
        const std::uint32_t position = builder_.target(std::move(target));
        if (line.ref_id) by_ref_.emplace(*line.ref_id, position);
        builder_.expression(position, line.sentence_id, std::move(line.text));
    }

    TableBuilder builder_;
    fs::path folder_;
    std::string wanted_;
    std::vector<std::string> labels_;
    std::unordered_map<std::string, std::int64_t> numbers_;
    std::unordered_map<std::int64_t, std::uint32_t> by_ref_;
};

}  // namespace

AnnotationTable read_vglaw_jsonl(const DatasetSpec& spec) {
    std::error_code ignored;
    fs::path path = spec.data_root;
    if (fs::is_directory(path, ignored)) path /= "vglaw.jsonl";
    const simdjson::padded_string text = load_json(path, "a data set, one line of JSON an expression");
    Reader reader(describe(spec), path.parent_path(), spec.split);
    JsonPosition position;
    translate_json_errors(path, position, [&] {
        simdjson::ondemand::parser parser;
        const std::string_view whole = text;
        std::int64_t number = 0;
        for (std::size_t begin = 0; begin < whole.size();) {
            const std::size_t end = std::min(whole.find('\n', begin), whole.size());
            const std::string_view line = whole.substr(begin, end - begin);
            position = {"line", ++number};
            if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
                // What follows the line, its newline at least, is the padding simdjson asks for.
                const std::size_t room = whole.size() - begin + simdjson::SIMDJSON_PADDING;
                simdjson::ondemand::document document =
                    parser.iterate(simdjson::padded_string_view(line.data(), line.size(), room));
                reader.read(document.get_object(), number);
                require_end(document);
            }
            begin = end + 1;
        }
        position = {};
    });
    if (reader.targets() == 0) {
        fail(ErrorCode::not_found, "{} has no split {}; it has: {}", path.string(), spec.split, reader.labels());
    }
    AnnotationTable table = reader.finish();
    table.without_masks = fmt::format("{} has boxes only", path.string());
    return table;
}

}  // namespace vglaw
