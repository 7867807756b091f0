#include "vglaw/model/imported_part.h"

#include <fmt/ranges.h>

#include <cmath>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

std::string show(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

}  // namespace

StoredArray PartReader::array(const std::string& source) {
    StoredArray array = state_.at(source);
    used_.insert(source);
    switch (array.view.dtype) {
        case Dtype::f64:
        case Dtype::f32:
        case Dtype::f16:
        case Dtype::bf16:
            return array;
        default:
            fail(ErrorCode::unsupported, "{}: tensor '{}' holds {}, not floats", state_.origin(), source,
                 name_of(array.view.dtype));
    }
}

void PartReader::misshapen(const std::string& source, const TensorView& view, const std::string& target) const {
    fail(ErrorCode::corrupt_data, "{}: tensor '{}' has shape {}, the config's '{}' has {}", state_.origin(), source,
         show(view.shape), target, show(shapes_.at(target)));
}

void PartReader::take(const std::string& target, const std::string& source) {
    const StoredArray found = array(source);
    if (found.view.shape != shapes_.at(target)) misshapen(source, found.view, target);
    part_.weights[target] = found.view.to_float();
}

void PartReader::take_rows(const std::string& target, const std::string& source) {
    const StoredArray found = array(source);
    const auto &have = found.view.shape, &want = shapes_.at(target);
    const bool fits = have.size() == 2 && have[1] == want[1] && have[0] >= want[0];
    if (!fits) misshapen(source, found.view, target);
    std::vector<float> values = found.view.to_float();
    if (have[0] != want[0]) {
        values.resize(std::size_t(want[0] * want[1]));
        part_.changes[target] = fmt::format("the first {} of {} rows", want[0], have[0]);
    }
    part_.weights[target] = std::move(values);
}

void PartReader::take_position_grid(const std::string& target, const std::string& source, int leading) {
    const StoredArray found = array(source);
    const auto &have = found.view.shape, &want = shapes_.at(target);
    const bool square = have.size() == 4 && have[1] == have[2];
    const std::int64_t rows = square ? have[1] * have[2] : have.size() == 3 ? have[1] - leading : 0;
    const auto side = std::int64_t(std::llround(std::sqrt(double(rows))));
    if ((!square && have.size() != 3) || have[0] != 1 || have.back() != want[2] || rows < 1 || side * side != rows) {
        misshapen(source, found.view, target);
    }
    const auto target_side = std::int64_t(std::llround(std::sqrt(double(want[1]))));
    const std::vector<float> values = found.view.to_float();
    const auto grid = std::span(values).last(std::size_t(rows * want[2]));
    part_.weights[target] = resize_position_grid(grid, int(side), int(target_side), int(want[2]));
    if (side != target_side) {
        part_.changes[target] = fmt::format("position grid resized from {0} x {0} to {1} x {1}", side, target_side);
    }
}

void PartReader::take_relative_table(const std::string& target, const std::string& source, RelativePositions how) {
    const StoredArray found = array(source);
    const auto &have = found.view.shape, &want = shapes_.at(target);
    if (have.size() != 2 || have[1] != want[1] || have[0] < 1) misshapen(source, found.view, target);
    const bool smaller = have[0] < want[0];
    if (how == RelativePositions::crop && (smaller || (have[0] - want[0]) % 2 != 0)) {
        fail(ErrorCode::corrupt_data,
             "{}: tensor '{}' has {} relative positions, which cannot be cropped to the {} of '{}'; interpolate them "
             "(--rel-pos interpolate)",
             state_.origin(), source, have[0], want[0], target);
    }
    const std::vector<float> values = found.view.to_float();
    part_.weights[target] = fit_relative_table(values, int(want[0]), int(want[1]), how);
    if (have[0] != want[0]) {
        part_.changes[target] =
            fmt::format("relative positions {} from {} to {} rows",
                        how == RelativePositions::crop ? "cropped" : "interpolated", have[0], want[0]);
    }
}

void PartReader::finish() {
    for (const std::string& name : state_.names()) {
        if (!used_.contains(name)) part_.ignored.push_back(name);
    }
}

}  // namespace vglaw
