#include "vglaw/model/import_mae.h"

namespace vglaw {

ImportedPart import_mae(const std::filesystem::path& path, const ModelConfig& config) {
    ImportedPart part;
    part.kind = "MAE";
    part.file = path.filename().string();
    part.license = "CC-BY-NC-4.0";
    const StateDict state = StateDict::open(path);
    VitNames names;
    names.prefix = vit_prefix(state);
    take_vit(state, config, names, RelativePositions::crop, part);
    part.notes.emplace_back("MAE: CC-BY-NC 4.0, not for commercial use");
    return part;
}

}  // namespace vglaw
