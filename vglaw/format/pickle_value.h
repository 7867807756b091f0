// What a pickle holds, as plain data: nothing in here was ever executed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vglaw {

enum class PickleKind : std::uint8_t {
    none,
    boolean,
    integer,  ///< fits std::int64_t
    real,
    string,  ///< valid UTF-8
    bytes,   ///< bytes, bytearray, or a Python 2 str that is not UTF-8
    list,
    tuple,
    set,
    dict,        ///< in file order; a repeated key is kept, find() gives the last
    global,      ///< the name of a class or function; never looked up
    object,      ///< "call this with those arguments", not called: callable, args, state, items
    persistent,  ///< an object stored outside the pickle, known by its id
};
[[nodiscard]] std::string_view name_of(PickleKind kind);

struct PickleStorage;

/// A value inside a PickleDocument: two words, copied freely, valid as long as the document lives. Every accessor
/// throws corrupt_data ("expected a list, found a dict") when the kind does not fit. Values may be shared: compare
/// id().
class PickleValue {
public:
    PickleValue(const PickleStorage* storage, std::uint32_t id) : storage_(storage), id_(id) {}

    [[nodiscard]] PickleKind kind() const;
    [[nodiscard]] bool is(PickleKind wanted) const { return kind() == wanted; }
    [[nodiscard]] std::uint32_t id() const { return id_; }  ///< the same id, the same object

    [[nodiscard]] bool as_bool() const;
    [[nodiscard]] std::int64_t as_int() const;
    [[nodiscard]] double as_double() const;  ///< real or integer
    [[nodiscard]] std::string_view as_string() const;
    [[nodiscard]] std::span<const std::uint8_t> as_bytes()
        const;  ///< bytes, or a string's (Python 2 has one type for both)

    [[nodiscard]] std::size_t size() const;                     ///< elements of a list, tuple or set; entries of a dict
    [[nodiscard]] PickleValue operator[](std::size_t i) const;  ///< list, tuple, set
    [[nodiscard]] std::pair<PickleValue, PickleValue> entry(std::size_t i) const;  ///< dict: key, value
    /// The value of a string key; of a dict, or of an object that was filled like one (OrderedDict).
    [[nodiscard]] std::optional<PickleValue> find(std::string_view key) const;
    [[nodiscard]] PickleValue at(std::string_view key) const;  ///< throws corrupt_data naming the missing key

    [[nodiscard]] std::string_view module() const;  ///< of a global
    [[nodiscard]] std::string_view name() const;    ///< of a global
    [[nodiscard]] bool is_global(std::string_view module, std::string_view name) const;
    [[nodiscard]] PickleValue callable() const;               ///< of an object, mostly a global
    [[nodiscard]] PickleValue args() const;                   ///< of an object, mostly a tuple
    [[nodiscard]] std::optional<PickleValue> kwargs() const;  ///< of an object made by __newobj_ex__
    [[nodiscard]] std::optional<PickleValue> state() const;   ///< of an object: what __setstate__ would get
    [[nodiscard]] std::optional<PickleValue> items() const;   ///< of an object: a dict or list it was filled with
    [[nodiscard]] PickleValue persistent_id() const;

private:
    void expect(PickleKind wanted) const;
    [[nodiscard]] PickleValue child(std::size_t i) const;

    const PickleStorage* storage_;
    std::uint32_t id_;
};

/// A whole pickle. Movable; values stay valid when it moves.
class PickleDocument {
public:
    PickleDocument(std::shared_ptr<const PickleStorage> storage, std::uint32_t root, std::size_t consumed)
        : storage_(std::move(storage)), root_(root), consumed_(consumed) {}
    [[nodiscard]] PickleValue root() const { return {storage_.get(), root_}; }
    /// Bytes up to and with STOP: where the next pickle of a concatenation begins. 0 for a document that was built.
    [[nodiscard]] std::size_t consumed() const { return consumed_; }
    [[nodiscard]] std::size_t node_count() const;
    /// Every value the pickle made, also those its root no longer reaches; i below node_count().
    [[nodiscard]] PickleValue value(std::uint32_t i) const { return {storage_.get(), i}; }

private:
    std::shared_ptr<const PickleStorage> storage_;
    std::uint32_t root_;
    std::size_t consumed_;
};

}  // namespace vglaw
