#include "vglaw/text/tokenizer.h"

#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/text/basic_tokenizer.h"
#include "vglaw/text/word_pieces.h"

namespace vglaw {
namespace {

std::int64_t special(const Vocabulary& vocabulary, std::string_view piece) {
    const auto id = vocabulary.find(piece);
    if (!id) {
        fail(ErrorCode::invalid_argument, "the vocabulary of {} pieces lacks {}; give BERT's own vocab.txt",
             vocabulary.size(), piece);
    }
    return *id;
}

}  // namespace

Tokenizer::Tokenizer(Vocabulary vocabulary)
    : vocabulary_(std::move(vocabulary)),
      pad_(special(vocabulary_, "[PAD]")),
      unknown_(special(vocabulary_, "[UNK]")),
      start_(special(vocabulary_, "[CLS]")),
      end_(special(vocabulary_, "[SEP]")) {}

std::vector<std::string> Tokenizer::tokenize(std::string_view text) const {
    std::vector<std::int64_t> ids;
    for (const std::string& word : split_words(text)) {
        if (!append_word_pieces(vocabulary_, word, ids)) ids.push_back(unknown_);
    }
    std::vector<std::string> pieces;
    pieces.reserve(ids.size());
    for (const std::int64_t id : ids) pieces.push_back(vocabulary_.piece(id));
    return pieces;
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text, int max_tokens) const {
    if (max_tokens < 2) {
        fail(ErrorCode::invalid_argument, "max_tokens is {}; [CLS] and [SEP] alone need 2", max_tokens);
    }
    const std::size_t room = static_cast<std::size_t>(max_tokens) - 1;  // all but [SEP]
    std::vector<std::int64_t> ids{start_};
    for (const std::string& word : split_words(text)) {
        if (ids.size() >= room) break;
        if (!append_word_pieces(vocabulary_, word, ids)) ids.push_back(unknown_);
    }
    if (ids.size() > room) ids.resize(room);
    ids.push_back(end_);
    return ids;
}

}  // namespace vglaw
