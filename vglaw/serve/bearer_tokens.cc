#include "vglaw/serve/bearer_tokens.h"

#include <algorithm>
#include <array>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {
namespace {

constexpr std::size_t largest_file = 1 << 20;

/// A token at a fixed size, so that comparing two takes one time for all; its length is a byte of it.
using Padded = std::array<unsigned char, BearerTokens::longest_token + 2>;

Padded padded(std::string_view token) {
    Padded out{};
    std::copy(token.begin(), token.end(), out.begin());
    out[BearerTokens::longest_token] = static_cast<unsigned char>(token.size() & 255);
    out[BearerTokens::longest_token + 1] = static_cast<unsigned char>(token.size() >> 8);
    return out;
}

}  // namespace

BearerTokens::BearerTokens(const std::filesystem::path& file) {
    const std::string text = read_text(file, largest_file);
    std::size_t line_number = 0;
    for (std::string_view rest = text; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        ++line_number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        if (line.size() > longest_token || line.find_first_of(" \t") != std::string_view::npos) {
            fail(ErrorCode::invalid_argument, "{} line {}: a token has at most {} characters and no blanks",
                 file.string(), line_number, longest_token);
        }
        tokens_.emplace_back(line);
    }
    if (tokens_.empty()) fail(ErrorCode::invalid_argument, "{} has no tokens; write one a line", file.string());
}

bool BearerTokens::accepts(std::string_view authorization) const {
    constexpr std::string_view scheme = "Bearer ";
    if (!same_word(authorization.substr(0, scheme.size()), scheme)) return false;
    const std::string_view token = authorization.substr(scheme.size());
    if (token.empty() || token.size() > longest_token) return false;
    const Padded given = padded(token);
    unsigned accepted = 0;
    for (const auto& known : tokens_) {  // all of them: no early end tells which one was near
        const Padded expected = padded(known);
        volatile unsigned difference = 0;  // volatile: the loop must not be cut short by the compiler either
        for (std::size_t i = 0; i < given.size(); ++i) difference = difference | unsigned(given[i] ^ expected[i]);
        accepted |= unsigned(difference == 0);
    }
    return accepted != 0;
}

}  // namespace vglaw::serve
