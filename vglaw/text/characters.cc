#include "vglaw/text/characters.h"

#include <algorithm>
#include <span>

#include "vglaw/text/character_tables.inc"
#include "vglaw/text/letters.h"

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
    return letters::combining_class(c);
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
        } else {
            letters::append_decomposition(c, out);
        }
    }
    order_marks(out);
    return out;
}

char32_t lower_case(char32_t c) {
    if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
    for (const LetterRange& range : kRecentLetters) {
        if (c >= range.first && c <= range.last) return range.lower_of_first + (c - range.first);
    }
    return letters::lower_case(c);
}

}  // namespace vglaw
