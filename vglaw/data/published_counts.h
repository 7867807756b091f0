// How many references, expressions and pictures each split has, as the authors' and others' papers and code report.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

/// 0 where no count was published.
struct SplitCounts {
    std::size_t references = 0, expressions = 0, pictures = 0;
    friend bool operator==(const SplitCounts&, const SplitCounts&) = default;
};

/// Nothing for a set or split that is not in the table.
[[nodiscard]] std::optional<SplitCounts> published_counts(std::string_view dataset, std::string_view split_by,
                                                          std::string_view split);
/// The splits in the table, train first; empty for an unknown set.
[[nodiscard]] std::vector<std::string> published_splits(std::string_view dataset, std::string_view split_by);
/// True for the splits by Google: they divide objects, so that a picture may be in train and in val by design.
[[nodiscard]] bool divides_objects(std::string_view split_by);

}  // namespace vglaw
