#include "vglaw/evaluate/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace vglaw {
namespace {

/// Characters, not bytes: "±" is one wide, as fmt counts it when it pads.
std::size_t width_of(const std::string& text) {
    return std::size_t(std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}

/// Whatever would end the cell or the row does not.
std::string markdown_cell(const std::string& text) {
    std::string cell;
    for (const char c : text) {
        if (c == '|') cell += '\\';
        cell += c == '\n' || c == '\r' ? ' ' : c;
    }
    return cell;
}

}  // namespace

std::string to_text(const TextTable& table) {
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < table.header.size(); ++column) {
        std::size_t width = width_of(table.header[column]);
        for (const auto& row : table.rows) width = std::max(width, width_of(row[column]));
        widths.push_back(width);
    }
    std::string text;
    const auto add_line = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t column = 0; column < cells.size(); ++column) {
            line += column == 0 ? "" : "  ";
            line += column < table.left_columns ? fmt::format("{:<{}}", cells[column], widths[column])
                                                : fmt::format("{:>{}}", cells[column], widths[column]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    };
    add_line(table.header);
    for (const auto& row : table.rows) add_line(row);
    return text;
}

std::string to_markdown(const TextTable& table) {
    const auto line_of = [](const std::vector<std::string>& cells) {
        std::string line = "|";
        for (const std::string& cell : cells) line.append(" ").append(markdown_cell(cell)).append(" |");
        return line + '\n';
    };
    std::string text = line_of(table.header) + "|";
    for (std::size_t column = 0; column < table.header.size(); ++column) {
        text += column < table.left_columns ? " --- |" : " ---: |";
    }
    text += '\n';
    for (const auto& row : table.rows) text += line_of(row);
    return text;
}

std::string escape_markdown(const std::string& text) {
    constexpr std::string_view special = "\\`*_[]<>#|~&";
    std::string escaped;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) escaped += '\\';
        escaped += c == '\n' || c == '\r' ? ' ' : c;
    }
    return escaped;
}

}  // namespace vglaw
