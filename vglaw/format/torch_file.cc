#include "vglaw/format/torch_file.h"

#include <algorithm>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/memory_budget.h"
#include "vglaw/format/numpy_array.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/torch_legacy.h"
#include "vglaw/format/torch_tensor.h"
#include "vglaw/format/weight_container.h"
#include "vglaw/format/zip_archive.h"

namespace vglaw {

struct TorchFile::Content {
    Content(std::string name, std::size_t size, const TorchLimits& limits)
        : origin(std::move(name)), budget(origin, allowance(size, limits)) {}

    static std::size_t allowance(std::size_t size, const TorchLimits& limits) {
        const std::size_t most = std::min(limits.free_bytes, limits.max_bytes);
        return limits.ratio != 0 && size > (limits.max_bytes - most) / limits.ratio ? limits.max_bytes
                                                                                    : most + limits.ratio * size;
    }

    std::string origin;
    MemoryBudget budget;
    WeightContainer container = WeightContainer::pickle;
    std::shared_ptr<const void> owner;
    std::optional<ZipArchive> zip;
    std::string folder;  ///< of the zip: "archive/"
    std::map<std::string, std::span<const std::uint8_t>, std::less<>> storages;
    std::optional<PickleDocument> document;

    std::span<const std::uint8_t> storage(const StorageReference& reference) {
        std::span<const std::uint8_t> bytes;
        if (zip) {
            bytes = zip->read(fmt::format("{}data/{}", folder, reference.key), budget);
        } else {
            const auto found = storages.find(reference.key);
            if (found == storages.end()) {
                fail(ErrorCode::corrupt_data, "{}: the storage {} is missing", origin, quote(reference.key));
            }
            bytes = found->second;
        }
        const std::size_t element = reference.element_bytes();
        if (bytes.size() / element < reference.elements) {
            fail(ErrorCode::corrupt_data, "{}: the storage {} has {} bytes, too few for its {} elements", origin,
                 quote(reference.key), bytes.size(), reference.elements);
        }
        bytes = bytes.first(std::size_t(reference.elements) * element);
        if (!reference.has_view) return bytes;
        if (reference.view_offset > reference.elements ||
            reference.view_elements > reference.elements - reference.view_offset) {
            fail(ErrorCode::corrupt_data, "{}: a view reaches beyond the storage {}", origin, quote(reference.key));
        }
        return bytes.subspan(std::size_t(reference.view_offset) * element,
                             std::size_t(reference.view_elements) * element);
    }
};

namespace {

std::string_view text_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The folder all of torch.save's entries lie in: that of data.pkl.
std::string folder_of(const ZipArchive& zip, const std::string& origin) {
    std::string folder;
    std::size_t found = 0;
    for (const std::string_view name : zip.names()) {
        const std::size_t slash = name.find('/');
        if (slash == std::string_view::npos || name.substr(slash) != "/data.pkl") continue;
        folder = std::string(name.substr(0, slash + 1));
        ++found;
    }
    if (found > 1) fail(ErrorCode::corrupt_data, "{}: a zip file with several data.pkl", origin);
    if (found == 0) {
        fail(ErrorCode::unsupported, "{}: a zip file without FOLDER/data.pkl, so not one of torch.save", origin);
    }
    // TorchScript keeps its program in code/ and refers to its classes from data.pkl.
    if (zip.contains(folder + "constants.pkl")) {
        fail(ErrorCode::unsupported, "{}: a TorchScript program; save its state_dict() with torch.save instead",
             origin);
    }
    return folder;
}

}  // namespace

TorchFile TorchFile::read(std::span<const std::uint8_t> bytes, const std::string& origin, const TorchLimits& limits,
                          std::shared_ptr<const void> owner) {
    auto content = std::make_shared<Content>(origin, bytes.size(), limits);
    content->owner = std::move(owner);
    content->container = sniff_container(bytes, origin);
    const PickleOptions options{.limits = limits.pickle};
    switch (content->container) {
        case WeightContainer::safetensors:
            fail(ErrorCode::unsupported, "{}: a safetensors file, not one of torch.save", origin);
        case WeightContainer::pickle:
            content->document = parse_pickle(bytes, origin, options);
            break;
        case WeightContainer::legacy: {
            LegacyTorch legacy = read_legacy_torch(bytes, origin, limits.pickle, limits.max_entries);
            content->document = std::move(legacy.object);
            content->storages = std::move(legacy.storages);
            break;
        }
        case WeightContainer::zip: {
            ZipArchive& zip = content->zip.emplace(bytes, origin, limits.max_entries);
            content->folder = folder_of(zip, origin);
            const std::string byte_order = content->folder + "byteorder";
            if (zip.contains(byte_order) && !text_of(zip.read(byte_order, content->budget)).starts_with("little")) {
                fail(ErrorCode::unsupported, "{}: written on a big-endian machine; save it again on another", origin);
            }
            content->document = parse_pickle(zip.read(content->folder + "data.pkl", content->budget), origin, options);
            break;
        }
    }
    return TorchFile(std::move(content));
}

TorchFile TorchFile::open(const std::filesystem::path& path, const TorchLimits& limits) {
    auto file = std::make_shared<const MappedFile>(path);
    const std::span<const std::uint8_t> bytes = file->bytes();
    return read(bytes, path.string(), limits, std::move(file));
}

TorchFile TorchFile::parse(std::span<const std::uint8_t> bytes, const std::string& origin, const TorchLimits& limits) {
    auto copy = std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
    const std::span<const std::uint8_t> view = *copy;
    return read(view, origin, limits, std::move(copy));
}

PickleValue TorchFile::root() const { return content_->document->root(); }
std::string_view TorchFile::container() const { return name_of(content_->container); }
const std::string& TorchFile::origin() const { return content_->origin; }

std::optional<StoredArray> TorchFile::array(const PickleValue& value) const {
    Content& content = *content_;
    const FindStorage find = [&content](const StorageReference& reference) { return content.storage(reference); };
    if (auto tensor = read_tensor(value, find, content_, content.budget, content.origin)) return tensor;
    return read_numpy(value, content_, content.budget, content.origin);
}

bool stands_for_array(const PickleValue& value) {
    if (!value.is(PickleKind::object) || !value.callable().is(PickleKind::global)) return false;
    const std::string_view module = value.callable().module(), name = value.callable().name();
    if (module == "torch._utils") return name.starts_with("_rebuild");
    if (module == "torch._tensor") return name == "_rebuild_from_type_v2";
    if (module == "numpy.core.multiarray" || module == "numpy._core.multiarray") {
        return name == "_reconstruct" || name == "scalar";
    }
    return (module == "numpy.core.numeric" || module == "numpy._core.numeric") && name == "_frombuffer";
}

}  // namespace vglaw
