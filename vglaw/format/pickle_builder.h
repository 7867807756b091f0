// Builds a PickleDocument value by value: what the reader drives, and what a program that writes pickles starts from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/format/pickle_storage.h"

namespace vglaw {

/// Bounds on what untrusted bytes may make of memory; each is an error that names itself.
struct PickleLimits {
    std::size_t max_bytes = std::size_t{1} << 32;       ///< input; texts count their length in 32 bits
    std::size_t max_nodes = std::size_t{1} << 25;       ///< values: 512 MiB of nodes
    std::size_t max_memo = std::size_t{1} << 25;        ///< memoised values
    std::size_t max_text_bytes = std::size_t{1} << 31;  ///< text that had to be unescaped or copied
    std::size_t max_depth = 500;                        ///< containers within containers; consumers may recurse
};

/// Example:
///     PickleBuilder builder("refs");
///     const auto ref = builder.add_dict();
///     builder.set(ref, builder.add_string("ref_id"), builder.add_int(7));
///     write_pickle(path, builder.finish(ref).root());
class PickleBuilder {
public:
    using Id = std::uint32_t;

    explicit PickleBuilder(std::string origin, PickleLimits limits = {});

    Id add_none() { return 0; }
    Id add_bool(bool value) { return value ? 2 : 1; }
    Id add_int(std::int64_t value);
    Id add_real(double value);
    Id add_string(std::string_view utf8);  ///< copied; throws corrupt_data when it is not UTF-8
    Id add_bytes(std::string_view bytes);  ///< copied
    /// Not copied: the bytes must live as long as the document (see keep_alive). kind is string (already known to be
    /// UTF-8) or bytes.
    Id add_text_view(PickleKind kind, std::string_view text);
    Id add_container(PickleKind kind,
                     std::span<const Id> children = {});  ///< list, tuple, set, or dict (key, value, ...)
    Id add_list(std::span<const Id> children = {}) { return add_container(PickleKind::list, children); }
    Id add_dict() { return add_container(PickleKind::dict); }
    Id add_global(Id module, Id name);  ///< both strings
    Id add_object(Id callable, Id args, Id kwargs = kNoNode);
    Id add_persistent(Id persistent_id);

    void append(Id container, Id value);       ///< list, or an object filled like one
    void insert(Id set, Id value);             ///< set
    void set(Id container, Id key, Id value);  ///< dict, or an object filled like one
    void set_state(Id object, Id state);

    [[nodiscard]] const PickleNode& node(Id id) const { return storage_->nodes[id]; }
    [[nodiscard]] std::string_view text(Id id) const { return {node(id).text, node(id).count}; }
    [[nodiscard]] const PickleObject& object(Id id) const { return storage_->objects[node(id).object]; }
    /// The children of a container that is still being built.
    [[nodiscard]] std::vector<Id> children(Id container) const;
    [[nodiscard]] const std::string& origin() const { return storage_->origin; }
    [[nodiscard]] const PickleLimits& limits() const { return limits_; }
    void keep_alive(std::shared_ptr<const void> owner) { storage_->owner = std::move(owner); }

    /// Throws corrupt_data when a value contains itself or is nested deeper than the limit. The builder is empty
    /// afterwards.
    [[nodiscard]] PickleDocument finish(Id root, std::size_t consumed = 0);

private:
    struct Cell {
        Id value, next;
    };

    Id add_node(const PickleNode& node);
    void add_child(Id container, Id value);
    std::string_view stored(std::string_view text);
    Id items_of(Id object, PickleKind kind);
    void flatten();
    void check_acyclic(Id root) const;

    std::shared_ptr<PickleStorage> storage_;
    PickleLimits limits_;
    std::vector<Cell> cells_;
    char* block_ = nullptr;
    std::size_t block_left_ = 0, text_bytes_ = 0;
};

}  // namespace vglaw
