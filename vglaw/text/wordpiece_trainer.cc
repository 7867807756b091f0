#include "vglaw/text/wordpiece_trainer.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/text/basic_tokenizer.h"
#include "vglaw/text/characters.h"
#include "vglaw/text/utf8.h"
#include "vglaw/text/word_pieces.h"

namespace vglaw {
namespace {

/// A piece seen once cannot be learned, only memorised.
constexpr std::int64_t kSmallestCount = 2;

using WordCounts = std::map<std::string, std::int64_t>;  // ordered: the result must not depend on a hash

WordCounts count_words(std::span<const std::string> corpus) {
    WordCounts counts;
    for (const std::string& text : corpus) {
        for (std::string& word : split_words(text)) {
            if (decode_utf8(word).size() <= kLongestWord) ++counts[std::move(word)];
        }
    }
    return counts;
}

std::string piece_of(char32_t character, bool continues) {
    std::string piece = continues ? "##" : "";
    append_utf8(piece, character);
    return piece;
}

/// The specials and all single characters. Punctuation and ideographs are always words of their own: no "##" for them.
std::vector<std::string> alphabet_of(const WordCounts& words) {
    std::set<char32_t> alone, continuing;
    for (char32_t c = U'!'; c <= U'~'; ++c) {
        if (lower_case(c) != c) continue;
        alone.insert(c);
        if (!is_punctuation(c)) continuing.insert(c);
    }
    for (const auto& [word, count] : words) {
        const std::u32string characters = decode_utf8(word);
        for (std::size_t i = 0; i < characters.size(); ++i) {
            const char32_t c = characters[i];
            alone.insert(c);
            if (i > 0 || !(is_punctuation(c) || is_ideograph(c))) continuing.insert(c);
        }
    }
    std::vector<std::string> pieces{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    for (const char32_t c : alone) pieces.push_back(piece_of(c, false));
    for (const char32_t c : continuing) pieces.push_back(piece_of(c, true));
    return pieces;
}

/// Byte-pair merging over the distinct words, with counts kept up to date word by word.
class PairMerger {
public:
    explicit PairMerger(const WordCounts& counts) {
        for (const auto& [text, count] : counts) {
            Word word{{}, count};
            for (const char32_t c : decode_utf8(text)) word.pieces.push_back(id_of(piece_of(c, !word.pieces.empty())));
            words_.push_back(std::move(word));
        }
        for (std::size_t i = 0; i < words_.size(); ++i) add_pairs(i);
        for (const auto& [pair, uses] : pairs_) queue_.push(candidate(pair, uses.count));
        changed_.clear();
    }

    /// Every piece that merging makes, in order, each once.
    std::vector<std::string> run() {
        std::vector<std::string> made;
        while (!queue_.empty()) {
            const Candidate best = queue_.top();
            queue_.pop();
            const auto uses = pairs_.find(best.pair);
            if (uses == pairs_.end() || uses->second.count != best.count) continue;  // an outdated entry
            if (best.count < kSmallestCount) break;
            const std::size_t known = texts_.size();
            const int merged = id_of(best.text);
            if (texts_.size() > known) made.push_back(best.text);
            const std::set<std::size_t> affected = uses->second.words;
            for (const std::size_t word : affected) merge(word, best.pair, merged);
            for (const Pair& pair : changed_) {
                const auto now = pairs_.find(pair);
                if (now != pairs_.end()) queue_.push(candidate(pair, now->second.count));
            }
            changed_.clear();
        }
        return made;
    }

private:
    using Pair = std::pair<int, int>;
    struct Word {
        std::vector<int> pieces;
        std::int64_t count;
    };
    struct Uses {
        std::int64_t count = 0;
        std::set<std::size_t> words;
    };
    struct Candidate {
        std::int64_t count;
        std::string text, left;  // of the merged piece and of its first half
        Pair pair;
        bool operator<(const Candidate& other) const {  // the queue hands out the greatest first
            if (count != other.count) return count < other.count;
            return std::tie(text, left) > std::tie(other.text, other.left);
        }
    };

    int id_of(const std::string& text) {
        const auto [known, added] = ids_.emplace(text, static_cast<int>(texts_.size()));
        if (added) texts_.push_back(text);
        return known->second;
    }

    Candidate candidate(const Pair& pair, std::int64_t count) const {
        const std::string& left = texts_[static_cast<std::size_t>(pair.first)];
        return {count, left + texts_[static_cast<std::size_t>(pair.second)].substr(2), left, pair};  // without "##"
    }

    void add_pairs(std::size_t index) {
        const Word& word = words_[index];
        for (std::size_t i = 1; i < word.pieces.size(); ++i) {
            const Pair pair{word.pieces[i - 1], word.pieces[i]};
            Uses& uses = pairs_[pair];
            uses.count += word.count;
            uses.words.insert(index);
            changed_.insert(pair);
        }
    }

    void remove_pairs(std::size_t index) {
        const Word& word = words_[index];
        for (std::size_t i = 1; i < word.pieces.size(); ++i) {
            const Pair pair{word.pieces[i - 1], word.pieces[i]};
            const auto uses = pairs_.find(pair);
            uses->second.count -= word.count;
            uses->second.words.erase(index);
            changed_.insert(pair);
            if (uses->second.count == 0) pairs_.erase(uses);
        }
    }

    void merge(std::size_t index, const Pair& pair, int merged) {
        remove_pairs(index);
        std::vector<int> joined;
        const std::vector<int>& pieces = words_[index].pieces;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const bool here = i + 1 < pieces.size() && Pair{pieces[i], pieces[i + 1]} == pair;
            joined.push_back(here ? merged : pieces[i]);
            if (here) ++i;
        }
        words_[index].pieces = std::move(joined);
        add_pairs(index);
    }

    std::vector<std::string> texts_;
    std::unordered_map<std::string, int> ids_;
    std::vector<Word> words_;
    std::map<Pair, Uses> pairs_;
    std::set<Pair> changed_;
    std::priority_queue<Candidate> queue_;
};

/// The alphabet and those of the merged pieces that the tokenizer picks for some word.
std::vector<std::string> pieces_in_use(const std::vector<std::string>& alphabet, std::span<const std::string> merged,
                                       const WordCounts& words) {
    std::vector<std::string> pieces = alphabet;
    pieces.insert(pieces.end(), merged.begin(), merged.end());
    const Vocabulary vocabulary(pieces);
    std::vector<bool> used(pieces.size(), false);
    std::vector<std::int64_t> ids;
    for (const auto& [word, count] : words) {
        ids.clear();
        append_word_pieces(vocabulary, word, ids);
        for (const std::int64_t id : ids) used[static_cast<std::size_t>(id)] = true;
    }
    std::vector<std::string> kept = alphabet;
    for (std::size_t i = alphabet.size(); i < pieces.size(); ++i) {
        if (used[i]) kept.push_back(std::move(pieces[i]));
    }
    return kept;
}

}  // namespace

Vocabulary train_wordpiece(std::span<const std::string> corpus, std::size_t max_size) {
    const WordCounts words = count_words(corpus);
    const std::vector<std::string> alphabet = alphabet_of(words);
    if (alphabet.size() > max_size) {
        fail(ErrorCode::invalid_argument,
             "a vocabulary of {} pieces cannot hold the corpus' {} specials and single characters; ask for more",
             max_size, alphabet.size());
    }
    const std::vector<std::string> merged = PairMerger(words).run();
    // Leaving out unused pieces makes room, so more merges fit than max_size says: bisect for the number that fills it.
    const auto pieces_of = [&](std::size_t merges) {
        return pieces_in_use(alphabet, std::span(merged).first(merges), words);
    };
    std::size_t fits = std::min(merged.size(), max_size - alphabet.size()), too_many = merged.size() + 1;
    while (fits + 1 < too_many) {
        const std::size_t middle = fits + (too_many - fits) / 2;
        (pieces_of(middle).size() <= max_size ? fits : too_many) = middle;
    }
    return Vocabulary(pieces_of(fits));
}

}  // namespace vglaw
