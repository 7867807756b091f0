#include "vglaw/text/caption.h"

#include <algorithm>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr const char* blanks = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

Caption parse_caption(std::string_view marked) {
    Caption caption;
    std::size_t start = 0;
    bool inside = false;
    const auto quote = [&](std::size_t at) { return std::string(marked.substr(at, 40)); };
    for (std::size_t i = 0; i < marked.size(); ++i) {
        const char c = marked[i];
        if (c != '[' && c != ']') continue;
        if (c == '[' && inside) {
            fail(ErrorCode::invalid_argument,
                 "the caption opens a phrase inside a phrase at \"{}\"; close the first by ]", quote(start - 1));
        }
        if (c == ']' && !inside) {
            fail(ErrorCode::invalid_argument, "the caption closes a phrase that was not opened, before \"{}\"",
                 quote(i + 1));
        }
        const auto text = marked.substr(start, i - start);
        if (inside && trimmed(text).empty()) {
            fail(ErrorCode::invalid_argument, "the caption has a phrase without words; write it as [the dog]");
        }
        if (!text.empty()) caption.segments.push_back({std::string(text), inside ? int(caption.phrases.size()) : -1});
        if (inside) caption.phrases.emplace_back(trimmed(text));
        inside = !inside;
        start = i + 1;
    }
    if (inside) {
        fail(ErrorCode::invalid_argument, "the caption does not close the phrase \"{}\"; put a ] behind it",
             quote(start));
    }
    if (start < marked.size()) caption.segments.push_back({std::string(marked.substr(start)), -1});
    if (caption.phrases.empty()) {
        fail(ErrorCode::invalid_argument,
             "the caption marks no phrase; put what to find in square brackets: \"a man beside [the dog]\"");
    }
    return caption;
}

EncodedCaption encode_caption(const Tokenizer& tokenizer, const Caption& caption, int max_tokens) {
    EncodedCaption encoded;
    std::vector<int> phrase_of;  // by piece; -1 context
    for (const Caption::Segment& segment : caption.segments) {
        // As many as could be left: the whole is cut below, where the rest is known.
        const auto ids = tokenizer.encode(segment.text, max_tokens + 2);
        if (encoded.ids.empty()) {
            encoded.ids.push_back(ids.front());
            phrase_of.push_back(-1);
        }
        encoded.ids.insert(encoded.ids.end(), ids.begin() + 1, ids.end() - 1);
        phrase_of.resize(encoded.ids.size(), segment.phrase);
    }
    const auto room = std::size_t(max_tokens) - 1;
    if (encoded.ids.size() > room) encoded.ids.resize(room);
    encoded.ids.push_back(tokenizer.encode("", max_tokens).back());
    phrase_of.resize(encoded.ids.size());
    phrase_of.back() = -1;
    for (std::size_t p = 0; p < caption.phrases.size(); ++p) {
        auto& span = encoded.spans.emplace_back();
        for (const int phrase : phrase_of) span.push_back(phrase == int(p) ? 1 : 0);
    }
    return encoded;
}

bool reads_phrase(const Tokenizer& tokenizer, const Caption& caption, const EncodedCaption& encoded,
                  std::size_t index) {
    const auto pieces = std::size_t(std::ranges::count(encoded.spans.at(index), 1));
    return pieces > 0 && pieces == tokenizer.tokenize(caption.phrases.at(index)).size();
}

}  // namespace vglaw
