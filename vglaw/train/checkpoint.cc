#include "vglaw/train/checkpoint.h"

#include <algorithm>
#include <vector>

#include "vglaw/format/safetensors.h"
#include "vglaw/net/weights.h"

namespace vglaw::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view weight_prefix = "weight.";
constexpr std::string_view optimizer_prefix = "optimizer.";

/// Oldest first; the step has a fixed width, so names sort by it.
std::vector<fs::path> list_checkpoints(const fs::path& folder) {
    std::vector<fs::path> found;
    if (!fs::is_directory(folder)) return found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("checkpoint-") && name.ends_with(".safetensors")) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

Checkpoint read_checkpoint(const fs::path& path) {
    const auto file = Safetensors::open(path);
    const auto text = file.metadata().find("vglaw.checkpoint");
    if (text == file.metadata().end()) fail(ErrorCode::corrupt_data, "{} is not a checkpoint", path.string());
    Checkpoint checkpoint;
    try {
        const Json json = Json::parse(text->second);
        checkpoint.step = json.at("step").get<std::int64_t>();
        checkpoint.best = json.at("best").get<double>();
        checkpoint.config = json.at("config");
    } catch (const nlohmann::json::exception& error) {
        fail(ErrorCode::corrupt_data, "{}: its training state is damaged: {}", path.string(), error.what());
    }
    for (const auto& [name, view] : file.tensors()) {
        if (name.starts_with(weight_prefix)) {
            checkpoint.weights[name.substr(weight_prefix.size())] = net::to_tensor(view);
        } else if (name.starts_with(optimizer_prefix)) {
            checkpoint.optimizer[name.substr(optimizer_prefix.size())] = net::to_tensor(view);
        }
    }
    return checkpoint;
}

}  // namespace

void write_checkpoint(const fs::path& folder, const Checkpoint& checkpoint, int keep) {
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& [name, tensor] : checkpoint.weights)
        tensors[std::string(weight_prefix) + name] = tensor.cpu().contiguous();
    for (const auto& [name, tensor] : checkpoint.optimizer) {
        tensors[std::string(optimizer_prefix) + name] = tensor.cpu().contiguous();
    }
    Json state;
    state["step"] = checkpoint.step;
    state["best"] = checkpoint.best;
    state["config"] = checkpoint.config;
    write_safetensors(folder / fmt::format("checkpoint-{:010d}.safetensors", checkpoint.step), net::views_of(tensors),
                      {{"vglaw.checkpoint", state.dump()}});
    auto found = list_checkpoints(folder);
    for (std::size_t i = 0; i + std::size_t(keep) < found.size(); ++i) fs::remove(found[i]);
}

std::optional<Checkpoint> read_newest_checkpoint(const fs::path& folder, std::string& warning) {
    auto found = list_checkpoints(folder);
    for (auto path = found.rbegin(); path != found.rend(); ++path) {
        try {
            return read_checkpoint(*path);
        } catch (const Error& error) {
            warning += fmt::format("{}{}; taking the one before it", warning.empty() ? "" : "; ", error.what());
        }
    }
    return std::nullopt;
}

}  // namespace vglaw::train
