#include "vglaw/model/import_timm.h"

namespace vglaw {

ImportedPart import_timm(const std::filesystem::path& path, const ModelConfig& config) {
    ImportedPart part;
    part.kind = "timm ViT";
    part.file = path.filename().string();
    const StateDict state = StateDict::open(path);
    VitNames names;
    names.prefix = vit_prefix(state);
    take_vit(state, config, names, RelativePositions::crop, part);
    part.notes.emplace_back("timm ViT: each of timm's models has a licence of its own; see its card");
    return part;
}

}  // namespace vglaw
