// What one file of somebody's weights gives to a model: values by our names, and an account of everything.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "vglaw/format/state_dict.h"
#include "vglaw/model/bundle.h"
#include "vglaw/model/initialize.h"
#include "vglaw/model/position_tables.h"

namespace vglaw {

struct ImportedPart {
    std::string kind;     ///< "BERT", "ViTDet", "MAE", "timm ViT", "SAM", "vglaw model"
    std::string file;     ///< its name without folders: it goes into the model's metadata
    std::string license;  ///< SPDX name; empty when nobody can tell from the file
    WeightMap weights;    ///< by the names of tensor_shapes()
    std::map<std::string, std::string>
        changes;  ///< name -> "position grid resized from 64 x 64 to 14 x 14"; others are as in the file
    std::vector<std::string> ignored;  ///< the file's names that nothing of the network asked for
    std::vector<std::string> notes;    ///< what a person should know, one line each
    std::optional<Vocabulary> vocabulary;
    bool yields = false;  ///< gives only what no other part does
};

/// Takes tensors of a state dict into a part, checking their shapes; every source's importer is a user of this.
class PartReader {
public:
    /// All three must outlive the reader; `shapes` are tensor_shapes(config).
    PartReader(const StateDict& state, const TensorShapes& shapes, ImportedPart& part)
        : state_(state), shapes_(shapes), part_(part) {}

    /// Copies `source` as `target`. Throws not_found when it is missing, corrupt_data when it has another shape (naming
    /// both), unsupported when it holds no floats.
    void take(const std::string& target, const std::string& source);
    /// The first rows of a table with more of them than the network's.
    void take_rows(const std::string& target, const std::string& source);
    /// (1, P*P, C), or with `leading` other rows before the grid (a class token's), or (1, P, P, C): brought to the
    /// network's grid.
    void take_position_grid(const std::string& target, const std::string& source, int leading);
    /// (2 m - 1, d): brought to the network's rows.
    void take_relative_table(const std::string& target, const std::string& source, RelativePositions how);

    /// Lists what was not taken in part.ignored.
    void finish();

private:
    StoredArray array(const std::string& source);
    [[noreturn]] void misshapen(const std::string& source, const TensorView& view, const std::string& target) const;

    const StateDict& state_;
    const TensorShapes& shapes_;
    ImportedPart& part_;
    std::set<std::string> used_;
};

}  // namespace vglaw
