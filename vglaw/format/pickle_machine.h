// The stack, the marks and the memo of a pickle being read, and the values its opcodes push.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/format/pickle_builder.h"
#include "vglaw/format/pickle_input.h"

namespace vglaw {

class PickleMachine {
public:
    using Id = PickleBuilder::Id;

    PickleMachine(PickleInput& input, const PickleLimits& limits, bool allow_globals)
        : input_(input), builder_(input.origin(), limits), allow_globals_(allow_globals) {}

    [[nodiscard]] PickleBuilder& builder() { return builder_; }

    // The stack; taking more than lies above the last mark is an error of the pickle.
    void mark() { marks_.push_back(stack_.size()); }
    void push(Id id) { stack_.push_back(id); }
    Id pop();
    [[nodiscard]] Id top() const;
    void need(std::size_t count) const;
    /// The topmost `count` values; valid until the next push.
    [[nodiscard]] std::span<const Id> peek(std::size_t count) const;
    /// The values above the last mark, which is taken away; valid until the next call of this.
    std::span<const Id> pop_to_mark();
    void drop();      ///< POP: takes a value, or the mark when that is on top
    Id pop_result();  ///< what STOP leaves: exactly one value

    // The memo.
    void put(std::uint64_t index);
    void get(std::uint64_t index);
    void memoize() { put(memo_count_); }

    // Values, from the arguments of the opcodes.
    void push_int_line(std::string_view line);
    void push_long_line(std::string_view line);
    void push_long(std::string_view little_endian);
    void push_utf8(std::string_view text);
    void push_bytes(std::string_view bytes) { push(builder_.add_text_view(PickleKind::bytes, bytes)); }
    void push_python2(std::string_view bytes);  ///< Python 2's str: a string if it is UTF-8, otherwise surely bytes
    void push_repr(std::string_view line);
    void push_raw_unicode(std::string_view line);
    void push_global(Id module, Id name);
    void push_persistent(Id id);
    void push_call(Id callable, Id args, Id kwargs = kNoNode);

private:
    /// Up to protocol 2 Python 3 writes bytes as a call: _codecs.encode(text, 'latin1'), or bytes() when empty. True if
    /// it was that.
    bool push_bytes_call(Id callable, Id args);
    std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

    PickleInput& input_;
    PickleBuilder builder_;
    bool allow_globals_;
    std::size_t memo_count_ = 0;
    std::vector<Id> stack_, memo_, popped_;
    std::vector<std::size_t> marks_;
    std::string scratch_;
};

}  // namespace vglaw
