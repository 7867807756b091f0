#include "vglaw/format/numpy_array.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

/// numpy 2 moved its inner modules to _core.
bool names(const PickleValue& callable, std::string_view module, std::string_view name) {
    return callable.is_global("numpy." + std::string(module), name) ||
           (module.starts_with("core.") && callable.is_global("numpy._" + std::string(module), name));
}

const PickleValue& tuple_of(const PickleValue& value, std::size_t least, const std::string& where) {
    if (!value.is(PickleKind::tuple) || value.size() < least) {
        fail(ErrorCode::corrupt_data, "{}: expected a tuple of {} or more, found {}", where, least,
             value.is(PickleKind::tuple) ? "a shorter one" : name_of(value.kind()));
    }
    return value;
}

Dtype dtype_of(const PickleValue& value, const std::string& where) {
    if (!value.is(PickleKind::object) || !value.callable().is_global("numpy", "dtype")) {
        fail(ErrorCode::corrupt_data, "{}: its dtype is no numpy.dtype", where);
    }
    const std::string_view code = tuple_of(value.args(), 1, where)[0].as_string();
    std::string_view order = "|";
    if (const std::optional<PickleValue> state = value.state()) {
        tuple_of(*state, 5, where);
        order = (*state)[1].as_string();
        if (!(*state)[2].is(PickleKind::none) || !(*state)[4].is(PickleKind::none)) {
            fail(ErrorCode::unsupported, "{}: a structured dtype; only plain numbers are read", where);
        }
    }
    constexpr std::array<std::pair<std::string_view, Dtype>, 9> known{{{"f8", Dtype::f64},
                                                                       {"f4", Dtype::f32},
                                                                       {"f2", Dtype::f16},
                                                                       {"i8", Dtype::i64},
                                                                       {"i4", Dtype::i32},
                                                                       {"i2", Dtype::i16},
                                                                       {"i1", Dtype::i8},
                                                                       {"u1", Dtype::u8},
                                                                       {"b1", Dtype::boolean}}};
    for (const auto& [name, dtype] : known) {
        if (name != code) continue;
        if (order == ">" && size_of(dtype) > 1) {
            fail(ErrorCode::unsupported, "{}: big-endian numbers; save it again with .astype('<{}')", where, code);
        }
        return dtype;
    }
    fail(ErrorCode::unsupported,
         "{}: the numpy dtype {} is not read here; convert it to one of f8 f4 f2 i8 i4 i2 i1 u1 b1", where,
         quote(code));
}

std::vector<std::int64_t> shape_of(const PickleValue& value, const std::string& where) {
    tuple_of(value, 0, where);
    std::vector<std::int64_t> shape;
    for (std::size_t i = 0; i < value.size(); ++i) shape.push_back(value[i].as_int());
    return shape;
}

StoredArray whole(const PickleValue& bytes, Dtype dtype, std::vector<std::int64_t> shape, bool fortran,
                  const std::shared_ptr<const void>& owner, MemoryBudget& budget, const std::string& where) {
    ArrayLayout layout;
    layout.strides = dense_strides(shape, fortran);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] < 0) fail(ErrorCode::corrupt_data, "{}: its shape is negative", where);
        // Where it overflowed the array is refused for its shape or is empty; either way before a stride is used.
        layout.strides[axis] = std::max<std::int64_t>(layout.strides[axis], 0);
    }
    layout.shape = std::move(shape);
    const std::span<const std::uint8_t> storage = bytes.as_bytes();
    StoredArray array = read_array(storage, dtype, layout, owner, budget, where);
    if (array.view.numel() * size_of(dtype) != storage.size()) {
        fail(ErrorCode::corrupt_data, "{}: {} bytes for an array of {}", where, storage.size(),
             array.view.numel() * size_of(dtype));
    }
    return array;
}

}  // namespace

std::optional<StoredArray> read_numpy(const PickleValue& value, const std::shared_ptr<const void>& owner,
                                      MemoryBudget& budget, const std::string& origin) {
    if (!value.is(PickleKind::object) || !value.callable().is(PickleKind::global)) return std::nullopt;
    const PickleValue callable = value.callable();
    const std::string where = origin + ": a numpy array";
    if (names(callable, "core.multiarray", "_reconstruct")) {
        if (!value.state()) fail(ErrorCode::corrupt_data, "{} without contents", where);
        // (version, shape, dtype, is Fortran, bytes); numpy 1.0's first form has no version.
        const PickleValue state = tuple_of(*value.state(), 4, where);
        const std::size_t first = state.size() == 4 ? 0 : 1;
        const Dtype dtype = dtype_of(state[first + 1], where);
        const PickleValue order = state[first + 2];
        const bool fortran = order.is(PickleKind::integer) ? order.as_int() != 0 : order.as_bool();
        return whole(state[first + 3], dtype, shape_of(state[first], where), fortran, owner, budget, where);
    }
    if (names(callable, "core.numeric", "_frombuffer")) {
        const PickleValue args = tuple_of(value.args(), 4, where);
        return whole(args[0], dtype_of(args[1], where), shape_of(args[2], where), args[3].as_string() == "F", owner,
                     budget, where);
    }
    if (names(callable, "core.multiarray", "scalar")) {
        const PickleValue args = tuple_of(value.args(), 2, where);
        return whole(args[1], dtype_of(args[0], where), {}, false, owner, budget, where);
    }
    return std::nullopt;
}

}  // namespace vglaw
