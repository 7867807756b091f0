#include "vglaw/data/side_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace vglaw {

namespace {

using namespace std::string_view_literals;

constexpr std::array kBeforeSide = {""sv,       "top"sv,    "bottom"sv, "upper"sv, "lower"sv, "middle"sv, "mid"sv,
                                    "center"sv, "centre"sv, "back"sv,   "front"sv, "far"sv,   "most"sv,   "near"sv};
constexpr std::array kAfterSide = {""sv,       "s"sv,      "most"sv, "est"sv,   "er"sv,    "hand"sv,
                                   "handed"sv, "hander"sv, "side"sv, "sides"sv, "sided"sv, "ward"sv,
                                   "wards"sv,  "y"sv,      "ie"sv,   "ish"sv};
constexpr std::array kUnswappable = {"lft"sv,
                                     "lf"sv,
                                     "rt"sv,
                                     "rgt"sv,
                                     "rght"sv,
                                     "l"sv,
                                     "r"sv,
                                     "oclock"sv,
                                     "clockwise"sv,
                                     "anticlockwise"sv,
                                     "counterclockwise"sv,
                                     "east"sv,
                                     "west"sv,
                                     "eastern"sv,
                                     "western"sv,
                                     "eastmost"sv,
                                     "westmost"sv,
                                     "northeast"sv,
                                     "northwest"sv,
                                     "southeast"sv,
                                     "southwest"sv,
                                     "easternmost"sv,
                                     "westernmost"sv};
// After "right" these make it mean "directly", unless a pause that nobody wrote stands between them.
constexpr std::array kAfterAdverb = {"next"sv,  "now"sv,     "behind"sv, "beside"sv,     "besides"sv,
                                     "above"sv, "below"sv,   "under"sv,  "underneath"sv, "before"sv,
                                     "after"sv, "against"sv, "over"sv,   "up"sv};
// These too, and after "left" they make it a participle, unless the word before says that a side is meant: "the one on
// the right near the door", "slice left on the plate".
constexpr std::array kAfterEither = {"by"sv,      "near"sv,    "at"sv,     "on"sv,      "between"sv,
                                     "beneath"sv, "outside"sv, "inside"sv, "across"sv,  "there"sv,
                                     "here"sv,    "along"sv,   "around"sv, "through"sv, "over"sv,
                                     "alone"sv,   "behind"sv,  "out"sv,    "standing"sv};
constexpr std::array kBeforeNoun = {"the"sv,    "on"sv,    "to"sv,    "at"sv,    "far"sv, "top"sv,
                                    "bottom"sv, "upper"sv, "lower"sv, "front"sv, "back"sv};
constexpr std::array kPlaces = {"top"sv,    "bottom"sv, "middle"sv, "mid"sv,   "center"sv,
                                "centre"sv, "upper"sv,  "lower"sv,  "corner"sv};
constexpr std::array kAfterPlace = {""sv, "s"sv, "most"sv};

bool contains(const auto& list, std::string_view word) { return std::ranges::find(list, word) != list.end(); }

// Bytes of a multi-byte character count as letters: they belong to the word they stand in.
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80U);
}
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? char(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; }

struct Word {
    std::size_t begin = 0;
    std::string text;  // lower case
};

std::vector<Word> words_of(std::string_view expression) {
    std::vector<Word> words;
    for (std::size_t i = 0; i < expression.size();) {
        if (!is_letter(expression[i])) {
            ++i;
            continue;
        }
        Word word{i, {}};
        while (i < expression.size() && is_letter(expression[i])) word.text += lower(expression[i++]);
        words.push_back(std::move(word));
    }
    return words;
}

// Where the side stands in a word like "topleftmost", and which one it is.
struct Side {
    std::size_t offset = 0;
    bool left = false;
    [[nodiscard]] std::string_view name() const { return left ? "left"sv : "right"sv; }
    [[nodiscard]] std::string_view mirrored() const { return left ? "right"sv : "left"sv; }
};

std::optional<Side> side_in(std::string_view word) {
    for (const bool left : {true, false}) {
        Side side{0, left};
        side.offset = word.find(side.name());
        if (side.offset == std::string_view::npos) continue;
        if (contains(kBeforeSide, word.substr(0, side.offset)) &&
            contains(kAfterSide, word.substr(side.offset + side.name().size()))) {
            return side;
        }
    }
    return std::nullopt;
}

std::string in_case_of(std::string_view sample, std::string_view word) {
    std::string result(word);
    if (std::ranges::all_of(sample, is_upper)) {
        std::ranges::transform(result, result.begin(), upper);
    } else if (is_upper(sample.front())) {
        result.front() = upper(result.front());
    }
    return result;
}

bool names_a_place(std::string_view word) {
    if (word == "central") return true;
    return std::ranges::any_of(kPlaces, [&](std::string_view place) {
        return word.starts_with(place) && contains(kAfterPlace, word.substr(place.size()));
    });
}

}  // namespace

std::string swap_sides(std::string_view expression) {
    std::string result;
    std::size_t copied = 0;
    for (const Word& word : words_of(expression)) {
        const auto side = side_in(word.text);
        if (!side) continue;
        const std::size_t begin = word.begin + side->offset;
        const auto original = expression.substr(begin, side->name().size());
        result += expression.substr(copied, begin - copied);
        result += in_case_of(original, side->mirrored());
        copied = begin + original.size();
    }
    result += expression.substr(copied);
    return result;
}

bool can_flip(std::string_view expression) {
    const std::vector<Word> words = words_of(expression);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view next = i + 1 < words.size() ? std::string_view(words[i + 1].text) : ""sv;
        if (contains(kUnswappable, words[i].text)) return false;
        if (words[i].text == "o" && next == "clock") return false;
        if (words[i].text != "right" && words[i].text != "left") continue;
        const std::string_view before = i > 0 ? std::string_view(words[i - 1].text) : ""sv;
        if (contains(kAfterEither, next) && !contains(kBeforeNoun, before)) return false;
        if (words[i].text == "left") continue;
        if (contains(kAfterAdverb, next)) return false;
        if (next != "in" || i + 2 >= words.size()) continue;
        const std::string_view third =
            words[i + 2].text == "the" && i + 3 < words.size() ? words[i + 3].text : words[i + 2].text;
        if (third == "front" || third == "middle" || third == "center" || third == "centre") return false;
    }
    return true;
}

bool names_a_side(std::string_view expression) {
    if (!can_flip(expression)) return true;
    return std::ranges::any_of(words_of(expression),
                               [](const Word& word) { return side_in(word.text) || names_a_place(word.text); });
}

}  // namespace vglaw
