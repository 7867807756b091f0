// A list of pictures and expressions to ground, one line of JSON a picture; read in groups that share its decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/core/config_fields.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {

/// Which lines of a list one of several processes takes: those whose number, counted from 0, is `index` modulo `count`.
struct Shard {
    std::int64_t index = 0, count = 1;
};

/// "I/N". Throws invalid_argument unless 0 <= I < N <= 1,000,000.
[[nodiscard]] Shard parse_shard(std::string_view text);

/// One line of the list.
struct GroundingTask {
    std::int64_t line = 0;                 ///< counted from 1, as editors do
    Json id;                               ///< the caller's own, a text or an integer; null when not given
    std::string image;                     ///< as the line has it
    std::vector<std::string> expressions;  ///< at least one, not checked
    std::optional<Error> wrong;            ///< why the line cannot be used; it has no expressions then
};

/// {"image": "a/b.jpg", "expression": "..."} or {"image": "a/b.jpg", "expressions": ["...", ...]}, optional "id".
/// Whatever is wrong with it is said in `wrong`, without the line's number.
[[nodiscard]] GroundingTask parse_grounding_task(std::string_view line);

/// The list of one process, read from front to back. Blank lines count, and are passed over.
class GroundingList {
public:
    static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 22;
    static constexpr std::size_t kMaxExpressions = 1000;  ///< of one line

    /// Throws not_found, io and unsupported as MappedFile does.
    GroundingList(std::filesystem::path path, Shard shard);

    /// The next line of the shard, or nothing at the end.
    [[nodiscard]] std::optional<GroundingTask> next();
    /// The next lines that name one picture, as many as have `expressions` together, but always one; a line that is
    /// wrong goes with those around it. Where groups begin depends on the list and the shard alone, not on where a
    /// job was stopped: an answer's last digits depend on what it was computed with. Empty at the end.
    [[nodiscard]] std::vector<GroundingTask> next_group(std::size_t expressions);

    /// Lines of the shard, blank ones left out.
    [[nodiscard]] std::int64_t count() const;
    [[nodiscard]] std::string digest() const;  ///< of the whole list: two lists with one digest are the same
    /// Where a line's picture lies: relative to the list's folder.
    [[nodiscard]] std::filesystem::path resolve(const std::string& image) const;

private:
    std::filesystem::path path_;
    MappedFile file_;
    Shard shard_;
    std::size_t at_ = 0;
    std::int64_t line_ = 0;
    std::optional<GroundingTask> held_;
};

}  // namespace vglaw
