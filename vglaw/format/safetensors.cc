#include "vglaw/format/safetensors.h"

#include <cstring>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/safetensors_header.h"

namespace vglaw {
namespace {

/// Applies `convert` to each element; memcpy because a foreign file's data need not be aligned.
template <typename Element, typename Convert>
std::vector<float> converted(std::span<const std::uint8_t> bytes, Convert convert) {
    std::vector<float> values(bytes.size() / sizeof(Element));
    for (std::size_t i = 0; i < values.size(); ++i) {
        Element element;
        std::memcpy(&element, bytes.data() + i * sizeof(Element), sizeof(Element));
        values[i] = convert(element);
    }
    return values;
}

std::string_view json_of(std::span<const std::uint8_t> bytes, const std::string& origin) {
    if (bytes.size() < 8) {
        fail(ErrorCode::corrupt_data, "{}: {} bytes are too few for a safetensors file", origin, bytes.size());
    }
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = (length << 8) | bytes[std::size_t(i)];
    if (length > kMaxSafetensorsHeaderBytes) {
        fail(ErrorCode::corrupt_data,
             "{}: the header claims {} bytes, more than the {} allowed; not a safetensors file?", origin, length,
             kMaxSafetensorsHeaderBytes);
    }
    if (length > bytes.size() - 8) {
        fail(ErrorCode::corrupt_data, "{}: the header claims {} bytes, but only {} follow; the file is truncated",
             origin, length, bytes.size() - 8);
    }
    return {reinterpret_cast<const char*>(bytes.data()) + 8, std::size_t(length)};
}

void read_into(std::span<const std::uint8_t> bytes, const std::string& origin,
               std::map<std::string, TensorView>& tensors, std::map<std::string, std::string>& metadata) {
    const std::string_view json = json_of(bytes, origin);
    const std::span<const std::uint8_t> data = bytes.subspan(8 + json.size());
    SafetensorsHeader header = parse_safetensors_header(json, data.size(), origin);
    for (auto& [name, entry] : header.tensors) {
        tensors.emplace_hint(
            tensors.end(), name,
            TensorView{entry.dtype, std::move(entry.shape), data.subspan(entry.begin, entry.end - entry.begin)});
    }
    metadata = std::move(header.metadata);
}

}  // namespace

std::size_t size_of(Dtype dtype) {
    switch (dtype) {
        case Dtype::f64:
        case Dtype::i64:
            return 8;
        case Dtype::f32:
        case Dtype::i32:
            return 4;
        case Dtype::f16:
        case Dtype::bf16:
        case Dtype::i16:
            return 2;
        case Dtype::i8:
        case Dtype::u8:
        case Dtype::boolean:
            return 1;
    }
    fail(ErrorCode::internal, "dtype {} has no size", int(dtype));
}

std::string_view name_of(Dtype dtype) {
    switch (dtype) {
        case Dtype::f64:
            return "F64";
        case Dtype::f32:
            return "F32";
        case Dtype::f16:
            return "F16";
        case Dtype::bf16:
            return "BF16";
        case Dtype::i64:
            return "I64";
        case Dtype::i32:
            return "I32";
        case Dtype::i16:
            return "I16";
        case Dtype::i8:
            return "I8";
        case Dtype::u8:
            return "U8";
        case Dtype::boolean:
            return "BOOL";
    }
    fail(ErrorCode::internal, "dtype {} has no name", int(dtype));
}

std::size_t TensorView::numel() const {
    std::uint64_t count = 0;
    if (!checked_numel(shape, count))
        fail(ErrorCode::invalid_argument, "a tensor's shape is negative or overflows 64 bits");
    return std::size_t(count);
}

std::vector<float> TensorView::to_float() const {
    if (bytes.size() != numel() * size_of(dtype)) {
        fail(ErrorCode::invalid_argument, "a tensor view holds {} bytes, its shape needs {}", bytes.size(),
             numel() * size_of(dtype));
    }
    switch (dtype) {
        case Dtype::f64:
            return converted<double>(bytes, [](double value) { return float(value); });
        case Dtype::f32:
            return converted<float>(bytes, [](float value) { return value; });
        case Dtype::f16:
            return converted<std::uint16_t>(bytes, half_to_float);
        case Dtype::bf16:
            return converted<std::uint16_t>(bytes, bfloat16_to_float);
        default:
            fail(ErrorCode::unsupported, "a tensor of dtype {} cannot be read as floats", name_of(dtype));
    }
}

Safetensors Safetensors::open(const std::filesystem::path& path) {
    auto file = std::make_shared<MappedFile>(path);
    Safetensors result;
    result.origin_ = path.string();
    read_into(file->bytes(), result.origin_, result.tensors_, result.metadata_);
    result.owner_ = std::move(file);
    result.mapped_ = true;
    return result;
}

Safetensors Safetensors::parse(std::span<const std::uint8_t> bytes, const std::string& origin) {
    auto copy = std::make_shared<std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
    Safetensors result;
    result.origin_ = origin;
    read_into(*copy, result.origin_, result.tensors_, result.metadata_);
    result.owner_ = std::move(copy);
    return result;
}

const TensorView& Safetensors::at(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail(ErrorCode::not_found, "{} holds no tensor named {}", origin_, quote(name));
    return found->second;
}

void Safetensors::done_with(const TensorView& tensor) const {
    if (mapped_) drop_pages(tensor.bytes);
}

}  // namespace vglaw
