// The memory behind a PickleDocument: 16 bytes a node, 4 a reference, texts that need no unescaping left where they
// are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vglaw/format/pickle_value.h"

namespace vglaw {

inline constexpr std::uint32_t kNoNode = 0xffffffffu;

/// A value is a node; a million sentences are some thirty million of them, hence the care about bytes.
struct PickleNode {
    PickleKind kind = PickleKind::none;
    std::uint32_t count = 0;  ///< bytes of a text; children of a container (two an entry for a dict)
    union {
        std::int64_t integer = 0;  ///< integer, boolean
        double real;
        const char* text;     ///< string, bytes
        std::uint64_t first;  ///< container, once flattened: its first child in `children`
        struct {
            std::uint32_t head, tail;  ///< container being built: a chain of cells; global: module, name
        } link;
        std::uint32_t object;  ///< index into `objects`; persistent: the id's node
    };
};
static_assert(sizeof(PickleNode) == 16);

struct PickleObject {
    std::uint32_t callable = kNoNode, args = kNoNode, kwargs = kNoNode, state = kNoNode, items = kNoNode;
};

struct PickleStorage {
    std::string origin;                 ///< for messages
    std::shared_ptr<const void> owner;  ///< keeps the bytes that texts point into
    std::vector<PickleNode> nodes;
    std::vector<std::uint32_t> children;
    std::vector<PickleObject> objects;
    std::vector<std::unique_ptr<char[]>> texts;  ///< blocks for texts that had to be unescaped or copied
};

}  // namespace vglaw
