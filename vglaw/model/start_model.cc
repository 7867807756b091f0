#include "vglaw/model/start_model.h"

#include <fmt/ranges.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

/// One licence for the whole, if there is one.
std::string common_license(const std::vector<ImportedPart>& parts, std::vector<std::string>& notes) {
    std::vector<std::string> described;
    bool same = true;
    for (const ImportedPart& part : parts) {
        same = same && part.license == parts.front().license;
        described.push_back(fmt::format("{} {}", part.kind, part.license.empty() ? "unknown" : part.license));
    }
    if (parts.empty()) return "Apache-2.0";  // random weights of this program
    if (same && !parts.front().license.empty()) return parts.front().license;
    notes.push_back(
        fmt::format("licence left empty, the parts' differ or are unknown ({}); what binds you is yours to tell",
                    fmt::join(described, ", ")));
    return "";
}

}  // namespace

std::size_t StartTensor::parameters() const {
    std::size_t count = 1;
    for (const std::int64_t side : shape) count *= std::size_t(side);
    return count;
}

StartModel assemble_start(const ModelConfig& config, const InitConfig& init, std::uint64_t seed,
                          std::vector<ImportedPart>& parts) {
    StartModel start;
    start.config = config;
    start.weights = initial_weights(config, init, seed);
    std::map<std::string, ImportedPart*> origins;
    std::vector<std::string> made_of;
    for (ImportedPart& part : parts) {
        for (const auto& [name, values] : part.weights) {
            const auto [known, fresh] = origins.try_emplace(name, &part);
            if (fresh) continue;
            if (known->second->yields == part.yields) {
                fail(ErrorCode::invalid_argument, "both {} and {} give '{}'; name one of them", known->second->file,
                     part.file, name);
            }
            if (!part.yields) known->second = &part;
        }
        start.notes.insert(start.notes.end(), part.notes.begin(), part.notes.end());
        made_of.push_back(fmt::format("{} ({})", part.kind, part.file));
    }
    for (const auto& [name, part] : origins) start.weights.at(name) = std::move(part->weights.at(name));
    const std::string random = fmt::format("random, seed {}", seed);
    for (const auto& [name, shape] : tensor_shapes(config)) {
        StartTensor tensor{name, random, "", shape};
        if (const auto found = origins.find(name); found != origins.end()) {
            const ImportedPart& part = *found->second;
            tensor.origin = fmt::format("{} ({})", part.kind, part.file);
            if (const auto change = part.changes.find(name); change != part.changes.end())
                tensor.change = change->second;
        }
        start.tensors.push_back(std::move(tensor));
    }
    if (origins.size() < start.tensors.size()) made_of.push_back(fmt::format("the rest {}", random));
    start.source = fmt::format("start of a training: {}", fmt::join(made_of, "; "));
    start.license = common_license(parts, start.notes);
    return start;
}

void write_start(const std::filesystem::path& path, const StartModel& start, const Vocabulary& vocabulary) {
    std::map<std::string, TensorView> views;
    for (const auto& [name, shape] : tensor_shapes(start.config)) {
        const std::vector<float>& values = start.weights.at(name);
        views[name] = {
            Dtype::f32, shape, {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)}};
    }
    write_bundle(path, start.config, vocabulary, views, start.license, start.source);
}

}  // namespace vglaw
