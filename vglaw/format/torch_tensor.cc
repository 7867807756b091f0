#include "vglaw/format/torch_tensor.h"

#include <array>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

using Names = std::array<std::pair<std::string_view, Dtype>, 10>;
constexpr Names storages{{{"DoubleStorage", Dtype::f64},
                          {"FloatStorage", Dtype::f32},
                          {"HalfStorage", Dtype::f16},
                          {"BFloat16Storage", Dtype::bf16},
                          {"LongStorage", Dtype::i64},
                          {"IntStorage", Dtype::i32},
                          {"ShortStorage", Dtype::i16},
                          {"CharStorage", Dtype::i8},
                          {"ByteStorage", Dtype::u8},
                          {"BoolStorage", Dtype::boolean}}};
constexpr Names dtypes{{{"float64", Dtype::f64},
                        {"float32", Dtype::f32},
                        {"float16", Dtype::f16},
                        {"bfloat16", Dtype::bf16},
                        {"int64", Dtype::i64},
                        {"int32", Dtype::i32},
                        {"int16", Dtype::i16},
                        {"int8", Dtype::i8},
                        {"uint8", Dtype::u8},
                        {"bool", Dtype::boolean}}};

Dtype named(const Names& names, const PickleValue& type, const std::string& where) {
    for (const auto& [name, dtype] : names) {
        if (type.name() == name) return dtype;
    }
    fail(ErrorCode::unsupported, "{}: {} is not read here; convert the tensor to float32 before saving it", where,
         quote(fmt::format("{}.{}", type.module(), type.name())));
}

std::uint64_t count_of(const PickleValue& value, const std::string& where) {
    const std::int64_t count = value.as_int();
    if (count < 0) fail(ErrorCode::corrupt_data, "{}: a negative count", where);
    return std::uint64_t(count);
}

std::vector<std::int64_t> integers(const PickleValue& value, const std::string& where) {
    // torch.Size is pickled as a call with one tuple.
    if (value.is(PickleKind::object) && value.callable().is_global("torch", "Size")) {
        const PickleValue args = value.args();
        if (!args.is(PickleKind::tuple) || args.size() != 1) fail(ErrorCode::corrupt_data, "{}: a broken size", where);
        if (args[0].is(PickleKind::object)) fail(ErrorCode::corrupt_data, "{}: a broken size", where);
        return integers(args[0], where);
    }
    if (!value.is(PickleKind::tuple) && !value.is(PickleKind::list)) {
        fail(ErrorCode::corrupt_data, "{}: expected a tuple of integers, found {}", where, name_of(value.kind()));
    }
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < value.size(); ++i) numbers.push_back(value[i].as_int());
    return numbers;
}

PickleValue argument(const PickleValue& args, std::size_t i, const std::string& where) {
    if (!args.is(PickleKind::tuple) || i >= args.size()) fail(ErrorCode::corrupt_data, "{} lacks its arguments", where);
    return args[i];
}

struct TensorReader {
    const FindStorage& find;
    const std::shared_ptr<const void>& owner;
    MemoryBudget& budget;
    const std::string& origin;
    std::string where;

    std::optional<StoredArray> read(const PickleValue& value) {
        if (!value.is(PickleKind::object)) return std::nullopt;
        return read_call(value.callable(), value.args());
    }

    std::optional<StoredArray> read_call(const PickleValue& callable, const PickleValue& args) {
        if (!callable.is(PickleKind::global)) return std::nullopt;
        const std::string_view module = callable.module(), name = callable.name();
        if (module == "torch._tensor" && name == "_rebuild_from_type_v2") {  // (function, type, arguments, state)
            return read_call(argument(args, 0, where), argument(args, 2, where));
        }
        if (module != "torch._utils" || !name.starts_with("_rebuild")) return std::nullopt;
        if (name == "_rebuild_parameter" || name == "_rebuild_parameter_with_state") {
            const std::optional<StoredArray> data = read(argument(args, 0, where));
            if (!data) fail(ErrorCode::corrupt_data, "{}: a parameter that is no tensor", where);
            return data;
        }
        if (name == "_rebuild_tensor" || name == "_rebuild_tensor_v2") return plain(args, std::nullopt);
        if (name == "_rebuild_tensor_v3") return plain(args, argument(args, 6, where));
        fail(ErrorCode::unsupported, "{}: {} is not read here; only dense tensors are", origin,
             quote(fmt::format("torch._utils.{}", name)));
    }

    StoredArray plain(const PickleValue& args, const std::optional<PickleValue>& type) {
        const StorageReference reference = read_storage_reference(argument(args, 0, where), origin);
        if (!type && !reference.dtype) fail(ErrorCode::corrupt_data, "{} of no known type", where);
        const Dtype dtype = type ? named(dtypes, *type, where) : *reference.dtype;
        ArrayLayout layout;
        layout.offset = count_of(argument(args, 1, where), where);
        layout.shape = integers(argument(args, 2, where), where);
        layout.strides = integers(argument(args, 3, where), where);
        return read_array(find(reference), dtype, layout, owner, budget,
                          fmt::format("{}: a tensor in the storage {}", origin, quote(reference.key)));
    }
};

}  // namespace

StorageReference read_storage_reference(const PickleValue& persistent, const std::string& origin) {
    const std::string where = origin + ": a storage";
    const PickleValue id = persistent.persistent_id();
    if (!id.is(PickleKind::tuple) || id.size() < 5 || id[0].as_string() != "storage") {
        fail(ErrorCode::corrupt_data, "{}: a reference to something outside that is no torch storage", origin);
    }
    const PickleValue type = id[1];
    StorageReference reference;
    // torch.FloatStorage, in old files of a GPU torch.cuda.FloatStorage; torch.storage.UntypedStorage with _v3.
    if (type.name() != "UntypedStorage" && type.name() != "_UntypedStorage") {
        if (type.module() != "torch" && type.module() != "torch.cuda") {
            fail(ErrorCode::unsupported, "{}: {} is no storage of torch", where,
                 quote(fmt::format("{}.{}", type.module(), type.name())));
        }
        reference.dtype = named(storages, type, where);
    }
    reference.key = id[2].as_string();
    reference.elements = count_of(id[4], where);
    if (id.size() > 5 && !id[5].is(PickleKind::none)) {
        const PickleValue view = id[5];
        if (!view.is(PickleKind::tuple) || view.size() != 3) fail(ErrorCode::corrupt_data, "{}: a broken view", where);
        reference.has_view = true;
        reference.view_key = view[0].as_string();
        reference.view_offset = count_of(view[1], where);
        reference.view_elements = count_of(view[2], where);
    }
    return reference;
}

std::optional<StoredArray> read_tensor(const PickleValue& value, const FindStorage& find,
                                       const std::shared_ptr<const void>& owner, MemoryBudget& budget,
                                       const std::string& origin) {
    return TensorReader{find, owner, budget, origin, origin + ": a tensor"}.read(value);
}

}  // namespace vglaw
