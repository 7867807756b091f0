#include "vglaw/format/torch_legacy.h"

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/torch_tensor.h"
#include "vglaw/format/weight_container.h"

namespace vglaw {
namespace {

class LegacyReader {
public:
    LegacyReader(std::span<const std::uint8_t> bytes, const std::string& origin, const PickleLimits& limits)
        : bytes_(bytes), origin_(origin), options_{limits} {}

    PickleDocument next_pickle() {
        PickleDocument document = parse_pickle(bytes_.subspan(at_), origin_, options_);
        at_ += document.consumed();
        return document;
    }

    void skip_magic() {
        at_ = legacy_magic_end(bytes_);
        (void)next_bytes(1, 1);  // STOP
    }

    std::uint64_t next_count() {
        if (bytes_.size() - at_ < 8) truncated();
        std::uint64_t count = 0;
        for (std::size_t i = 8; i-- > 0;) count = (count << 8) | bytes_[at_ + i];
        at_ += 8;
        return count;
    }

    std::span<const std::uint8_t> next_bytes(std::uint64_t count, std::size_t element) {
        if (count > (bytes_.size() - at_) / element) truncated();
        const std::span<const std::uint8_t> taken = bytes_.subspan(at_, std::size_t(count) * element);
        at_ += taken.size();
        return taken;
    }

private:
    [[noreturn]] void truncated() const {
        fail(ErrorCode::corrupt_data, "{}: the file is truncated, fetch it again", origin_);
    }

    std::span<const std::uint8_t> bytes_;
    const std::string& origin_;
    PickleOptions options_;
    std::size_t at_ = 0;
};

/// Only the references in the pickle say how wide a storage's elements are.
std::map<std::string, StorageReference, std::less<>> references_of(const PickleDocument& object,
                                                                   const std::string& origin) {
    std::map<std::string, StorageReference, std::less<>> references;
    for (std::uint32_t i = 0; i < object.node_count(); ++i) {
        const PickleValue value = object.value(i);
        if (!value.is(PickleKind::persistent)) continue;
        const StorageReference reference = read_storage_reference(value, origin);
        const auto [known, fresh] = references.try_emplace(std::string(reference.key), reference);
        if (!fresh && (known->second.element_bytes() != reference.element_bytes() ||
                       known->second.elements != reference.elements)) {
            fail(ErrorCode::corrupt_data, "{}: the storage {} is described in two ways", origin, quote(reference.key));
        }
    }
    return references;
}

}  // namespace

LegacyTorch read_legacy_torch(std::span<const std::uint8_t> bytes, const std::string& origin,
                              const PickleLimits& limits, std::size_t max_storages) {
    LegacyReader reader(bytes, origin, limits);
    reader.skip_magic();
    if (reader.next_pickle().root().as_int() != 1001) {
        fail(ErrorCode::unsupported, "{}: a legacy torch file of another protocol than 1001", origin);
    }
    const PickleDocument system = reader.next_pickle();
    if (!system.root().at("little_endian").as_bool()) {
        fail(ErrorCode::unsupported, "{}: written on a big-endian machine; save it again on another", origin);
    }
    LegacyTorch legacy{reader.next_pickle(), {}};
    const auto references = references_of(legacy.object, origin);
    const PickleDocument order = reader.next_pickle();
    const PickleValue keys = order.root();
    if (!keys.is(PickleKind::list)) fail(ErrorCode::corrupt_data, "{}: its storages are not listed", origin);
    if (keys.size() > max_storages) {
        fail(ErrorCode::unsupported, "{}: more than the {} storages accepted here", origin, max_storages);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string_view key = keys[i].as_string();
        const auto described = references.find(key);
        if (described == references.end()) {
            fail(ErrorCode::corrupt_data, "{}: nothing describes the storage {}", origin, quote(key));
        }
        const std::uint64_t count = reader.next_count();
        if (count != described->second.elements) {
            fail(ErrorCode::corrupt_data, "{}: the storage {} has {} elements, the pickle says {}", origin, quote(key),
                 count, described->second.elements);
        }
        const std::span<const std::uint8_t> storage = reader.next_bytes(count, described->second.element_bytes());
        if (!legacy.storages.try_emplace(std::string(key), storage).second) {
            fail(ErrorCode::corrupt_data, "{}: the storage {} is there twice", origin, quote(key));
        }
    }
    return legacy;
}

}  // namespace vglaw
