// Files of torch.save, zip and legacy, and plain pickles with numpy arrays, as people have them: read as data. Nothing
// in them is ever looked up, called or imported; a class or a call stays an inert PickleValue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vglaw/format/pickle_reader.h"
#include "vglaw/format/stored_array.h"

namespace vglaw {

/// Bounds on what an untrusted file may make of memory, beside its own mapping; each is an error that names itself.
struct TorchLimits {
    PickleLimits pickle{.max_bytes = std::size_t{1}
                                     << 40};         ///< a plain pickle holds its arrays, so the whole file counts
    std::size_t max_entries = std::size_t{1} << 17;  ///< of a zip file; storages of a legacy one
    /// Bytes unpacked from a zip file or put into another order: free_bytes + ratio * the file's size, at most
    /// max_bytes.
    std::size_t free_bytes = std::size_t{1} << 26, ratio = 64, max_bytes = std::size_t{1} << 32;
};

/// Copies share the file; values and arrays live as long as one of them. Use from one thread at a time.
///
///     const auto file = TorchFile::open("mae_pretrain_vit_base.pth");
///     if (const auto array = file.array(file.root().at("model").at("pos_embed"))) use(array->view);
class TorchFile {
public:
    /// Maps and reads the file. Throws not_found, io, corrupt_data (what, where) or unsupported (TorchScript,
    /// big-endian files, safetensors, a limit).
    static TorchFile open(const std::filesystem::path& path, const TorchLimits& limits = {});
    /// The same over bytes in memory, which are copied; `origin` names them in messages.
    static TorchFile parse(std::span<const std::uint8_t> bytes, const std::string& origin,
                           const TorchLimits& limits = {});

    [[nodiscard]] PickleValue root() const;
    [[nodiscard]] std::string_view container() const;  ///< "zip", "legacy" or "pickle"
    [[nodiscard]] const std::string& origin() const;   ///< for messages

    /// The array of a value: a torch tensor or parameter, a numpy array or scalar; nothing when the value is none of
    /// these. Throws corrupt_data when it is one and broken (outside its storage, an overflowing shape), unsupported
    /// when it is of a kind not read here (quantised, sparse, complex, big-endian: by name).
    [[nodiscard]] std::optional<StoredArray> array(const PickleValue& value) const;

    struct Content;

private:
    explicit TorchFile(std::shared_ptr<Content> content) : content_(std::move(content)) {}
    static TorchFile read(std::span<const std::uint8_t> bytes, const std::string& origin, const TorchLimits& limits,
                          std::shared_ptr<const void> owner);

    std::shared_ptr<Content> content_;
};

/// True for a value that array() reads or refuses by name; false for anything else. Cheap: looks at names alone.
[[nodiscard]] bool stands_for_array(const PickleValue& value);

}  // namespace vglaw
