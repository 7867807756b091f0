#include "vglaw/data/transvg.h"

#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/annotation_json.h"
#include "vglaw/data/join_masks.h"
#include "vglaw/data/leak.h"
#include "vglaw/format/torch_file.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::array kSplits = {"train", "val", "test", "testA", "testB"};
constexpr std::array kFolders = {".", "data", "split", "ref_data_shuffled"};

enum class BoxForm { xywh, corners, inclusive_corners };

bool is_list(const PickleValue& value) { return value.is(PickleKind::list) || value.is(PickleKind::tuple); }

template <typename T>
std::vector<double> elements(const TensorView& view) {
    std::vector<double> numbers(view.numel());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        T value;
        std::memcpy(&value, view.bytes.data() + i * sizeof(T), sizeof(T));
        numbers[i] = double(value);
    }
    return numbers;
}

// The numbers of a tensor or numpy array; boxes and polygons come as lists or as these.
std::vector<double> elements_of(const TensorView& view) {
    if (view.numel() > 100000) fail(ErrorCode::unsupported, "a box or polygon of {} numbers", view.numel());
    switch (view.dtype) {
        case Dtype::f64:
            return elements<double>(view);
        case Dtype::f32:
            return elements<float>(view);
        case Dtype::i64:
            return elements<std::int64_t>(view);
        case Dtype::i32:
            return elements<std::int32_t>(view);
        case Dtype::i16:
            return elements<std::int16_t>(view);
        case Dtype::u8:
            return elements<std::uint8_t>(view);
        default:
            fail(ErrorCode::unsupported, "a box or polygon of numbers of type {}", name_of(view.dtype));
    }
}

class Reader {
public:
    Reader(std::string name, BoxForm form) : builder_(std::move(name)), form_(form) {}

    void read_file(const fs::path& path, const std::string& split) {
        const TorchFile file = TorchFile::open(path);
        const PickleValue root = file.root();
        if (!root.is(PickleKind::list)) {
            fail(ErrorCode::corrupt_data, "{} holds a {} instead of TransVG's list of expressions", path.string(),
                 name_of(root.kind()));
        }
        file_ = &file;
        split_ = builder_.split(split);
        for (std::size_t i = 0; i < root.size(); ++i) {
            try {
                read(root[i], std::int64_t(i) + 1);
            } catch (const Error& error) {
                throw Error(error.code(), fmt::format("{}: entry {}: {}", path.string(), i, error.what()));
            }
        }
        objects_.clear();
        file_ = nullptr;
    }
    AnnotationTable finish() { return builder_.finish(); }

private:
    void read(const PickleValue& entry, std::int64_t number) {
        if (!is_list(entry) || entry.size() < 3) {
            fail(ErrorCode::corrupt_data, "it is not a tuple of picture, mask file, box and expression");
        }
        const bool short_form = entry.size() == 3;  // flickr: without a mask file
        const PickleValue box = entry[short_form ? 1 : 2], text = entry[short_form ? 2 : 3];
        TableTarget target;
        PixelSize size;
        if (!short_form) read_second(entry[1], target, size);
        read_box(box, target);
        if (entry.size() > 4) read_attributes(entry[4], target);

        const std::string name = checked_name(entry[0].as_string());
        target.picture = builder_.picture(number_of(name), name, size.width, size.height);
        target.split = split_;
        target.ref_id = target.annotation_id != 0 ? target.annotation_id : number;
        const BoxXyxy& b = target.box_px;
        const auto [known, is_new] =
            objects_.try_emplace({target.picture, target.annotation_id, b.x0, b.y0, b.x1, b.y1}, 0);
        if (is_new) known->second = builder_.target(std::move(target));
        builder_.expression(known->second, number, std::string(text.as_string()));
    }

