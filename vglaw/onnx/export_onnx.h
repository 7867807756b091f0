// A model file as an ONNX file: the same network for ONNX Runtime, OpenVINO and whatever else reads ONNX
// (docs/onnx.md).
#pragma once

#include <filesystem>
#include <string>

#include "vglaw/model/bundle.h"

namespace vglaw::onnx {

struct ExportOptions {
    /// The second transposed convolution of the mask head and the product with the expression's vector: true, as one
    /// product with a kernel made for the expression; false, one after the other, as the paper draws them.
    bool folded_head = true;
    std::string producer_version{};
};

struct ExportSummary {
    int nodes = 0;
    std::size_t bytes = 0;  ///< of the file
};

/// What export_onnx refuses before any work: throws unsupported, naming key and value, for law.kind other than lowrank
/// and none, for fusion, and for a model that does not fit in the 2 GiB of one protobuf message. `where` names the
/// model.
void check_exportable(const ModelConfig& config, const std::string& where);

/// Writes `path` (beside, then renamed): opset 17, checked by the onnx package. With S = image.size, h = w = S /
/// vision.patch, batch B and tokens L free:
///   in   images [B, 3, S, S] float, normalised, padded with 0 · ids [B, L] int64 · token_mask [B, L] int64, 0 or 1
///   out  boxes_cxcywh [B, 4] float in [0, 1] of the canvas · mask_logits [B, S, S] float · for box_head.pool = lap
///        pool_attention [B, h, w] float
/// Configuration, vocabulary, licence and source are in metadata_props under the model file's own keys. Throws as
/// check_exportable does, corrupt_data for a weight that is not finite, io when the file cannot be written.
ExportSummary export_onnx(const ModelBundle& bundle, const ExportOptions& options, const std::filesystem::path& path);

}  // namespace vglaw::onnx
