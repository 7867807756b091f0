#include "vglaw/format/pickle_reader.h"

#include <algorithm>
#include <bit>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/pickle_input.h"
#include "vglaw/format/pickle_machine.h"

namespace vglaw {
namespace {

using Id = PickleBuilder::Id;

PickleLimits bounded(PickleLimits limits, std::size_t input) {
    // Unescaping at most doubles a text (Latin-1 to UTF-8), so more than that is one text unfolded again and again.
    limits.max_text_bytes = std::min(limits.max_text_bytes, 2 * input + 65536);
    return limits;
}

/// One method a family of opcodes; the names of the opcodes are those of Python's pickletools.
class Reader {
public:
    Reader(std::string_view text, const std::string& origin, const PickleOptions& options)
        : input_(text, origin),
          machine_(input_, bounded(options.limits, text.size()), options.allow_globals),
          builder_(machine_.builder()) {}

    PickleDocument read(std::shared_ptr<const void> owner) {
        for (unsigned char opcode = input_.take_opcode(); opcode != '.'; opcode = input_.take_opcode()) step(opcode);
        const Id root = machine_.pop_result();
        builder_.keep_alive(std::move(owner));
        return builder_.finish(root, input_.position());
    }

private:
    void step(unsigned char opcode);
    bool step_text(unsigned char opcode);
    bool step_container(unsigned char opcode);
    bool step_object(unsigned char opcode);

