// A model that answers requests: its weights, its batcher, what it says about itself.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "vglaw/core/config_fields.h"
#include "vglaw/model/grounding_steps.h"
#include "vglaw/serve/batcher.h"

namespace vglaw::serve {

struct ModelOptions {
    BatchLimits batch;
    int workers = 1;                 ///< forward passes at the same time
    int threads = 0;                 ///< of each pass; 0: every core
    std::string precision = "auto";  ///< fp32, int8, or auto: as the file is stored
};

class ServedModel {
public:
    /// Throws as snapshot_bundle and engine::pack_model do.
    ServedModel(std::string name, const std::filesystem::path& file, const ModelOptions& options,
                Batcher::OnPass on_pass);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const GroundingSteps& steps() const { return steps_; }
    [[nodiscard]] Batcher& batcher() { return *batcher_; }
    [[nodiscard]] const Batcher& batcher() const { return *batcher_; }
    [[nodiscard]] double loaded() const { return loaded_; }  ///< seconds since 1970
    /// {"name", "image_size", "max_tokens", "parameters", "precision", "grid", "blocks", "license", "source", "file"}
    [[nodiscard]] const Json& description() const { return description_; }

private:
    ServedModel(std::string name, const ModelBundle& bundle, const ModelOptions& options, Batcher::OnPass on_pass);

    std::string name_;
    GroundingSteps steps_;
    Json description_;
    double loaded_;
    std::unique_ptr<Batcher> batcher_;
};

}  // namespace vglaw::serve
