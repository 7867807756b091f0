// A small table of strings, written aligned for terminals or with pipes for Markdown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vglaw {

struct TextTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;  ///< each as long as the header
    std::size_t left_columns = 1;                ///< so many are words, aligned left; the rest are numbers, right
};

[[nodiscard]] std::string to_text(const TextTable& table);
[[nodiscard]] std::string to_markdown(const TextTable& table);
/// The text with Markdown's and HTML's special characters escaped and line breaks turned into spaces.
[[nodiscard]] std::string escape_markdown(const std::string& text);

}  // namespace vglaw
