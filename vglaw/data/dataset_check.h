// Is a data set what it should be? Counts, joins, boxes, masks, pictures, and what its splits share.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"
#include "vglaw/data/published_counts.h"

namespace vglaw {

struct CheckOptions {
    bool expect_published = true;  ///< counts that differ from the published ones are wrong
    bool read_pictures = false;    ///< decode every picture: damaged, or of another size than the annotations say
    /// Told after each picture read how many of how many; may be empty.
    std::function<void(std::size_t, std::size_t)> progress{};
};

struct CheckedSplit {
    std::string split;
    SplitCounts found;
    std::optional<SplitCounts> published;
};

struct Finding {
    std::string what;   ///< "picture not found", "picture in two splits", ...
    bool wrong = true;  ///< false: worth knowing, but so by design
    std::size_t count = 0;
    std::vector<std::string> examples{};  ///< the first few, in words
};

struct CheckReport {
    std::string name;
    bool has_masks = false;
    std::vector<CheckedSplit> splits;
    std::vector<Finding> findings;  ///< only those with a count

    [[nodiscard]] bool wrong() const;
};

/// Checks what read_annotations(spec) gave for all splits (an empty spec.split). Found:
///   - references that do not join, boxes that are no boxes, objects without a mask, pictures that are not there;
///   - boxes that leave their picture by more than a pixel; masks that are empty, of another size than the picture, or
///     whose bounding box overlaps the box by less than half (IoU 0.5);
///   - reference ids used twice; expressions without words;
///   - the same words for the same object in two splits; pictures that train shares with another split;
///   - counts other than the published ones. Sets that `vglaw scenes` wrote have none.
[[nodiscard]] CheckReport check_dataset(const AnnotationTable& table, const DatasetSpec& spec,
                                        const CheckOptions& options);

}  // namespace vglaw