    PickleInput input_;
    PickleMachine machine_;
    PickleBuilder& builder_;
};

/// Numbers and texts.
bool Reader::step_text(unsigned char opcode) {
    switch (opcode) {
        case 'N':
            machine_.push(builder_.add_none());
            return true;
        case 0x88:
            machine_.push(builder_.add_bool(true));
            return true;
        case 0x89:
            machine_.push(builder_.add_bool(false));
            return true;
        case 'I':
            machine_.push_int_line(input_.take_line());
            return true;
        case 'L':
            machine_.push_long_line(input_.take_line());
            return true;
        case 'F':
            machine_.push(builder_.add_real(input_.parse_number<double>(input_.take_line())));
            return true;
        case 'J':
            machine_.push(builder_.add_int(std::int32_t(input_.take_little(4))));
            return true;
        case 'K':
            machine_.push(builder_.add_int(std::int64_t(input_.take_little(1))));
            return true;
        case 'M':
            machine_.push(builder_.add_int(std::int64_t(input_.take_little(2))));
            return true;
        case 0x8a:
            machine_.push_long(input_.take_sized(1));
            return true;
        case 0x8b:
            machine_.push_long(input_.take_sized(4));
            return true;
        case 'G': {
            std::uint64_t bits = 0;
            for (const char byte : input_.take(8)) bits = (bits << 8) | static_cast<unsigned char>(byte);
            machine_.push(builder_.add_real(std::bit_cast<double>(bits)));
            return true;
        }
        case 'S':
            machine_.push_repr(input_.take_line());
            return true;
        case 'V':
            machine_.push_raw_unicode(input_.take_line());
            return true;
        case 'U':
            machine_.push_python2(input_.take_sized(1));
            return true;
        case 'T':
            machine_.push_python2(input_.take_sized(4));
            return true;
        case 0x8c:
            machine_.push_utf8(input_.take_sized(1));
            return true;
        case 'X':
            machine_.push_utf8(input_.take_sized(4));
            return true;
        case 0x8d:
            machine_.push_utf8(input_.take_sized(8));
            return true;
        case 'C':
            machine_.push_bytes(input_.take_sized(1));
            return true;
        case 'B':
            machine_.push_bytes(input_.take_sized(4));
            return true;
        case 0x8e:
        case 0x96:
            machine_.push_bytes(input_.take_sized(8));
            return true;
        default:
            return false;
    }
}

/// Lists, tuples, sets, dicts.
bool Reader::step_container(unsigned char opcode) {
    switch (opcode) {
        case ']':
            machine_.push(builder_.add_list());
            return true;
        case ')':
            machine_.push(builder_.add_container(PickleKind::tuple));
            return true;
        case '}':
            machine_.push(builder_.add_dict());
            return true;
        case 0x8f:
            machine_.push(builder_.add_container(PickleKind::set));
            return true;
        case 'l':
            machine_.push(builder_.add_list(machine_.pop_to_mark()));
            return true;
        case 't':
            machine_.push(builder_.add_container(PickleKind::tuple, machine_.pop_to_mark()));
            return true;
        case 'd':
            machine_.push(builder_.add_container(PickleKind::dict, machine_.pop_to_mark()));
            return true;
        case 0x91:
            machine_.push(builder_.add_container(PickleKind::set, machine_.pop_to_mark()));
            return true;
        case 0x85:
        case 0x86:
        case 0x87: {
            const std::size_t count = opcode - 0x84u;
            const Id tuple = builder_.add_container(PickleKind::tuple, machine_.peek(count));
            for (std::size_t i = 0; i < count; ++i) (void)machine_.pop();
            machine_.push(tuple);
            return true;
        }
        case 'a': {
            machine_.need(2);
            const Id value = machine_.pop();
            builder_.append(machine_.top(), value);
            return true;
        }
        case 's': {
            machine_.need(3);
            const Id value = machine_.pop(), key = machine_.pop();
            builder_.set(machine_.top(), key, value);
            return true;
        }
        case 'e':
            for (const Id value : machine_.pop_to_mark()) builder_.append(machine_.top(), value);
            return true;
        case 0x90:
            for (const Id value : machine_.pop_to_mark()) builder_.insert(machine_.top(), value);
            return true;
        case 'u': {
            const std::span<const Id> pairs = machine_.pop_to_mark();
            if (pairs.size() % 2 != 0) input_.bad("a key without a value");
            for (std::size_t i = 0; i < pairs.size(); i += 2) builder_.set(machine_.top(), pairs[i], pairs[i + 1]);
            return true;
        }
        default:
            return false;
    }
}

/// Classes and calls, which stay what they are: names and arguments.
bool Reader::step_object(unsigned char opcode) {
    const auto push_named = [this] {
        const std::string_view module = input_.take_line(), name = input_.take_line();
        machine_.push_global(builder_.add_string(module), builder_.add_string(name));
    };
    switch (opcode) {
        case 'c':
            push_named();
            return true;
        case 0x93: {
            machine_.need(2);
            const Id name = machine_.pop(), module = machine_.pop();
            machine_.push_global(module, name);
            return true;
        }
        case 'R':
        case 0x81: {
            machine_.need(2);
            const Id args = machine_.pop(), callable = machine_.pop();
            machine_.push_call(callable, args);
            return true;
        }
        case 0x92: {
            machine_.need(3);
            const Id kwargs = machine_.pop(), args = machine_.pop(), callable = machine_.pop();
            machine_.push_call(callable, args, kwargs);
            return true;
        }
        case 'i': {
            const Id args = builder_.add_container(PickleKind::tuple, machine_.pop_to_mark());
            push_named();
            machine_.push_call(machine_.pop(), args);
            return true;
        }
        case 'o': {
            const std::span<const Id> parts = machine_.pop_to_mark();
            if (parts.empty()) input_.bad("an object without a class");
            const Id callable = parts[0];
            machine_.push_call(callable, builder_.add_container(PickleKind::tuple, parts.subspan(1)));
            return true;
        }
        case 'b': {
            machine_.need(2);
            const Id state = machine_.pop();
            builder_.set_state(machine_.top(), state);
            return true;
        }
        case 'P':
            machine_.push_persistent(builder_.add_string(input_.take_line()));
            return true;
        case 'Q':
            machine_.push_persistent(machine_.pop());
            return true;
        default:
            return false;
    }
}

void Reader::step(unsigned char opcode) {
    switch (opcode) {
        case 0x80:
            if (input_.take_little(1) > 5) input_.bad("a pickle protocol above 5");
            return;
        case 0x95:
            (void)input_.take_little(8);
            return;  // a frame's length matters only to a reader that streams
        case '(':
            machine_.mark();
            return;
        case '0':
            machine_.drop();
            return;
        case '1':
            (void)machine_.pop_to_mark();
            return;
        case '2':
            machine_.push(machine_.top());
            return;
        case 'p':
            machine_.put(input_.parse_number<std::uint64_t>(input_.take_line()));
            return;
        case 'q':
            machine_.put(input_.take_little(1));
            return;
        case 'r':
            machine_.put(input_.take_little(4));
            return;
        case 0x94:
            machine_.memoize();
            return;
        case 'g':
            machine_.get(input_.parse_number<std::uint64_t>(input_.take_line()));
            return;
        case 'h':
            machine_.get(input_.take_little(1));
            return;
        case 'j':
            machine_.get(input_.take_little(4));
            return;
        default:
            break;
    }
    if (step_text(opcode) || step_container(opcode) || step_object(opcode)) return;
    if (opcode == 0x82 || opcode == 0x83 || opcode == 0x84 || opcode == 0x97 || opcode == 0x98) {
        fail(ErrorCode::unsupported, "{}: the pickle at byte {} needs {} of the program that wrote it", input_.origin(),
             input_.opcode_position(), opcode < 0x90 ? "the extension registry" : "out-of-band buffers");
    }
    input_.bad(fmt::format("{:#04x} is no pickle opcode", opcode));
}

}  // namespace

PickleDocument open_pickle(const std::filesystem::path& path, const PickleOptions& options) {
    auto file = std::make_shared<const MappedFile>(path);
    const std::span<const std::uint8_t> bytes = file->bytes();
    return parse_pickle(bytes, path.string(), options, std::move(file));
}

PickleDocument parse_pickle(std::span<const std::uint8_t> bytes, const std::string& origin,
                            const PickleOptions& options, std::shared_ptr<const void> owner) {
    if (bytes.size() > options.limits.max_bytes) {
        fail(ErrorCode::unsupported, "{}: {} bytes of pickle, more than the {} accepted here", origin, bytes.size(),
             options.limits.max_bytes);
    }
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Reader(text, origin, options).read(std::move(owner));
}

}  // namespace vglaw
