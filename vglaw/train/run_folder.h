// What a run leaves on disk beside its checkpoints: config.json, metrics.jsonl and its twin for TensorBoard, curves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "vglaw/core/config_fields.h"
#include "vglaw/format/event_file.h"
#include "vglaw/train/trainer.h"

namespace vglaw::train {

class RunFolder {
public:
    /// Makes the folder. `from_step`: lines of metrics.jsonl behind it belong to a future that will be trained again;
    /// those and what a kill left torn are dropped, and TensorBoard is told to forget them. Throws io.
    RunFolder(std::filesystem::path folder, const Json& config, std::int64_t from_step);

    void add(const StepReport& report);
    void add(const ValidationReport& report);
    /// curves.png and curves.svg from metrics.jsonl; nothing before its first line, nor in the minimal build.
    void draw_curves() const;
    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

private:
    void append(const Json& line) const;
    std::filesystem::path folder_;
    std::optional<EventFile> events_;
};

}  // namespace vglaw::train
