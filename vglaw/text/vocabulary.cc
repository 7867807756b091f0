#include "vglaw/text/vocabulary.h"

#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/text/utf8.h"

namespace vglaw {

Vocabulary::Vocabulary(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {
    if (pieces_.empty()) fail(ErrorCode::invalid_argument, "the vocabulary is empty; it needs one piece a line");
    ids_.reserve(pieces_.size());
    for (std::size_t id = 0; id < pieces_.size(); ++id) {
        const std::string& piece = pieces_[id];
        // Ids are positions, so a piece that could not survive join() and parse() would shift all that follow.
        if (piece.empty()) {
            fail(ErrorCode::invalid_argument, "the vocabulary has an empty piece on line {}; remove the blank line",
                 id + 1);
        }
        if (piece.find('\n') != std::string::npos || piece.back() == '\r') {
            fail(ErrorCode::invalid_argument, "the vocabulary's piece {} holds a line break", id + 1);
        }
        try {
            (void)decode_utf8(piece);
        } catch (const Error& error) {
            fail(ErrorCode::invalid_argument, "the vocabulary's line {}: {}", id + 1, error.what());
        }
        const auto [first, added] = ids_.emplace(piece, static_cast<std::int64_t>(id));
        if (!added) {
            fail(ErrorCode::invalid_argument, "the vocabulary holds \"{}\" twice, on lines {} and {}; keep one", piece,
                 first->second + 1, id + 1);
        }
    }
}

Vocabulary Vocabulary::parse(std::string_view lines) {
    std::vector<std::string> pieces;
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        std::string_view line = lines.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        pieces.emplace_back(line);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
    return Vocabulary(std::move(pieces));
}

std::optional<std::int64_t> Vocabulary::find(std::string_view piece) const {
    const auto found = ids_.find(piece);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

const std::string& Vocabulary::piece(std::int64_t id) const {
    if (id < 0 || static_cast<std::size_t>(id) >= pieces_.size()) {
        fail(ErrorCode::invalid_argument, "there is no piece {}; the vocabulary has ids 0 to {}", id,
             static_cast<std::int64_t>(pieces_.size()) - 1);
    }
    return pieces_[static_cast<std::size_t>(id)];
}

std::string Vocabulary::join() const {
    std::string lines;
    for (const std::string& piece : pieces_) lines.append(piece).push_back('\n');
    return lines;
}

}  // namespace vglaw
