#include "vglaw/model/import_sam.h"

namespace vglaw {

ImportedPart import_sam(const std::filesystem::path& path, const ModelConfig& config, RelativePositions how) {
    ImportedPart part;
    part.kind = "SAM";
    part.file = path.filename().string();
    part.license = "Apache-2.0";
    const StateDict state = StateDict::open(path);
    VitNames names;
    names.prefix = vit_prefix(state);
    names.fc1 = "lin1";
    names.fc2 = "lin2";
    names.class_rows = 0;
    names.relative = true;
    take_vit(state, config, names, how, part);
    return part;
}

}  // namespace vglaw
