#include "vglaw/train/checkpoint.h"

#include <algorithm>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/shallow_json.h"
#include "vglaw/format/safetensors.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/digest.h"

namespace vglaw::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view weight_prefix = "weight.";
constexpr std::string_view optimizer_prefix = "optimizer.";

constexpr std::string_view name_start = "checkpoint-", name_end = ".safetensors";
constexpr std::size_t name_digits = 10;

std::string name_of(std::int64_t step) { return fmt::format("{}{:0{}}{}", name_start, step, name_digits, name_end); }

/// The name begins like a checkpoint's; only what this program wrote may be read or removed as one.
bool begins_as_checkpoint(const std::string& name) {
    const auto digits = name_start.size();
    return name.starts_with(name_start) && name.size() >= digits + name_digits + name_end.size() &&
           std::all_of(name.begin() + digits, name.begin() + digits + name_digits,
                       [](char c) { return c >= '0' && c <= '9'; }) &&
           name.compare(digits + name_digits, name_end.size(), name_end) == 0;
}

/// Oldest first; the step has a fixed width, so names sort by it. `unfinished`: the files of killed writes instead.
std::vector<fs::path> list_checkpoints(const fs::path& folder, bool unfinished = false) {
    std::vector<fs::path> found;
    std::error_code error;
    if (!fs::is_directory(folder, error)) return found;
    auto entry = fs::directory_iterator(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!begins_as_checkpoint(name)) continue;
        const bool whole = name.size() == name_start.size() + name_digits + name_end.size();
        if (unfinished ? !whole && name.ends_with(".tmp") : whole) found.push_back(entry->path());
    }
    if (error) fail(ErrorCode::io, "cannot list {}: {}", folder.string(), error.message());
    std::sort(found.begin(), found.end());
    return found;
}

void remove_file(const fs::path& path) {
    std::error_code error;
    fs::remove(path, error);
    if (error) fail(ErrorCode::io, "cannot remove {}: {}", path.string(), error.message());
}

Checkpoint read_checkpoint(const fs::path& path) {
    const auto file = Safetensors::open(path);
    const auto text = file.metadata().find("vglaw.checkpoint");
    if (text == file.metadata().end()) fail(ErrorCode::corrupt_data, "{} is not a checkpoint", path.string());
    Checkpoint checkpoint;
    try {
        const Json json = parse_shallow_json(text->second);
        checkpoint.step = json.at("step").get<std::int64_t>();
        checkpoint.best = json.at("best").get<double>();
        checkpoint.config = json.at("config");
        checkpoint.log = json.value("log", Json());
        checkpoint.data = json.value("data", Json());
    } catch (const std::exception& error) {  // JSON's own, or of its bounds
        fail(ErrorCode::corrupt_data, "{}: its training state is damaged: {}", path.string(), error.what());
    }
    if (checkpoint.step < 0 || !checkpoint.config.is_object()) {
        fail(ErrorCode::corrupt_data, "{}: its training state is damaged", path.string());
    }
    // A disk that lost power may keep a file's length and lose what was in it.
    const auto stored = file.metadata().find("vglaw.digest");
    if (stored != file.metadata().end() && stored->second != digest_of(file.tensors())) {
        fail(ErrorCode::corrupt_data, "{} is damaged: its tensors are not those that were written", path.string());
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
    state["log"] = checkpoint.log;
    state["data"] = checkpoint.data;
    const fs::path written = folder / name_of(checkpoint.step);
    // A path that is not UTF-8 is no reason to lose a checkpoint.
    const auto views = net::views_of(tensors);
    write_safetensors(written, views,
                      {{"vglaw.checkpoint", state.dump(-1, ' ', false, Json::error_handler_t::replace)},
                       {"vglaw.digest", digest_of(views)}});

    for (const auto& path : list_checkpoints(folder, true)) remove_file(path);
    auto found = list_checkpoints(folder);
    const auto later = std::upper_bound(found.begin(), found.end(), written);
    for (auto path = later; path != found.end(); ++path) remove_file(*path);
    found.erase(later, found.end());
    for (std::size_t i = 0; i + std::size_t(keep) < found.size(); ++i) remove_file(found[i]);
}

bool holds_checkpoints(const fs::path& folder) { return !list_checkpoints(folder).empty(); }

std::optional<Checkpoint> read_newest_checkpoint(const fs::path& folder, std::string& warning) {
    auto found = list_checkpoints(folder);
    std::string troubles;
    for (auto path = found.rbegin(); path != found.rend(); ++path) {
        try {
            auto checkpoint = read_checkpoint(*path);
            if (!troubles.empty()) warning = troubles + "; taking the one before it";
            return checkpoint;
        } catch (const Error& error) {
            troubles += fmt::format("{}{}", troubles.empty() ? "" : "; ", error.what());
        }
    }
    if (troubles.empty()) return std::nullopt;
    fail(ErrorCode::corrupt_data, "no checkpoint can be read: {}; remove them to start from the beginning", troubles);
}

}  // namespace vglaw::train
