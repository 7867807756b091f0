#include "vglaw/data/referit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"
#include "vglaw/format/quote.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::array kFolders = {
    ".",       "splits/referit", "referit/splits/referit", "ln_data/referit/splits/referit",
    "referit", "data",           "data/referit",           "exp-referit/data",
};
constexpr const char* kBoxes = "referit_bbox.json";
constexpr std::array<std::int64_t, 3> kLeftOut = {17975, 19575, 19579};
constexpr std::int64_t kObjectsAPicture = 1000;

std::int64_t parse_number(std::string_view text, std::string_view whole) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) {
        fail(ErrorCode::corrupt_data, "{} is not of the form IMAGE_OBJECT, two numbers", quote(whole));
    }
    return number;
}

// "25_1": the first object of picture 25.
struct ObjectName {
    std::int64_t image = 0, object = 0;
    explicit ObjectName(std::string_view text) {
        const std::size_t bar = text.find('_');
        if (bar == std::string_view::npos) {
            fail(ErrorCode::corrupt_data, "{} is not of the form IMAGE_OBJECT, two numbers", quote(text));
        }
        image = parse_number(text.substr(0, bar), text);
        object = parse_number(text.substr(bar + 1), text);
        if (object >= kObjectsAPicture || image > 1'000'000'000'000) {
            fail(ErrorCode::corrupt_data, "{} is beyond the numbers accepted here", quote(text));
        }
    }
    [[nodiscard]] std::int64_t id() const { return image * kObjectsAPicture + object; }
    [[nodiscard]] std::string file_name() const { return fmt::format("{}.jpg", image); }
};

// Calls read(key, value) for each entry of a file that is one object.
void read_entries(const fs::path& path, const char* holds, const char* kind, auto read) {
    read_json_file(path, holds, [&](simdjson::ondemand::document& document, JsonPosition& position) {
        position.kind = kind;
        for (auto field : document.get_object()) {
            position.key = field.unescaped_key();
            read(position.key, simdjson::ondemand::value(field.value()));
        }
        position = {};
    });
}

using Boxes = std::unordered_map<std::int64_t, BoxXyxy>;

Boxes read_boxes(const fs::path& path) {
    Boxes boxes;
    read_entries(path, "the boxes of ReferItGame", "object",
                 [&](std::string_view key, simdjson::ondemand::value value) {
                     const auto [left, top, right, bottom] = read_four_numbers(value.get_array(), "a box");
                     // Both ends are pixels of the object, so the box's far edges lie one further.
                     const BoxXyxy box{float(left), float(top), float(right + 1), float(bottom + 1)};
                     if (!boxes.emplace(ObjectName(key).id(), box).second) {
                         fail(ErrorCode::corrupt_data, "the key is there twice");
                     }
                 });
    return boxes;
}

std::unordered_map<std::int64_t, PixelSize> read_sizes(const fs::path& path) {
    std::unordered_map<std::int64_t, PixelSize> sizes;
    if (!fs::exists(path)) return sizes;
    read_entries(path, "the pictures' sizes", "picture", [&](std::string_view key, simdjson::ondemand::value value) {
        const std::string_view number = key.substr(0, key.find('.'));
        std::vector<std::int64_t> sides;
        for (auto side : value.get_array()) {
            sides.push_back(side.get_int64());
            if (sides.size() > 2) break;
        }
        if (sides.size() != 2) fail(ErrorCode::corrupt_data, "a size is not [width, height]");
        sizes.emplace(parse_number(number, key), checked_size(sides[1], sides[0]));
    });
    return sizes;
}

fs::path find_folder(const fs::path& root) {
    std::error_code ignored;
    for (const char* folder : kFolders) {
        if (fs::is_regular_file(root / folder / kBoxes, ignored)) return (root / folder).lexically_normal();
    }
    fail(ErrorCode::not_found, "{} has no {}, neither itself nor in splits/referit", root.string(), kBoxes);
}

std::string query_name(const std::string& split) { return "referit_query_" + split + ".json"; }

class Reader {
public:
    Reader(std::string name, const fs::path& folder)
        : builder_(std::move(name)),
          folder_(folder),
          boxes_(read_boxes(folder / kBoxes)),
          sizes_(read_sizes(folder / "referit_imsize.json")) {}

    void read(const std::string& split) {
        read_entries(
            folder_ / query_name(split), "the expressions of a split", "object",
            [&](std::string_view key, simdjson::ondemand::value value) { add(key, value.get_array(), split); });
    }
    AnnotationTable finish() { return builder_.finish(); }

private:
    void add(std::string_view key, simdjson::ondemand::array texts, const std::string& split) {
        const ObjectName name(key);
        std::vector<std::string> expressions;
        for (auto text : texts) expressions.emplace_back(std::string_view(text.get_string()));
        if (std::ranges::find(kLeftOut, name.image) != kLeftOut.end()) return;
        const auto box = boxes_.find(name.id());
        if (box == boxes_.end()) {
            return builder_.refuse(Flaw::unknown_annotation, name.id(), expressions.size(),
                                   fmt::format("({}) has no box in referit_bbox.json", key));
        }
        const auto size = sizes_.find(name.image);
        const PixelSize pixels = size == sizes_.end() ? PixelSize{} : size->second;
        TableTarget target;
        target.picture = builder_.picture(name.image, name.file_name(), pixels.width, pixels.height);
        target.split = builder_.split(split);
        target.ref_id = target.annotation_id = name.id();
        target.box_px = box->second;
        const std::uint32_t position = builder_.target(std::move(target));
        for (std::string& text : expressions) builder_.expression(position, ++sentences_, std::move(text));
    }

    TableBuilder builder_;
    fs::path folder_;
    Boxes boxes_;
    std::unordered_map<std::int64_t, PixelSize> sizes_;
    std::int64_t sentences_ = 0;
};

}  // namespace

AnnotationTable read_referit(const DatasetSpec& spec) {
    const fs::path folder = find_folder(spec.data_root);
    std::vector<std::string> splits;
    for (const std::string split : {"train", "val", "test"}) {
        if (spec.split.empty() && fs::exists(folder / query_name(split))) splits.push_back(split);
    }
    if (!spec.split.empty()) splits.push_back(spec.split);
    if (splits.empty() || !fs::exists(folder / query_name(splits.front()))) {
        fail(ErrorCode::not_found, "{} has no {}; splits of ReferItGame are train, val, trainval and test",
             folder.string(), query_name(spec.split.empty() ? "*" : spec.split));
    }
    Reader reader("referit" + (spec.split.empty() ? "" : " " + spec.split), folder);
    for (const std::string& split : splits) reader.read(split);
    AnnotationTable table = reader.finish();
    table.without_masks = "ReferItGame's masks are MATLAB files, which are not read; RefCLEF (refer) has them";
    return table;
}

}  // namespace vglaw
