#include "vglaw/format/pickle_writer.h"

#include <cmath>
#include <unordered_map>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/utf8.h"

namespace vglaw {
namespace {

/// Python 2's repr of a str: single quotes unless that would need an escape that double quotes save.
std::string python_repr(std::string_view ascii) {
    const bool has_single = ascii.find('\'') != std::string_view::npos;
    const char quote_mark = has_single && ascii.find('"') == std::string_view::npos ? '"' : '\'';
    std::string repr(1, quote_mark);
    for (const char letter : ascii) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == quote_mark || letter == '\\') {
            repr += '\\';
            repr += letter;
        } else if (letter == '\n') {
            repr += "\\n";
        } else if (letter == '\r') {
            repr += "\\r";
        } else if (letter == '\t') {
            repr += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            repr += fmt::format("\\x{:02x}", byte);
        } else {
            repr += letter;
        }
    }
    repr += quote_mark;
    return repr;
}

/// raw-unicode-escape; line ends, NUL and backslash are escaped too, as every Python's pickle does or reads.
std::string raw_unicode(std::string_view utf8) {
    std::string raw;
    for (std::size_t i = 0; i < utf8.size();) {
        const std::uint32_t code = next_code_point(utf8, i);
        if (code > 0xffff) {
            raw += fmt::format("\\U{:08x}", code);
        } else if (code > 0xff || code == '\\' || code == '\n' || code == '\r' || code == 0 || code == 0x1a) {
            raw += fmt::format("\\u{:04x}", code);
        } else {
            raw += char(code);
        }
    }
    return raw;
}

std::string python_float(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    const std::string text = fmt::format("{}", value);  // the shortest that reads back the same
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

class Writer {
public:
    std::string write(const PickleValue& root) {
        value(root);
        out_ += '.';
        return std::move(out_);
    }

private:
    void put() { out_ += fmt::format("p{}\n", next_memo_++); }  // cPickle counts from 1
    void get(std::size_t memo) { out_ += fmt::format("g{}\n", memo); }

    /// Writes a GET if the value was written before; remembers it otherwise. A finished document has no cycles.
    bool seen(std::uint32_t id) {
        const auto [found, fresh] = memo_.try_emplace(id, next_memo_);
        if (!fresh) get(found->second);
        return !fresh;
    }

    void string(std::string_view text) {
        out_ += is_ascii(text) ? 'S' + python_repr(text) : 'V' + raw_unicode(text);
        out_ += '\n';
        put();
    }

    void key(const PickleValue& name) {
        // In Python 2 the keys of such dicts are interned: one object, however many dicts.
        if (!name.is(PickleKind::string)) return value(name);
        const auto [found, fresh] = keys_.try_emplace(std::string(name.as_string()), next_memo_);
        if (!fresh) return get(found->second);
        string(name.as_string());
    }

    void value(const PickleValue& item) {
        switch (item.kind()) {
            case PickleKind::none:
                out_ += 'N';
                return;
            case PickleKind::boolean:
                out_ += item.as_bool() ? "I01\n" : "I00\n";
                return;
            case PickleKind::integer:
                out_ += fmt::format("I{}\n", item.as_int());
                return;
            case PickleKind::real:
                out_ += fmt::format("F{}\n", python_float(item.as_double()));
                return;
            case PickleKind::string:
                if (!seen(item.id())) string(item.as_string());
                return;
            case PickleKind::list:
                if (seen(item.id())) return;
                out_ += "(l";
                put();
                for (std::size_t i = 0; i < item.size(); ++i) {
                    value(item[i]);
                    out_ += 'a';
                }
                return;
            case PickleKind::dict:
                if (seen(item.id())) return;
                out_ += "(d";
                put();
                for (std::size_t i = 0; i < item.size(); ++i) {
                    const auto [name, content] = item.entry(i);
                    key(name);
                    value(content);
                    out_ += 's';
                }
                return;
            default:
                fail(ErrorCode::unsupported, "{} cannot be written to a pickle here", name_of(item.kind()));
        }
    }

    std::string out_;
    std::size_t next_memo_ = 1;
    std::unordered_map<std::uint32_t, std::size_t> memo_;
    std::unordered_map<std::string, std::size_t> keys_;
};

}  // namespace

std::string to_pickle(const PickleValue& root) { return Writer().write(root); }

void write_pickle(const std::filesystem::path& path, const PickleValue& root) { write_text(path, to_pickle(root)); }

}  // namespace vglaw
