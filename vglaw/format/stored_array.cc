#include "vglaw/format/stored_array.h"

#include <algorithm>
#include <cstring>

#include "vglaw/core/error.h"
#include "vglaw/format/safetensors_header.h"

namespace vglaw {
namespace {

constexpr std::size_t max_rank = 64;  // PyTorch's and numpy's own bound

/// One past the last element the layout reaches; the array is not empty.
std::uint64_t reach(const ArrayLayout& layout, const std::string& where) {
    std::uint64_t last = layout.offset;
    for (std::size_t axis = 0; axis < layout.shape.size(); ++axis) {
        std::uint64_t step = 0;
        if (__builtin_mul_overflow(std::uint64_t(layout.shape[axis] - 1), std::uint64_t(layout.strides[axis]), &step) ||
            __builtin_add_overflow(last, step, &last)) {
            fail(ErrorCode::corrupt_data, "{}: its strides overflow 64 bits", where);
        }
    }
    if (last == ~std::uint64_t{0}) fail(ErrorCode::corrupt_data, "{}: its strides overflow 64 bits", where);
    return last + 1;
}

/// An axis of one element has no stride worth the name.
bool is_dense(const ArrayLayout& layout) {
    const std::vector<std::int64_t> dense = dense_strides(layout.shape, false);
    for (std::size_t axis = 0; axis < dense.size(); ++axis) {
        if (layout.shape[axis] != 1 && layout.strides[axis] != dense[axis]) return false;
    }
    return true;
}

template <std::size_t bytes>
void gather(const std::uint8_t* storage, const ArrayLayout& layout, std::uint8_t* out) {
    const std::size_t rank = layout.shape.size();
    const std::int64_t inner = layout.shape[rank - 1], inner_stride = layout.strides[rank - 1];
    std::vector<std::int64_t> index(rank, 0);
    std::uint64_t row = layout.offset;
    for (;;) {
        const std::uint8_t* from = storage + row * bytes;
        for (std::int64_t i = 0; i < inner; ++i, out += bytes) {
            std::memcpy(out, from + std::size_t(i) * std::size_t(inner_stride) * bytes, bytes);
        }
        std::size_t axis = rank - 1;
        for (; axis > 0; --axis) {
            const std::size_t outer = axis - 1;
            row += std::uint64_t(layout.strides[outer]);
            if (++index[outer] < layout.shape[outer]) break;
            row -= std::uint64_t(layout.shape[outer]) * std::uint64_t(layout.strides[outer]);
            index[outer] = 0;
        }
        if (axis == 0) return;
    }
}

}  // namespace

std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape, bool fortran) {
    std::vector<std::int64_t> strides(shape.size());
    // Unsigned: for an empty array the product of the other sides may exceed 64 bits, and nobody reads it.
    std::uint64_t stride = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const std::size_t axis = fortran ? i : shape.size() - 1 - i;
        strides[axis] = std::int64_t(stride);
        stride *= std::uint64_t(shape[axis]);
    }
    return strides;
}

StoredArray read_array(std::span<const std::uint8_t> storage, Dtype dtype, const ArrayLayout& layout,
                       std::shared_ptr<const void> owner, MemoryBudget& budget, const std::string& where) {
    const std::vector<std::int64_t>&shape = layout.shape, &strides = layout.strides;
    if (shape.size() != strides.size() || shape.size() > max_rank) {
        fail(ErrorCode::corrupt_data, "{}: {} sides and {} strides; at most {} of each, and as many", where,
             shape.size(), strides.size(), max_rank);
    }
    const std::size_t bytes = size_of(dtype);
    std::uint64_t numel = 0, total = 0;
    if (!checked_numel(shape, numel) || __builtin_mul_overflow(numel, bytes, &total)) {
        fail(ErrorCode::corrupt_data, "{}: its shape is negative or overflows 64 bits", where);
    }
    if (std::ranges::any_of(strides, [](std::int64_t stride) { return stride < 0; })) {
        fail(ErrorCode::corrupt_data, "{}: a negative stride", where);
    }
    StoredArray array{{dtype, shape, {}}, owner};
    if (numel == 0) return array;
    const std::uint64_t needed = reach(layout, where);
    if (needed > storage.size() / bytes) {
        fail(ErrorCode::corrupt_data, "{}: it needs {} elements, its storage holds {}", where, needed,
             storage.size() / bytes);
    }
    if (is_dense(layout)) {
        array.view.bytes = storage.subspan(std::size_t(layout.offset) * bytes, std::size_t(total));
        return array;
    }
    budget.take(std::size_t(total));
    auto copy = std::make_shared<std::vector<std::uint8_t>>(std::size_t(total));
    const auto gather_bytes = bytes == 8 ? gather<8> : bytes == 4 ? gather<4> : bytes == 2 ? gather<2> : gather<1>;
    gather_bytes(storage.data(), layout, copy->data());
    array.view.bytes = *copy;
    array.owner = std::move(copy);
    return array;
}

}  // namespace vglaw
