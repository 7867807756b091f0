// The safetensors file format (formats.md 6.1): memory-mapped reading, atomic writing, every malformed file refused by
// name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

enum class Dtype { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };
[[nodiscard]] std::size_t size_of(Dtype dtype);       ///< bytes an element
[[nodiscard]] std::string_view name_of(Dtype dtype);  ///< "F32", "BF16", ... as in the file

/// A tensor inside a mapped file or a caller's buffer: little-endian, row-major; it does not own its bytes.
struct TensorView {
    Dtype dtype = Dtype::f32;
    std::vector<std::int64_t> shape;
    std::span<const std::uint8_t> bytes;
    [[nodiscard]] std::size_t numel() const;
    /// Converted to float (F32, F16, BF16, F64); throws unsupported for integers.
    [[nodiscard]] std::vector<float> to_float() const;
};

/// An open file. Views stay valid as long as this object lives. Thread-safe to read.
class Safetensors {
public:
    /// Maps and checks the whole header; throws not_found, io, corrupt_data (with the reason) or unsupported (dtype).
    static Safetensors open(const std::filesystem::path& path);
    /// The same over bytes in memory, which are copied; `origin` names them in messages.
    static Safetensors parse(std::span<const std::uint8_t> bytes, const std::string& origin);

    [[nodiscard]] const std::map<std::string, TensorView>& tensors() const { return tensors_; }
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
    /// Throws not_found naming the tensor and the file.
    [[nodiscard]] const TensorView& at(const std::string& name) const;
    /// Tells the operating system that a tensor of this file will not be read again soon, so that its pages stop
    /// counting as this process's memory. Only a hint: reading it again is allowed.
    void done_with(const TensorView& tensor) const;

private:
    std::shared_ptr<const void> owner_;
    bool mapped_ = false;
    std::string origin_;
    std::map<std::string, TensorView> tensors_;
    std::map<std::string, std::string> metadata_;
};

/// Writes beside and renames. Same tensors and metadata, same bytes. Order: by descending alignment, then name, as the
/// reference does.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata);

[[nodiscard]] float half_to_float(std::uint16_t bits);
[[nodiscard]] std::uint16_t float_to_half(float value);  ///< round to nearest even
[[nodiscard]] float bfloat16_to_float(std::uint16_t bits);
[[nodiscard]] std::uint16_t float_to_bfloat16(float value);  ///< round to nearest even

}  // namespace vglaw
