#include "vglaw/engine/int8_product.h"

#include <algorithm>

#include "vglaw/engine/floats.h"
#include "vglaw/engine/parallel.h"

namespace vglaw::engine {
namespace {

/// Activations that a core works through with one panel after the other: they should stay in its second-level cache,
/// most of which (1 MiB on today's servers) is left for them.
constexpr std::size_t block_bytes = 640 * 1024;
/// Rows of a block are a multiple of what the tiles of all instruction sets want.
constexpr std::size_t rows_of_tiles = 42;
constexpr std::size_t panels_a_task = 8;

/// (out, in) -> panels of (in, panel_columns), what is beyond the last output 0.
Floats panels_of(const float* weight, std::size_t in, std::size_t out) {
    Floats panels(round_up(out, panel_columns) * in);
    for (std::size_t j = 0; j < out; ++j) {
        float* to = panels.data() + j / panel_columns * panel_columns * in + j % panel_columns;
        for (std::size_t k = 0; k < in; ++k) to[k * panel_columns] = weight[j * in + k];
    }
    return panels;
}

Floats padded(const float* values, std::size_t count) {
    Floats copy(round_up(count, panel_columns));
    if (values != nullptr) std::copy_n(values, count, copy.data());
    return copy;
}

}  // namespace

struct Int8Linear::Packed {
    Floats weight;  // bytes: (panels, padded in / int8_depth, panel_columns, int8_depth)
    Floats beside;  // (panels, beside_in, panel_columns)
    Floats scales, weight_sums, bias;
};

std::size_t Int8Linear::bytes() const {
    if (!packed_) return 0;
    const Packed& p = *packed_;
    return (p.weight.size() + p.beside.size() + p.scales.size() + p.weight_sums.size() + p.bias.size()) * sizeof(float);
}

const float* Int8Linear::bias() const { return packed_ ? packed_->bias.data() : nullptr; }

Int8Linear pack_int8(const std::int8_t* weight, const float* scales, const float* bias, int in, int out,
                     const float* beside, int beside_in) {
    const auto inputs = std::size_t(in), columns = std::size_t(out), depth = round_up(inputs, int8_depth);
    auto packed = std::make_shared<Int8Linear::Packed>();
    packed->weight = Floats(round_up(columns, panel_columns) * depth / sizeof(float));
    packed->scales = padded(scales, columns);
    packed->weight_sums = padded(nullptr, columns);
    packed->bias = padded(bias, columns);
    auto* const panels = reinterpret_cast<std::int8_t*>(packed->weight.data());
    for (std::size_t j = 0; j < columns; ++j) {
        std::int8_t* to = panels + j / panel_columns * panel_columns * depth + j % panel_columns * int8_depth;
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < inputs; ++k) {
            to[k / int8_depth * int8_depth * panel_columns + k % int8_depth] = weight[j * inputs + k];
            sum += weight[j * inputs + k];
        }
        packed->weight_sums[j] = scales[j] * float(sum);
    }
    if (beside_in > 0) packed->beside = panels_of(beside, std::size_t(beside_in), columns);
    Int8Linear layer;
    layer.in_ = in;
    layer.beside_in_ = beside_in;
    layer.out_ = out;
    layer.packed_ = std::move(packed);
    return layer;
}

void multiply(const Int8Linear& layer, const Int8Operands& operands, int threads) {
    const Int8Linear::Packed& packed = *layer.packed_;
    const auto out = std::size_t(layer.out_);
    const std::size_t most = std::max(rows_of_tiles, block_bytes / operands.x.stride / rows_of_tiles * rows_of_tiles);
    // Blocks of one size, not a last one of a few rows.
    const std::size_t blocks = (operands.rows + most - 1) / most,
                      block = round_up((operands.rows + blocks - 1) / blocks, rows_of_tiles);
    const std::size_t width = panels_a_task * panel_columns, groups = (out + width - 1) / width;
    parallel_for(threads, blocks * groups, [&](std::size_t item, int) {
        const std::size_t row = item / groups * block, first = item % groups * width;
        if (row >= operands.rows) return;
        Int8Task task;
        task.rows = std::min(block, operands.rows - row);
        task.first = first;
        task.last = std::min(first + width, out);
        task.x = operands.x;
        task.x.codes += row * operands.x.stride;
        task.x.step += row;
        task.x.low += row;
        task.in = round_up(std::size_t(layer.in_), int8_depth);
        task.weight = reinterpret_cast<const std::int8_t*>(packed.weight.data());
        task.scales = packed.scales.data();
        task.weight_sums = packed.weight_sums.data();
        if (layer.beside_in_ > 0) {
            task.beside = operands.beside + row * operands.beside_stride;
            task.beside_in = std::size_t(layer.beside_in_);
            task.beside_stride = operands.beside_stride;
            task.beside_weight = packed.beside.data();
        }
        task.bias = packed.bias.data();
        task.y = operands.y + row * out;
        task.y_stride = out;
        task.gelu = operands.gelu;
        task.add = operands.add;
        multiply_int8(task);
    });
}

}  // namespace vglaw::engine
