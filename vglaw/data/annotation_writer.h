// Inside the room only: what the writers of annotation files share. Callers use convert_dataset.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vglaw/data/annotation_table.h"

namespace vglaw {

/// A target, its picture and its words, with ids that are unique in the table.
struct WrittenReference {
    const TableTarget* target = nullptr;
    const TablePicture* picture = nullptr;
    const std::string* split = nullptr;
    std::int64_t ref_id = 0, annotation_id = 0;
    std::vector<const TableExpression*> expressions;
    std::int64_t first_sentence = 0;  ///< ids run on from here where the table's own are not unique

    [[nodiscard]] std::int64_t sentence_id(std::size_t i) const {
        return first_sentence != 0 ? first_sentence + std::int64_t(i) : expressions[i]->sentence_id;
    }
};
/// In the table's order. The table's ids are kept when they are all there and unique, else given anew from 1; targets
/// of one annotation keep sharing it when they agree on picture and box.
[[nodiscard]] std::vector<WrittenReference> written_references(const AnnotationTable& table);

/// [x, y, w, h] of which reading makes the same box again: two decimals where they do, as COCO has them.
[[nodiscard]] nlohmann::json box_json(const BoxXyxy& box);
/// Polygons as they are, run lengths compressed; a mask in a picture is read and becomes run lengths. null without.
[[nodiscard]] nlohmann::json mask_json(const TableTarget& target);
/// One line, UTF-8.
[[nodiscard]] std::string to_line(const nlohmann::json& value);
/// Throws invalid_argument when it is there, and makes its folder.
void prepare_to_write(const std::filesystem::path& path);

}  // namespace vglaw
