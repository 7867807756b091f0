#include "vglaw/text/word_pieces.h"

#include <algorithm>
#include <string>

namespace vglaw {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

bool append_word_pieces(const Vocabulary& vocabulary, std::string_view word, std::vector<std::int64_t>& ids) {
    if (static_cast<std::size_t>(std::ranges::count_if(word, starts_character)) > kLongestWord) return false;
    const std::size_t before = ids.size();
    std::string continuation;
    for (std::size_t start = 0; start < word.size();) {
        std::string_view candidate = word.substr(start);
        const std::size_t marker = start == 0 ? 0 : 2;
        if (marker != 0) {
            continuation.assign("##").append(candidate);
            candidate = continuation;
        }
        std::optional<std::int64_t> id;
        while (candidate.size() > marker && !(id = vocabulary.find(candidate))) {
            do candidate.remove_suffix(1);
            while (candidate.size() > marker && !starts_character(word[start + candidate.size() - marker]));
        }
        if (!id) {
            ids.resize(before);
            return false;
        }
        ids.push_back(*id);
        start += candidate.size() - marker;
    }
    return true;
}

}  // namespace vglaw
