#include "vglaw/model/import_vit.h"

#include <algorithm>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"
#include "vglaw/model/import_mae.h"
#include "vglaw/model/import_sam.h"
#include "vglaw/model/import_timm.h"
#include "vglaw/model/import_vitdet.h"

namespace vglaw {
namespace {

constexpr std::string_view first_projection = "blocks.0.attn.qkv.weight";

bool any(const StateDict& state, std::string_view part) {
    return std::ranges::any_of(state.names(),
                               [&](const std::string& name) { return name.find(part) != std::string::npos; });
}

std::string their_name(std::string name, const VitNames& names) {
    for (const auto& [ours, theirs] : {std::pair{".mlp.fc1.", &names.fc1}, std::pair{".mlp.fc2.", &names.fc2}}) {
        const std::size_t at = name.find(ours);
        if (at != std::string::npos) name.replace(at, 9, fmt::format(".mlp.{}.", *theirs));
    }
    return names.prefix + name;
}

}  // namespace

void take_vit(const StateDict& state, const ModelConfig& config, const VitNames& names, RelativePositions how,
              ImportedPart& part) {
    const std::string prefix = "visual_encoder.";
    const TensorShapes shapes = tensor_shapes(config);
    PartReader reader(state, shapes, part);
    for (const auto& [target, shape] : shapes) {
        if (!target.starts_with(prefix)) continue;
        const std::string source = their_name(target.substr(prefix.size()), names);
        if (target.find(".rel_pos_") != std::string::npos) {
            if (names.relative) reader.take_relative_table(target, source, how);
        } else if (target.ends_with("pos_embed")) {
            reader.take_position_grid(target, source, names.class_rows);
        } else {
            reader.take(target, source);
        }
    }
    reader.finish();
    const std::string block = fmt::format("{}blocks.{}.", names.prefix, config.vision.depth);
    if (std::ranges::any_of(part.ignored, [&](const std::string& name) { return name.starts_with(block); })) {
        part.notes.push_back(
            fmt::format("{}: only the first {} blocks, as vision.depth says", part.kind, config.vision.depth));
    }
    if (!names.relative) {
        part.notes.push_back(fmt::format("{}: it has no relative positions; theirs start at 0", part.kind));
    }
}

std::string vit_prefix(const StateDict& state) {
    std::optional<std::string> prefix;
    for (const std::string& name : state.names()) {
        if (!name.ends_with(first_projection)) continue;
        const std::string before = name.substr(0, name.size() - first_projection.size());
        if (!before.empty() && !before.ends_with('.')) continue;
        if (before.ends_with("decoder_") || before.ends_with("decoder.")) continue;
        if (prefix) {
            fail(ErrorCode::unsupported, "{}: it holds several encoders, under {} and {}", state.origin(),
                 quote(*prefix), quote(before));
        }
        prefix = before;
    }
    if (prefix) return *prefix;
    const std::string_view hint = any(state, "attention.attention.query")
                                      ? "; its q, k and v are apart, as Hugging Face's ViT has them"
                                  : any(state, "resblocks.0.attn") ? "; it looks like CLIP, whose blocks differ"
                                  : any(state, "encoder.layer.0.attention") ? "; it looks like a text encoder"
                                                                            : "";
    fail(ErrorCode::unsupported, "{}: no tensor is named ...{}, so it is no ViT known here{}", state.origin(),
         first_projection, hint);
}

std::string vit_kind(const StateDict& state) {
    const std::string prefix = vit_prefix(state);
    if (state.contains(prefix + "blocks.0.ls1.gamma")) {
        fail(ErrorCode::unsupported, "{}: its blocks scale their branches (ls1, as DINOv2's), which this network lacks",
             state.origin());
    }
    if (state.contains(prefix + "blocks.0.mlp.lin1.weight")) return "sam";
    if (state.contains(prefix + "blocks.0.attn.rel_pos_h")) return "vitdet";
    return state.contains(prefix + "head.weight") ? "timm" : "mae";
}

ImportedPart import_vision(const std::string& kind, const std::filesystem::path& path, const ModelConfig& config,
                           RelativePositions how) {
    const std::string chosen = kind == "vision" ? vit_kind(StateDict::open(path)) : kind;
    if (chosen == "vitdet") return import_vitdet(path, config, how);
    if (chosen == "sam") return import_sam(path, config, how);
    if (chosen == "timm") return import_timm(path, config);
    if (chosen == "mae") return import_mae(path, config);
    fail(ErrorCode::invalid_argument, "'{}' is no kind of visual encoder; known are vitdet, mae, timm, sam", kind);
}

}  // namespace vglaw
