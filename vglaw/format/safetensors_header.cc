#include "vglaw/format/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

using Json = nlohmann::json;

std::optional<Dtype> dtype_named(std::string_view name) {
    for (const Dtype dtype : {Dtype::f64, Dtype::f32, Dtype::f16, Dtype::bf16, Dtype::i64, Dtype::i32, Dtype::i16,
                              Dtype::i8, Dtype::u8, Dtype::boolean}) {
        if (name_of(dtype) == name) return dtype;
    }
    return std::nullopt;
}

/// Events, not a document: a document would hide duplicate keys, and cost memory for a header nobody has checked yet.
/// The grammar is two levels deep, so `depth_` and the two current keys are the whole state.
class HeaderEvents : public nlohmann::json_sax<Json> {
public:
    HeaderEvents(const std::string& origin, SafetensorsHeader& header) : origin_(origin), header_(header) {}

    bool null() override { return misplaced("null"); }
    bool boolean(bool) override { return misplaced("a boolean"); }
    bool number_float(double, const std::string& text) override {
        return misplaced("the number " + text.substr(0, 40));
    }
    bool binary(binary_t&) override { return misplaced("binary data"); }
    bool number_integer(std::int64_t value) override { return misplaced(fmt::format("the number {}", value)); }

    bool number_unsigned(std::uint64_t value) override {
        if (!in_array_ || value > std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
            return misplaced(fmt::format("the number {}", value));
        }
        (field_ == "shape" ? entry_.shape : offsets_).push_back(std::int64_t(value));
        return true;
    }

    bool string(std::string& value) override {
        if (depth_ == 2 && in_metadata_) {
            header_.metadata[field_] = value;
        } else if (depth_ == 2 && field_ == "dtype") {
            const std::optional<Dtype> dtype = dtype_named(value);
            if (!dtype) {
                fail(
                    ErrorCode::unsupported,
                    "{}: tensor {} has dtype {}, which is not read here; convert it to one of F64 F32 F16 BF16 I64 I32 "
                    "I16 I8 U8 BOOL",
                    origin_, quote(tensor_), quote(value));
            }
            entry_.dtype = *dtype;
        } else {
            return misplaced("the string " + quote(value));
        }
        return true;
    }

    bool start_object(std::size_t) override {
        if (depth_ >= 2 || in_array_) return misplaced("an object");
        ++depth_;
        fields_.clear();
        entry_ = {};
        offsets_.clear();
        return true;
    }

    bool key(std::string& name) override {
        if (depth_ == 1) {
            tensor_ = name;
            field_.clear();
            in_metadata_ = name == "__metadata__";
            const bool fresh =
                in_metadata_ ? !std::exchange(seen_metadata_, true) : header_.tensors.try_emplace(name).second;
            if (!fresh)
                fail(ErrorCode::corrupt_data, "{}: the name {} appears twice in the header", origin_, quote(name));
            return true;
        }
        field_ = name;
        if (!in_metadata_ && name != "dtype" && name != "shape" && name != "data_offsets") {
            fail(ErrorCode::corrupt_data, "{}: tensor {} has the unknown field {}", origin_, quote(tensor_),
                 quote(name));
        }
        if (!fields_.insert(name).second) {
            fail(ErrorCode::corrupt_data, "{}: the field {} of {} appears twice in the header", origin_, quote(name),
                 quote(tensor_));
        }
        return true;
    }

    bool end_object() override {
        if (depth_-- == 2 && !in_metadata_) finish_tensor();
        return true;
    }

    bool start_array(std::size_t) override {
        if (depth_ != 2 || in_metadata_ || in_array_ || (field_ != "shape" && field_ != "data_offsets")) {
            return misplaced("an array");
        }
        in_array_ = true;
        return true;
    }

    bool end_array() override {
        in_array_ = false;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const Json::exception& error) override {
        // nlohmann's text may quote raw bytes of the file; position and id say enough, in one clean line.
        const bool utf8 = std::string_view(error.what()).find("UTF-8") != std::string_view::npos;
        fail(ErrorCode::corrupt_data, "{}: the header is not valid {} at byte {}", origin_, utf8 ? "UTF-8" : "JSON",
             position + 8);
    }

private:
    bool misplaced(const std::string& what) const {
        if (depth_ == 2 && in_metadata_) {
            fail(ErrorCode::corrupt_data, "{}: metadata {} is {}, not a string", origin_, quote(field_), what);
        }
        fail(ErrorCode::corrupt_data, "{}: the header holds {} as {} of {}, where it must not be", origin_, what,
             field_.empty() ? "the value" : field_, quote(tensor_));
    }

