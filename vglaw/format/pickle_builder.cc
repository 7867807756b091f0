#include "vglaw/format/pickle_builder.h"

#include <algorithm>
#include <cstring>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/utf8.h"

namespace vglaw {
namespace {

bool is_container(PickleKind kind) {
    return kind == PickleKind::list || kind == PickleKind::tuple || kind == PickleKind::set || kind == PickleKind::dict;
}

}  // namespace

PickleBuilder::PickleBuilder(std::string origin, PickleLimits limits)
    : storage_(std::make_shared<PickleStorage>()), limits_(limits) {
    storage_->origin = std::move(origin);
    storage_->nodes.resize(3);  // None, False, True: the ids add_none and add_bool give
    storage_->nodes[1].kind = storage_->nodes[2].kind = PickleKind::boolean;
    storage_->nodes[2].integer = 1;
}

PickleBuilder::Id PickleBuilder::add_node(const PickleNode& node) {
    std::vector<PickleNode>& nodes = storage_->nodes;
    if (nodes.size() >= limits_.max_nodes || nodes.size() >= kNoNode) {
        fail(ErrorCode::unsupported, "{}: the pickle holds more than the {} values accepted here", origin(),
             limits_.max_nodes);
    }
    nodes.push_back(node);
    return Id(nodes.size() - 1);
}

PickleBuilder::Id PickleBuilder::add_int(std::int64_t value) {
    PickleNode node;
    node.kind = PickleKind::integer;
    node.integer = value;
    return add_node(node);
}

PickleBuilder::Id PickleBuilder::add_real(double value) {
    PickleNode node;
    node.kind = PickleKind::real;
    node.real = value;
    return add_node(node);
}

std::string_view PickleBuilder::stored(std::string_view text) {
    constexpr std::size_t block_bytes = 1 << 16;
    if (text.size() > limits_.max_text_bytes - text_bytes_) {
        fail(ErrorCode::unsupported, "{}: the pickle's texts unfold to more than the {} bytes accepted here", origin(),
             limits_.max_text_bytes);
    }
    text_bytes_ += text.size();
    if (text.size() > block_left_) {
        const std::size_t bytes = std::max(block_bytes, text.size());
        storage_->texts.push_back(std::make_unique_for_overwrite<char[]>(bytes));
        block_ = storage_->texts.back().get();
        block_left_ = bytes;
    }
    char* place = block_;
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
    block_ += text.size();
    block_left_ -= text.size();
    return {place, text.size()};
}

PickleBuilder::Id PickleBuilder::add_string(std::string_view utf8) {
    if (!is_utf8(utf8)) fail(ErrorCode::corrupt_data, "{}: the string {} is not UTF-8", origin(), quote(utf8));
    return add_text_view(PickleKind::string, stored(utf8));
}

PickleBuilder::Id PickleBuilder::add_bytes(std::string_view bytes) {
    return add_text_view(PickleKind::bytes, stored(bytes));
}

PickleBuilder::Id PickleBuilder::add_text_view(PickleKind kind, std::string_view text) {
    if (text.size() > 0xffffffffu) {
        fail(ErrorCode::unsupported, "{}: a string of {} bytes is longer than 4 GiB", origin(), text.size());
    }
    PickleNode node;
    node.kind = kind;
    node.count = std::uint32_t(text.size());
    node.text = text.data();
    return add_node(node);
}

PickleBuilder::Id PickleBuilder::add_container(PickleKind kind, std::span<const Id> children) {
    if (kind == PickleKind::dict && children.size() % 2 != 0) {
        fail(ErrorCode::corrupt_data, "{}: a dict has a key without a value", origin());
    }
    PickleNode node;
    node.kind = kind;
    node.link = {kNoNode, kNoNode};
    const Id container = add_node(node);
    for (const Id child : children) add_child(container, child);
    return container;
}

PickleBuilder::Id PickleBuilder::add_global(Id module, Id name) {
    PickleNode node;
    node.kind = PickleKind::global;
    node.link = {module, name};
    return add_node(node);
}

PickleBuilder::Id PickleBuilder::add_object(Id callable, Id args, Id kwargs) {
    PickleNode node;
    node.kind = PickleKind::object;
    node.integer = 0;
    node.object = std::uint32_t(storage_->objects.size());
    storage_->objects.push_back({callable, args, kwargs, kNoNode, kNoNode});
    return add_node(node);
}

PickleBuilder::Id PickleBuilder::add_persistent(Id persistent_id) {
    PickleNode node;
    node.kind = PickleKind::persistent;
    node.integer = 0;
    node.object = persistent_id;
    return add_node(node);
}

void PickleBuilder::add_child(Id container, Id value) {
    PickleNode& node = storage_->nodes[container];
    if (cells_.size() >= kNoNode) fail(ErrorCode::unsupported, "{}: the pickle holds too many elements", origin());
    const Id cell = Id(cells_.size());
    cells_.push_back({value, kNoNode});
    if (node.link.head == kNoNode) {
        node.link.head = cell;
    } else {
        cells_[node.link.tail].next = cell;
    }
    node.link.tail = cell;
    ++node.count;
}

PickleBuilder::Id PickleBuilder::items_of(Id object, PickleKind kind) {
    const std::uint32_t index = node(object).object;
    if (storage_->objects[index].items == kNoNode) {
        const Id items = add_container(kind);
        storage_->objects[index].items = items;
    }
    const Id items = storage_->objects[index].items;
    if (node(items).kind != kind) {
        fail(ErrorCode::corrupt_data, "{}: an object is filled like a list and like a dict", origin());
    }
    return items;
}

void PickleBuilder::append(Id container, Id value) {
    if (node(container).kind == PickleKind::object) container = items_of(container, PickleKind::list);
    if (node(container).kind != PickleKind::list) {
        fail(ErrorCode::corrupt_data, "{}: an element is appended to {}", origin(), name_of(node(container).kind));
    }
    add_child(container, value);
}

void PickleBuilder::insert(Id set, Id value) {
    if (node(set).kind != PickleKind::set) {
        fail(ErrorCode::corrupt_data, "{}: an element is added to {} as to a set", origin(), name_of(node(set).kind));
    }
    add_child(set, value);
}

void PickleBuilder::set(Id container, Id key, Id value) {
    if (node(container).kind == PickleKind::object) container = items_of(container, PickleKind::dict);
    if (node(container).kind != PickleKind::dict) {
        fail(ErrorCode::corrupt_data, "{}: a key is set in {}", origin(), name_of(node(container).kind));
    }
    add_child(container, key);
    add_child(container, value);
}

void PickleBuilder::set_state(Id object, Id state) {
    if (node(object).kind != PickleKind::object) {
        fail(ErrorCode::corrupt_data, "{}: a state is set on {}", origin(), name_of(node(object).kind));
    }
    storage_->objects[node(object).object].state = state;
}

std::vector<PickleBuilder::Id> PickleBuilder::children(Id container) const {
    std::vector<Id> result;
    if (!is_container(node(container).kind)) return result;
    for (Id cell = node(container).link.head; cell != kNoNode; cell = cells_[cell].next)
        result.push_back(cells_[cell].value);
    return result;
}

void PickleBuilder::flatten() {
    std::vector<std::uint32_t>& children = storage_->children;
    children.reserve(cells_.size());
    for (PickleNode& node : storage_->nodes) {
        if (!is_container(node.kind)) continue;
        Id cell = node.link.head;
        node.first = children.size();
        for (; cell != kNoNode; cell = cells_[cell].next) children.push_back(cells_[cell].value);
    }
    cells_ = {};
}

void PickleBuilder::check_acyclic(Id root) const {
    constexpr std::uint16_t unseen = 0, open = 0xffff;  // otherwise the height of a finished node, 1 for a leaf
    const std::size_t max_depth = std::min<std::size_t>(limits_.max_depth, open - 2);
    std::vector<std::uint16_t> height(storage_->nodes.size(), unseen);
    struct Frame {
        Id id;
        std::uint32_t next = 0;
        std::uint16_t below = 0;
    };
    const auto child_of = [this](const Frame& frame) -> Id {  // kNoNode at the end
        const PickleNode& node = storage_->nodes[frame.id];
        if (is_container(node.kind)) {
            return frame.next < node.count ? storage_->children[node.first + frame.next] : kNoNode;
        }
        if (node.kind == PickleKind::persistent) return frame.next == 0 ? node.object : kNoNode;
        if (node.kind != PickleKind::object) return kNoNode;
        const PickleObject& object = storage_->objects[node.object];
        // Absent parts point at None, so that only the end of the five reads as kNoNode.
        const Id parts[] = {object.callable, object.args, object.kwargs, object.state, object.items};
        return frame.next >= std::size(parts) ? kNoNode : parts[frame.next] == kNoNode ? 0 : parts[frame.next];
    };
    std::vector<Frame> path{{root}};
    height[root] = open;
    while (!path.empty()) {
        Frame& frame = path.back();
        const Id child = child_of(frame);
        if (child == kNoNode) {
            const std::uint16_t own = std::uint16_t(frame.below + 1);
            height[frame.id] = own;
            path.pop_back();
            if (!path.empty()) path.back().below = std::max(path.back().below, own);
            continue;
        }
        ++frame.next;
        if (height[child] == open) fail(ErrorCode::corrupt_data, "{}: a value of the pickle contains itself", origin());
        if (path.size() + std::max<std::size_t>(height[child], 1) > max_depth + 1) {
            fail(ErrorCode::unsupported, "{}: the pickle is nested deeper than the {} levels accepted here", origin(),
                 limits_.max_depth);
        }
        if (height[child] == unseen) {
            height[child] = open;
            path.push_back({child});
        } else {
            frame.below = std::max(frame.below, height[child]);
        }
    }
}

PickleDocument PickleBuilder::finish(Id root, std::size_t consumed) {
    flatten();
    check_acyclic(root);
    return {std::move(storage_), root, consumed};
}

}  // namespace vglaw
