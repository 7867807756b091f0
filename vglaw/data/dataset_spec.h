// Which data set: its layout on disk, its place, its part.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "vglaw/data/refer_references.h"

namespace vglaw {

/// Layouts of annotation files: REFER's own; Hu et al.'s split files of ReferItGame; SeqTR's, SimVG's and C3VG's
/// instances.json; MDETR's finetune_*.json; TransVG's index files; our own lines of JSON.
inline constexpr std::array<std::string_view, 6> kDataLayouts = {"refer", "referit", "seqtr",
                                                                 "mdetr", "transvg", "jsonl"};

struct DatasetSpec {
    std::string layout = "refer";        ///< one of kDataLayouts
    std::filesystem::path data_root{};   ///< the folder of the annotations; but for refer, the very file serves too
    std::filesystem::path image_root{};  ///< the pictures; empty: found under data_root (see ImageFinder)
    std::filesystem::path instances{};   ///< COCO's or REFER's instances json, for the masks of layouts without them
    std::string dataset = "refcoco";     ///< refcoco, refcoco+, refcocog, refclef, or a name of the layout's own
    std::string split_by = "unc";        ///< unc, google, umd, berkeley; used by layouts that have them
    std::string split = "train";         ///< train, val, test, testA, testB, testC; empty: all there are
    bool skip_missing = false;           ///< leave out expressions that cannot be used instead of refusing the set
    ReferText text = ReferText::sent;    ///< refer: which wording is the expression
};

/// "refcoco(unc) val", for messages and reports.
[[nodiscard]] std::string describe(const DatasetSpec& spec);

}  // namespace vglaw
