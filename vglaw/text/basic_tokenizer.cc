#include "vglaw/text/basic_tokenizer.h"

#include "vglaw/text/characters.h"
#include "vglaw/text/utf8.h"

namespace vglaw {
namespace {

/// Unprintable characters out, every white space a plain one, blanks around ideographs.
std::u32string clean(const std::u32string& text) {
    std::u32string out;
    out.reserve(text.size());
    for (const char32_t c : text) {
        if (is_dropped(c)) continue;
        if (is_white_space(c)) {
            out.push_back(U' ');
        } else if (is_ideograph(c)) {
            // Before the decomposition on purpose: compatibility ideographs decompose to ordinary ones.
            out.append({U' ', c, U' '});
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (char32_t c : decompose(clean(decode_utf8(text)))) {
        if (is_nonspacing_mark(c)) continue;
        // Accents go before the case, as in the reference: I with a dot above becomes a plain i.
        c = lower_case(c);
        if (is_white_space(c)) {
            end_word();
        } else if (is_punctuation(c)) {
            end_word();
            append_utf8(word, c);
            end_word();
        } else {
            append_utf8(word, c);
        }
    }
    end_word();
    return words;
}

}  // namespace vglaw
