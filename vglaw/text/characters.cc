#include "vglaw/text/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <span>

#include "vglaw/core/error.h"
#include "vglaw/text/character_tables.inc"

namespace vglaw {
namespace {

bool contains(std::span<const CharacterRange> ranges, char32_t c) {
    const auto range = std::ranges::lower_bound(ranges, c, {}, &CharacterRange::last);
    return range != ranges.end() && range->first <= c;
}

/// Decompositions younger than the reference's tables (Unicode 12): Dives Akuru, and the scripts of Unicode 16 that
/// have any. Their blocks are excluded whole, since an older library knows none of their letters either.
constexpr CharacterRange kUndecomposed[] = {
    {0x105C0, 0x105FF}, {0x11380, 0x113FF}, {0x11938, 0x11938}, {0x16100, 0x1613F}, {0x16D40, 0x16D7F},
};

/// 0 for a character that keeps its place; marks the reference does not know keep theirs.
int combining_class(char32_t c) {
    if (c < 0x300 || !(contains(kNonspacingMarks, c) || contains(kOrderedMarks, c))) return 0;
    return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
}

/// Puts each run of marks into canonical order; a stable sort, so a long run cannot cost quadratic time.
void order_marks(std::u32string& text) {
    for (auto start = text.begin(); start != text.end();) {
        if (combining_class(*start) == 0) {
            ++start;
            continue;
        }
        const auto end = std::find_if(start, text.end(), [](char32_t c) { return combining_class(c) == 0; });
        std::stable_sort(start, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
        start = end;
    }
}

}  // namespace

bool is_dropped(char32_t c) { return contains(kDropped, c); }
bool is_white_space(char32_t c) { return contains(kWhiteSpace, c); }
bool is_ideograph(char32_t c) { return contains(kIdeographs, c); }
bool is_punctuation(char32_t c) { return contains(kPunctuation, c); }
bool is_nonspacing_mark(char32_t c) { return c >= 0x300 && contains(kNonspacingMarks, c); }

std::u32string decompose(const std::u32string& text) {
    std::u32string out;
    out.reserve(text.size());
    for (const char32_t c : text) {
        if (c < 0xC0 || contains(kUndecomposed, c)) {
            out.push_back(c);
            continue;
        }
        constexpr int kLongest = 32;  // Unicode's longest canonical decomposition is 4 characters
        utf8proc_int32_t parts[kLongest];
        int boundary = 0;
        const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
        const auto count =
            utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, kLongest, options, &boundary);
        if (count < 0 || count > kLongest) {
            fail(ErrorCode::internal, "utf8proc cannot decompose U+{:04X}: {}", static_cast<unsigned>(c),
                 utf8proc_errmsg(count));
        }
        out.append(parts, parts + count);
    }
    order_marks(out);
    return out;
}

char32_t lower_case(char32_t c) {
    if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
    for (const LetterRange& letters : kRecentLetters) {
        if (c >= letters.first && c <= letters.last) return letters.lower_of_first + (c - letters.first);
    }
    return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

}  // namespace vglaw
