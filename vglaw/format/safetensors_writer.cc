#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/safetensors.h"
#include "vglaw/format/safetensors_header.h"

namespace vglaw {
namespace {

/// The reference sorts by its own enum of dtypes, descending; for ours that order is this one, and it never misaligns
/// an element.
int reference_rank(Dtype dtype) {
    switch (dtype) {
        case Dtype::i64:
            return 0;
        case Dtype::f64:
            return 1;
        case Dtype::f32:
            return 2;
        case Dtype::i32:
            return 3;
        case Dtype::bf16:
            return 4;
        case Dtype::f16:
            return 5;
        case Dtype::i16:
            return 6;
        case Dtype::i8:
            return 7;
        case Dtype::u8:
            return 8;
        case Dtype::boolean:
            return 9;
    }
    fail(ErrorCode::internal, "dtype {} has no rank", int(dtype));
}

std::string json_string(const std::string& text, const std::filesystem::path& path) {
    try {
        return nlohmann::json(text).dump();
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::invalid_argument, "{}: the name or metadata {} is not UTF-8", path.string(), quote(text));
    }
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    using Item = std::pair<const std::string, TensorView>;
    std::vector<const Item*> order;
    order.reserve(tensors.size());
    for (const Item& item : tensors) order.push_back(&item);
    // The map is sorted by name already, and a stable sort keeps that within each dtype.
    std::ranges::stable_sort(order, {}, [](const Item* item) { return reference_rank(item->second.dtype); });

    // Text by hand: the reference writes dtype, shape, data_offsets in this order, and a JSON object would sort them.
    std::string header = "{";
    if (!metadata.empty()) {
        header += "\"__metadata__\":{";
        for (const auto& [key, value] : metadata) {
            if (header.back() != '{') header += ',';
            header += fmt::format("{}:{}", json_string(key, path), json_string(value, path));
        }
        header += '}';
    }
    std::uint64_t offset = 0;
    for (const Item* item : order) {
        const auto& [name, view] = *item;
        if (name == "__metadata__") {
            fail(ErrorCode::invalid_argument, "{}: a tensor cannot be named __metadata__", path.string());
        }
        if (view.bytes.size() != view.numel() * size_of(view.dtype)) {
            fail(ErrorCode::invalid_argument, "{}: tensor {} holds {} bytes, its shape needs {}", path.string(),
                 quote(name), view.bytes.size(), view.numel() * size_of(view.dtype));
        }
        if (header.size() > 1) header += ',';
        header +=
            fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", json_string(name, path),
                        name_of(view.dtype), fmt::join(view.shape, ","), offset, offset + view.bytes.size());
        offset += view.bytes.size();
    }
    header += '}';
    header.resize((header.size() + 7) / 8 * 8, ' ');
    if (header.size() > kMaxSafetensorsHeaderBytes) {
        fail(ErrorCode::unsupported, "{}: the header would be {} bytes, more than the format's {}", path.string(),
             header.size(), kMaxSafetensorsHeaderBytes);
    }

    AtomicFile file(path);
    std::uint8_t length[8];
    for (std::size_t i = 0; i < 8; ++i) length[i] = std::uint8_t(std::uint64_t(header.size()) >> (8 * i));
    file.write(std::span<const std::uint8_t>(length));
    file.write(header);
    for (const Item* item : order) file.write(item->second.bytes);
    file.commit();
}

}  // namespace vglaw
