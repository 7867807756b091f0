// Who may ask: the tokens of --token-file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw::serve {

class BearerTokens {
public:
    /// Nobody is asked for a token.
    BearerTokens() = default;
    /// One token a line; empty lines and lines that start with # are passed over. Throws not_found, io, and
    /// invalid_argument for a file without tokens or a token that is longer than longest_token or has blanks in it.
    explicit BearerTokens(const std::filesystem::path& file);

    [[nodiscard]] bool required() const { return !tokens_.empty(); }
    /// `authorization` is the header's value, "Bearer TOKEN". Takes the same time for every wrong token, whatever its
    /// length and however much of it is right.
    [[nodiscard]] bool accepts(std::string_view authorization) const;

    static constexpr std::size_t longest_token = 256;

private:
    std::vector<std::string> tokens_;
};

}  // namespace vglaw::serve
