// A WordPiece vocabulary: pieces and their ids, one piece a line in a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vglaw {

class Vocabulary {
public:
    Vocabulary() = default;
    /// Id of a piece = its position. Throws invalid_argument, naming line or piece, on an empty list, a duplicate, an
    /// empty piece, a piece with a line break or one that is not UTF-8: each would shift or blur the ids.
    explicit Vocabulary(std::vector<std::string> pieces);
    /// One piece a line ('\n' or '\r\n'; a final empty line is not a piece), the content of vocab.txt or of
    /// `vglaw.vocab`.
    static Vocabulary parse(std::string_view lines);

    [[nodiscard]] std::size_t size() const { return pieces_.size(); }
    [[nodiscard]] std::optional<std::int64_t> find(std::string_view piece) const;
    [[nodiscard]] const std::string& piece(std::int64_t id) const;  ///< throws invalid_argument out of range
    [[nodiscard]] std::string join() const;                         ///< the inverse of parse

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::vector<std::string> pieces_;
    std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
};

}  // namespace vglaw
