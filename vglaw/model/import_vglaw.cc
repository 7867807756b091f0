#include "vglaw/model/import_vglaw.h"

#include "vglaw/core/error.h"
#include "vglaw/model/storage.h"

namespace vglaw {
namespace {

/// A tensor that bears the same name but means something else in the other network: generated weights of another kind,
/// of other blocks; modules of another kind.
bool means_the_same(const std::string& name, const ModelConfig& theirs, const ModelConfig& ours) {
    if (name.starts_with("weight_generator.")) {
        return theirs.law.kind == ours.law.kind && theirs.adapted_blocks() == ours.adapted_blocks();
    }
    if (name.starts_with("fusion.")) return theirs.fusion.kind == ours.fusion.kind;
    return true;
}

}  // namespace

ImportedPart import_vglaw(const std::filesystem::path& path, const ModelConfig& config, RelativePositions how) {
    const ModelBundle bundle = read_bundle(path);
    if (bundle.config.text.heads != config.text.heads || bundle.config.vision.heads != config.vision.heads) {
        fail(ErrorCode::corrupt_data, "{}: it has {} and {} attention heads (text, vision), the config says {} and {}",
             path.string(), bundle.config.text.heads, bundle.config.vision.heads, config.text.heads,
             config.vision.heads);
    }
    if (bundle.vocabulary.size() != std::size_t(config.text.vocab_size)) {
        fail(ErrorCode::corrupt_data, "{}: its vocabulary has {} pieces, the config's text.vocab_size is {}",
             path.string(), bundle.vocabulary.size(), config.text.vocab_size);
    }
    if (storage_of(bundle) == Storage::int8) {
        fail(ErrorCode::unsupported,
             "{}: it holds int8 weights; 'vglaw export {} --precision fp32' makes a file of floats first",
             path.string(), path.string());
    }
    ImportedPart part;
    part.kind = "vglaw model";
    part.file = path.filename().string();
    part.license = bundle.license;
    part.vocabulary = bundle.vocabulary;
    part.yields = true;
    const StateDict state = StateDict::open(path);
    const TensorShapes shapes = tensor_shapes(config);
    PartReader reader(state, shapes, part);
    for (const auto& [name, shape] : shapes) {
        if (!state.contains(name) || !means_the_same(name, bundle.config, config)) continue;
        if (name.find(".rel_pos_") != std::string::npos) {
            reader.take_relative_table(name, name, how);
        } else if (name == "visual_encoder.pos_embed") {
            reader.take_position_grid(name, name, 0);
        } else if (name == "text_encoder.embeddings.position_embeddings.weight") {
            reader.take_rows(name, name);
        } else {
            reader.take(name, name);
        }
    }
    reader.finish();
    return part;
}

}  // namespace vglaw
