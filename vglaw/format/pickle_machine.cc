#include "vglaw/format/pickle_machine.h"

#include "vglaw/core/error.h"
#include "vglaw/format/pickle_text.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/utf8.h"

namespace vglaw {

using Id = PickleMachine::Id;

void PickleMachine::drop() {
    if (stack_.size() > floor()) {
        stack_.pop_back();
    } else if (marks_.empty()) {
        input_.bad("the stack is too short");
    } else {
        marks_.pop_back();
    }
}

Id PickleMachine::pop_result() {
    if (!marks_.empty()) input_.bad("STOP inside a MARK");
    const Id root = pop();
    if (!stack_.empty()) input_.bad("values are left over at STOP");
    return root;
}

std::span<const Id> PickleMachine::peek(std::size_t count) const {
    need(count);
    return std::span<const Id>(stack_).last(count);
}

void PickleMachine::need(std::size_t count) const {
    if (stack_.size() - floor() < count) input_.bad("the stack is too short");
}

Id PickleMachine::pop() {
    need(1);
    const Id id = stack_.back();
    stack_.pop_back();
    return id;
}

Id PickleMachine::top() const {
    need(1);
    return stack_.back();
}

std::span<const Id> PickleMachine::pop_to_mark() {
    if (marks_.empty()) input_.bad("there is no MARK");
    const std::span<const Id> above = std::span<const Id>(stack_).subspan(marks_.back());
    marks_.pop_back();
    // Copied out: what the caller pushes next would overwrite them.
    popped_.assign(above.begin(), above.end());
    stack_.resize(stack_.size() - popped_.size());
    return popped_;
}

void PickleMachine::put(std::uint64_t index) {
    // Picklers number from 0 or 1 upwards, two bytes or more each: a greater number is not theirs.
    if (index > input_.opcode_position() + 1024) input_.bad("a memo number that no pickler writes");
    if (index >= builder_.limits().max_memo) {
        fail(ErrorCode::unsupported, "{}: more than the {} memoised values accepted here", input_.origin(),
             builder_.limits().max_memo);
    }
    if (index >= memo_.size()) memo_.resize(std::size_t(index) + 1, kNoNode);
    if (memo_[std::size_t(index)] == kNoNode) ++memo_count_;
    memo_[std::size_t(index)] = top();
}

void PickleMachine::get(std::uint64_t index) {
    const bool stored = index < memo_.size() && memo_[std::size_t(index)] != kNoNode;
    if (!stored) input_.bad("a memo number that was never stored");
    push(memo_[std::size_t(index)]);
}

void PickleMachine::push_utf8(std::string_view text) {
    if (!is_utf8(text)) input_.bad("a string that is not UTF-8");
    push(builder_.add_text_view(PickleKind::string, text));
}

void PickleMachine::push_python2(std::string_view bytes) {
    push(builder_.add_text_view(is_utf8(bytes) ? PickleKind::string : PickleKind::bytes, bytes));
}

void PickleMachine::push_repr(std::string_view line) {
    std::string_view view;
    if (!unfold_python_repr(line, scratch_, view)) input_.bad("a string that is not quoted");
    if (view.data() != scratch_.data()) return push_python2(view);
    push(is_utf8(view) ? builder_.add_string(view) : builder_.add_bytes(view));
}

void PickleMachine::push_raw_unicode(std::string_view line) {
    std::string_view view;
    if (!unfold_raw_unicode(line, scratch_, view)) input_.bad("a broken escape in a unicode string");
    push(view.data() == scratch_.data() ? builder_.add_string(view) : builder_.add_text_view(PickleKind::string, view));
}

void PickleMachine::push_long(std::string_view little_endian) {
    if (little_endian.size() > 8) {
        fail(ErrorCode::unsupported, "{}: the integer at byte {} does not fit 64 bits", input_.origin(),
             input_.opcode_position());
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < little_endian.size(); ++i) {
        value |= std::uint64_t(static_cast<unsigned char>(little_endian[i])) << (8 * i);
    }
    const std::size_t unused = 64 - 8 * little_endian.size();
    push(builder_.add_int(unused == 64 ? 0 : std::int64_t(value << unused) >> unused));
}

void PickleMachine::push_int_line(std::string_view line) {
    if (line == "00" || line == "01") return push(builder_.add_bool(line == "01"));
    push(builder_.add_int(input_.parse_number<std::int64_t>(line)));
}

void PickleMachine::push_long_line(std::string_view line) {
    if (!line.empty() && line.back() == 'L') line.remove_suffix(1);
    push(builder_.add_int(input_.parse_number<std::int64_t>(line)));
}

void PickleMachine::push_global(Id module, Id name) {
    if (builder_.node(module).kind != PickleKind::string || builder_.node(name).kind != PickleKind::string) {
        input_.bad("a class name that is not a string");
    }
    if (!allow_globals_) {
        fail(ErrorCode::unsupported, "{}: the pickle asks for {}.{}, but only plain data is accepted here",
             input_.origin(), quote(builder_.text(module)), quote(builder_.text(name)));
    }
    push(builder_.add_global(module, name));
}

void PickleMachine::push_persistent(Id id) {
    if (!allow_globals_) {
        fail(ErrorCode::unsupported, "{}: the pickle refers to outside objects, but only plain data is accepted here",
             input_.origin());
    }
    push(builder_.add_persistent(id));
}

void PickleMachine::push_call(Id callable, Id args, Id kwargs) {
    if (!allow_globals_) {  // of something that is no class: classes were refused before
        fail(ErrorCode::unsupported, "{}: the pickle makes a call at byte {}, but only plain data is accepted here",
             input_.origin(), input_.opcode_position());
    }
    if (!push_bytes_call(callable, args)) push(builder_.add_object(callable, args, kwargs));
}

bool PickleMachine::push_bytes_call(Id callable, Id args) {
    const PickleNode& function = builder_.node(callable);
    if (function.kind != PickleKind::global || builder_.node(args).kind != PickleKind::tuple) return false;
    const std::string_view module = builder_.text(function.link.head), name = builder_.text(function.link.tail);
    const std::uint32_t count = builder_.node(args).count;  // first: a long tuple of arguments is not worth a copy
    if ((module == "__builtin__" || module == "builtins") && name == "bytes" && count == 0) {
        push_bytes({});
        return true;
    }
    if (module != "_codecs" || name != "encode" || count != 2) return false;
    const std::vector<Id> parts = builder_.children(args);
    if (builder_.node(parts[0]).kind != PickleKind::string || builder_.node(parts[1]).kind != PickleKind::string) {
        return false;
    }
    const std::string_view encoding = builder_.text(parts[1]), text = builder_.text(parts[0]);
    if (encoding != "latin1" && encoding != "latin-1") return false;
    std::string bytes;
    for (std::size_t i = 0; i < text.size();) {
        const std::uint32_t code = next_code_point(text, i);
        if (code > 0xff) input_.bad("bytes that hold a character beyond Latin-1");
        bytes += char(code);
    }
    push(builder_.add_bytes(bytes));
    return true;
}

}  // namespace vglaw
