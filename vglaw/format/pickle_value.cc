#include "vglaw/format/pickle_value.h"

#include "vglaw/core/error.h"
#include "vglaw/format/pickle_storage.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

const PickleNode& node(const PickleStorage* storage, std::uint32_t id) { return storage->nodes[id]; }

}  // namespace

std::string_view name_of(PickleKind kind) {
    constexpr std::string_view names[] = {"None",         "a bool",    "an integer",     "a float", "a string",
                                          "bytes",        "a list",    "a tuple",        "a set",   "a dict",
                                          "a class name", "an object", "a persistent id"};
    return names[std::size_t(kind)];
}

PickleKind PickleValue::kind() const { return node(storage_, id_).kind; }

void PickleValue::expect(PickleKind wanted) const {
    if (kind() != wanted) {
        fail(ErrorCode::corrupt_data, "{}: expected {}, found {}", storage_->origin, name_of(wanted), name_of(kind()));
    }
}

bool PickleValue::as_bool() const {
    expect(PickleKind::boolean);
    return node(storage_, id_).integer != 0;
}

std::int64_t PickleValue::as_int() const {
    expect(PickleKind::integer);
    return node(storage_, id_).integer;
}

double PickleValue::as_double() const {
    if (kind() == PickleKind::integer) return double(node(storage_, id_).integer);
    expect(PickleKind::real);
    return node(storage_, id_).real;
}

std::string_view PickleValue::as_string() const {
    expect(PickleKind::string);
    return {node(storage_, id_).text, node(storage_, id_).count};
}

std::span<const std::uint8_t> PickleValue::as_bytes() const {
    if (kind() != PickleKind::string) expect(PickleKind::bytes);
    return {reinterpret_cast<const std::uint8_t*>(node(storage_, id_).text), node(storage_, id_).count};
}

std::size_t PickleValue::size() const {
    switch (kind()) {
        case PickleKind::list:
        case PickleKind::tuple:
        case PickleKind::set:
            return node(storage_, id_).count;
        case PickleKind::dict:
            return node(storage_, id_).count / 2;
        default:
            fail(ErrorCode::corrupt_data, "{}: {} has no elements", storage_->origin, name_of(kind()));
    }
}

PickleValue PickleValue::child(std::size_t i) const {
    return {storage_, storage_->children[node(storage_, id_).first + i]};
}

PickleValue PickleValue::operator[](std::size_t i) const {
    if (kind() == PickleKind::dict) expect(PickleKind::list);
    if (i >= size()) {
        fail(ErrorCode::corrupt_data, "{}: {} has {} elements, the one at {} is missing", storage_->origin,
             name_of(kind()), size(), i);
    }
    return child(i);
}

std::pair<PickleValue, PickleValue> PickleValue::entry(std::size_t i) const {
    expect(PickleKind::dict);
    if (i >= size())
        fail(ErrorCode::invalid_argument, "{}: a dict of {} entries has none at {}", storage_->origin, size(), i);
    return {child(2 * i), child(2 * i + 1)};
}

std::optional<PickleValue> PickleValue::find(std::string_view key) const {
    if (kind() == PickleKind::object) {
        const std::optional<PickleValue> filled = items();
        return filled && filled->is(PickleKind::dict) ? filled->find(key) : std::nullopt;
    }
    expect(PickleKind::dict);
    for (std::size_t i = size(); i-- > 0;) {
        const PickleNode& candidate = node(storage_, child(2 * i).id());
        if (candidate.kind == PickleKind::string && std::string_view(candidate.text, candidate.count) == key) {
            return child(2 * i + 1);
        }
    }
    return std::nullopt;
}

PickleValue PickleValue::at(std::string_view key) const {
    const std::optional<PickleValue> found = find(key);
    if (!found) fail(ErrorCode::corrupt_data, "{}: a dict lacks the key {}", storage_->origin, quote(key));
    return *found;
}

std::string_view PickleValue::module() const {
    expect(PickleKind::global);
    return PickleValue(storage_, node(storage_, id_).link.head).as_string();
}

std::string_view PickleValue::name() const {
    expect(PickleKind::global);
    return PickleValue(storage_, node(storage_, id_).link.tail).as_string();
}

bool PickleValue::is_global(std::string_view wanted_module, std::string_view wanted_name) const {
    return is(PickleKind::global) && module() == wanted_module && name() == wanted_name;
}

namespace {

std::optional<PickleValue> part(const PickleStorage* storage, std::uint32_t id) {
    return id == kNoNode ? std::nullopt : std::optional(PickleValue(storage, id));
}

}  // namespace

PickleValue PickleValue::callable() const {
    expect(PickleKind::object);
    return {storage_, storage_->objects[node(storage_, id_).object].callable};
}

PickleValue PickleValue::args() const {
    expect(PickleKind::object);
    return {storage_, storage_->objects[node(storage_, id_).object].args};
}

std::optional<PickleValue> PickleValue::kwargs() const {
    expect(PickleKind::object);
    return part(storage_, storage_->objects[node(storage_, id_).object].kwargs);
}

std::optional<PickleValue> PickleValue::state() const {
    expect(PickleKind::object);
    return part(storage_, storage_->objects[node(storage_, id_).object].state);
}

std::optional<PickleValue> PickleValue::items() const {
    expect(PickleKind::object);
    return part(storage_, storage_->objects[node(storage_, id_).object].items);
}

PickleValue PickleValue::persistent_id() const {
    expect(PickleKind::persistent);
    return {storage_, node(storage_, id_).object};
}

std::size_t PickleDocument::node_count() const { return storage_->nodes.size(); }

}  // namespace vglaw
