// One annotation file of a layout, read as `vglaw data check` reads it, and its masks painted.
#pragma once

#include <string>

#include "tests/fuzz/memory_file.h"
#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw::fuzz {

inline void read_layout(std::span<const std::uint8_t> bytes, AnnotationTable (*read)(const DatasetSpec&),
                        const std::string& dataset, const std::string& split) {
    const MemoryFile memory(bytes);
    read_or_refuse([&] {
        const AnnotationTable table = read({.data_root = memory.path(), .dataset = dataset, .split = split});
        for (std::size_t i = 0; i < table.targets.size(); ++i) {
            const TableTarget& target = table.targets[i];
            require(target.picture < table.pictures.size() && target.split < table.splits.size(),
                    "a target has a picture and a split");
            read_or_refuse([&] { (void)flaw_of(table, i); });
            const TablePicture& picture = table.pictures[target.picture];
            if (picture.width < 1 || picture.height < 1 || std::int64_t(picture.height) * picture.width > 1 << 20) {
                continue;
            }
            read_or_refuse([&] { (void)target.segmentation.paint(picture.height, picture.width); });
        }
        for (const TableExpression& expression : table.expressions) {
            require(expression.target < table.targets.size(), "an expression has a target");
        }
    });
}

}  // namespace vglaw::fuzz
