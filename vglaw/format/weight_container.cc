#include "vglaw/format/weight_container.h"

#include "vglaw/core/error.h"

namespace vglaw {

std::string_view name_of(WeightContainer container) {
    constexpr std::string_view names[] = {"zip", "legacy", "pickle", "safetensors"};
    return names[std::size_t(container)];
}

std::size_t legacy_magic_end(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view magic{"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12};
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with('\x80')) return 0;
    for (const std::size_t begin : {2u, 11u}) {  // behind PROTO; behind PROTO and FRAME from protocol 4 on
        if (text.size() > begin && text.substr(begin).starts_with(magic)) return begin + magic.size();
    }
    return 0;
}

WeightContainer sniff_container(std::span<const std::uint8_t> bytes, const std::string& origin) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.empty()) fail(ErrorCode::corrupt_data, "{}: the file is empty", origin);
    if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return WeightContainer::zip;
    // A header's length in 64 bits, far below 2^32, then JSON: no pickle has these zeros there, whatever letter it
    // starts with.
    if (text.size() > 8 && text.substr(4, 4) == std::string_view("\0\0\0\0", 4) && text[8] == '{') {
        return WeightContainer::safetensors;
    }
    if (legacy_magic_end(bytes) != 0) return WeightContainer::legacy;
    if (text[0] == '\x80') return WeightContainer::pickle;
    if (text.starts_with("version https://git-lfs")) {
        fail(ErrorCode::corrupt_data, "{}: a Git LFS pointer, not the file it stands for; run git lfs pull", origin);
    }
    if (text[0] == '<') {
        fail(ErrorCode::corrupt_data, "{}: a web page, not a file of weights; the download went wrong", origin);
    }
    // The opcodes a pickle of protocol 0 or 1 can begin with.
    if (std::string_view("(])}cISVNFLGKMJXUT").find(text[0]) != std::string_view::npos) return WeightContainer::pickle;
    fail(ErrorCode::corrupt_data, "{}: neither a file of torch.save nor a pickle nor safetensors", origin);
}

}  // namespace vglaw