    // The mask file, of which the name is COCO's annotation id; or OneRef's {"height", "width"}.
    static void read_second(const PickleValue& value, TableTarget& target, PixelSize& size) {
        if (value.is(PickleKind::dict)) {
            const auto height = value.find("height"), width = value.find("width");
            if (height && width) size = checked_size(height->as_int(), width->as_int());
            return;
        }
        if (!value.is(PickleKind::string)) return;
        const std::string stem = fs::path(value.as_string()).stem().string();
        std::int64_t id = 0;
        const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), id);
        if (error == std::errc() && end == stem.data() + stem.size() && id > 0) target.annotation_id = id;
    }

    void read_box(const PickleValue& value, TableTarget& target) const {
        std::vector<double> numbers;
        if (is_list(value) && value.size() > 4) {  // EEVG: polygons behind the box
            for (std::size_t i = 0; i < 4; ++i) numbers.push_back(number(value[i]));
            for (std::size_t i = 4; i < value.size(); ++i) read_polygons(value[i], target, 0);
        } else {
            numbers = read_numbers(value);
        }
        if (numbers.size() != 4) fail(ErrorCode::corrupt_data, "a box has {} numbers instead of 4", numbers.size());
        const double inclusive = form_ == BoxForm::inclusive_corners ? 1 : 0;
        const double x1 = form_ == BoxForm::xywh ? numbers[0] + numbers[2] : numbers[2] + inclusive;
        const double y1 = form_ == BoxForm::xywh ? numbers[1] + numbers[3] : numbers[3] + inclusive;
        target.box_px = {float(numbers[0]), float(numbers[1]), float(x1), float(y1)};
    }

    // OneRef's polygons; TransVG's attributes, ("r1", ["guy"]) and so on, are none of the network's business.
    void read_attributes(const PickleValue& value, TableTarget& target) const {
        if (!is_list(value) || value.size() == 0) return;
        const PickleValue first = value[0];
        const bool polygons =
            stands_for_array(first) ||
            (is_list(first) && first.size() > 0 && (first[0].is(PickleKind::real) || first[0].is(PickleKind::integer)));
        if (polygons) read_polygons(value, target, 0);
    }

    void read_polygons(const PickleValue& value, TableTarget& target, int depth) const {
        if (depth > 3) fail(ErrorCode::corrupt_data, "polygons nested deeper than 3");
        if (is_list(value) && value.size() > 0 && (is_list(value[0]) || stands_for_array(value[0]))) {
            for (std::size_t i = 0; i < value.size(); ++i) read_polygons(value[i], target, depth + 1);
            return;
        }
        Polygon polygon = read_numbers(value);
        if (polygon.size() % 2 != 0) {
            fail(ErrorCode::corrupt_data, "a polygon has {} numbers, not pairs of x and y", polygon.size());
        }
        if (polygon.size() >= 6) target.segmentation.polygons.push_back(std::move(polygon));
    }

    [[nodiscard]] double number(const PickleValue& value) const {
        if (value.is(PickleKind::real) || value.is(PickleKind::integer)) return value.as_double();
        const std::vector<double> numbers = read_numbers(value);
        if (numbers.size() != 1) fail(ErrorCode::corrupt_data, "{} numbers where one belongs", numbers.size());
        return numbers.front();
    }

    [[nodiscard]] std::vector<double> read_numbers(const PickleValue& value) const {
        if (const auto array = file_->array(value)) return elements_of(array->view);
        std::vector<double> numbers;
        if (!is_list(value)) {
            fail(ErrorCode::corrupt_data, "expected numbers, found {}", name_of(value.kind()));
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            const PickleValue element = value[i];
            if (element.is(PickleKind::real) || element.is(PickleKind::integer)) {
                numbers.push_back(element.as_double());
            } else if (const auto scalar = file_->array(element); scalar && scalar->view.numel() == 1) {
                numbers.push_back(elements_of(scalar->view).front());
            } else {
                fail(ErrorCode::corrupt_data, "expected a number, found {}", name_of(element.kind()));
            }
        }
        return numbers;
    }

    // COCO's number; the digits of "25.jpg"; otherwise pictures are numbered as they come.
    std::int64_t number_of(const std::string& name) {
        if (const std::int64_t number = coco_number(name); number >= 0) return number;
        const std::string stem = fs::path(name).stem().string();
        std::int64_t id = 0;
        const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), id);
        if (error == std::errc() && end == stem.data() + stem.size() && id > 0) return id;
        return named_.try_emplace(name, -1 - std::int64_t(named_.size())).first->second;
    }

    TableBuilder builder_;
    BoxForm form_;
    const TorchFile* file_ = nullptr;
    std::uint32_t split_ = 0;
    std::map<std::tuple<std::uint32_t, std::int64_t, float, float, float, float>, std::uint32_t> objects_;
    std::unordered_map<std::string, std::int64_t> named_;
};

fs::path find_file(const fs::path& root, const std::string& name, const std::string& split) {
    const std::string file = fmt::format("{}_{}.pth", name, split);
    std::error_code ignored;
    for (const char* folder : kFolders) {
        for (const fs::path& path : {root / folder / name / file, root / folder / file}) {
            if (fs::is_regular_file(path, ignored)) return path.lexically_normal();
        }
    }
    return {};
}

}  // namespace

std::string transvg_name(const std::string& dataset, const std::string& split_by) {
    if (dataset == "refcoco") return "unc";
    if (dataset == "refcoco+") return "unc+";
    if (dataset == "refcocog") return split_by == "google" ? "gref" : "gref_umd";
    if (dataset == "refclef") return "referit";
    return dataset;
}

AnnotationTable read_transvg(const DatasetSpec& spec) {
    const std::string name = transvg_name(spec.dataset, spec.split_by);
    const BoxForm form = name == "referit"            ? BoxForm::inclusive_corners
                         : name.starts_with("flickr") ? BoxForm::corners
                                                      : BoxForm::xywh;
    Reader reader(describe(spec), form);
    std::error_code ignored;
    if (fs::is_regular_file(spec.data_root, ignored)) {
        reader.read_file(spec.data_root, spec.split.empty() ? "all" : spec.split);
    } else {
        std::vector<std::string> splits(kSplits.begin(), kSplits.end());
        if (!spec.split.empty()) splits = {spec.split};
        bool found = false;
        for (const std::string& split : splits) {
            const fs::path path = find_file(spec.data_root, name, split);
            if (path.empty()) continue;
            found = true;
            reader.read_file(path, split);
        }
        if (!found) {
            fail(ErrorCode::not_found, "{} has no {}/{}_{}.pth, neither itself nor in data", spec.data_root.string(),
                 name, name, spec.split.empty() ? "*" : spec.split);
        }
    }
    AnnotationTable table = reader.finish();
    table.without_masks = "TransVG's files have boxes only; --instances FILE (COCO's or REFER's) adds the masks";
    if (!spec.instances.empty()) join_masks(table, spec.instances);
    return table;
}

}  // namespace vglaw