    void finish_tensor() {
        if (fields_.size() != 3) {
            fail(ErrorCode::corrupt_data, "{}: tensor {} lacks dtype, shape or data_offsets", origin_, quote(tensor_));
        }
        if (offsets_.size() != 2 || offsets_[0] > offsets_[1]) {
            fail(ErrorCode::corrupt_data, "{}: data_offsets of tensor {} are not [begin, end]", origin_,
                 quote(tensor_));
        }
        entry_.begin = std::size_t(offsets_[0]);
        entry_.end = std::size_t(offsets_[1]);
        header_.tensors[tensor_] = std::move(entry_);
    }

    const std::string& origin_;
    SafetensorsHeader& header_;
    int depth_ = 0;
    bool in_metadata_ = false, in_array_ = false, seen_metadata_ = false;
    std::string tensor_, field_;
    std::set<std::string> fields_;
    SafetensorsEntry entry_;
    std::vector<std::int64_t> offsets_;
};

void check_tiling(const SafetensorsHeader& header, std::size_t data_bytes, const std::string& origin) {
    using Item = std::pair<const std::string, SafetensorsEntry>;
    std::vector<const Item*> order;
    order.reserve(header.tensors.size());
    for (const Item& item : header.tensors) order.push_back(&item);
    std::ranges::sort(order, {}, [](const Item* item) { return std::pair(item->second.begin, item->second.end); });
    std::size_t expected = 0;
    for (const Item* item : order) {
        const auto& [name, entry] = *item;
        std::uint64_t numel = 0, bytes = 0;
        if (!checked_numel(entry.shape, numel) || __builtin_mul_overflow(numel, size_of(entry.dtype), &bytes)) {
            fail(ErrorCode::corrupt_data, "{}: the shape of tensor {} overflows 64 bits", origin, quote(name));
        }
        if (entry.end - entry.begin != bytes) {
            fail(ErrorCode::corrupt_data, "{}: tensor {} spans {} bytes, but its shape and dtype {} need {}", origin,
                 quote(name), entry.end - entry.begin, name_of(entry.dtype), bytes);
        }
        if (entry.begin != expected) {
            fail(ErrorCode::corrupt_data, "{}: tensor {} begins at data byte {}, {} {}", origin, quote(name),
                 entry.begin, entry.begin < expected ? "overlapping the tensor that ends at" : "leaving a gap after",
                 expected);
        }
        expected = entry.end;
    }
    if (expected != data_bytes) {
        fail(ErrorCode::corrupt_data, "{}: the header describes {} bytes of data, the file holds {}; it is {}", origin,
             expected, data_bytes, expected > data_bytes ? "truncated, fetch it again" : "followed by foreign bytes");
    }
}

}  // namespace

bool checked_numel(const std::vector<std::int64_t>& shape, std::uint64_t& numel) {
    numel = 1;
    for (const std::int64_t extent : shape) {
        if (extent < 0 || __builtin_mul_overflow(numel, std::uint64_t(extent), &numel)) return false;
    }
    return true;
}

SafetensorsHeader parse_safetensors_header(std::string_view json, std::size_t data_bytes, const std::string& origin) {
    if (json.empty() || json.front() != '{') {
        fail(ErrorCode::corrupt_data, "{}: the header does not begin with '{{'; this is not a safetensors file",
             origin);
    }
    // The JSON lexer takes a NUL for the end of its input and would not look at what follows.
    if (json.find('\0') != std::string_view::npos) {
        fail(ErrorCode::corrupt_data, "{}: the header is not valid JSON: it holds a NUL byte", origin);
    }
    SafetensorsHeader header;
    HeaderEvents events(origin, header);
    Json::sax_parse(json.begin(), json.end(), &events);
    check_tiling(header, data_bytes, origin);
    return header;
}

}  // namespace vglaw
