// Writes a data set's annotations in another layout. Pictures are named, not copied.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "vglaw/data/annotation_table.h"

namespace vglaw {

/// The layouts that can be written.
inline constexpr std::array<std::string_view, 3> kWrittenLayouts = {"refer", "seqtr", "jsonl"};

struct ConvertTarget {
    std::string layout = "refer";                       ///< one of kWrittenLayouts
    std::filesystem::path folder{};                     ///< made when missing
    std::string dataset = "refcoco", split_by = "unc";  ///< names of the folder and the file, where the layout has them
};

struct Converted {
    std::filesystem::path file;  ///< the annotations; refer: the references
    std::size_t references = 0, expressions = 0, pictures = 0;
};

/// Writes every target of the table, which must be usable (that of an AnnotatedDataset is):
///     refer    FOLDER/DATASET/instances.json and refs(SPLIT_BY).p, protocol 0
///     seqtr    FOLDER/DATASET-SPLIT_BY/instances.json, as SeqTR names it; one record an expression but in train
///     jsonl    FOLDER/vglaw.jsonl
/// Boxes and masks are what was read, bit for bit; masks kept as pictures become run lengths, polygons stay. Ids that
/// are missing or not unique are given anew. Throws invalid_argument when a file is there already or the layout is
/// unknown, unsupported when seqtr could not find a picture again by its number, what reading a mask's picture throws,
/// and io.
Converted convert_dataset(const AnnotationTable& table, const ConvertTarget& target);

}  // namespace vglaw
