#include "apps/vglaw/import_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "vglaw/core/config_fields.h"

namespace vglaw::app {
namespace {

/// Tensors of one part of the network that came from one place in one way.
struct Group {
    std::string part, origin, change;
    std::size_t tensors = 0, parameters = 0;
};

std::vector<Group> groups_of(const StartModel& start) {
    std::vector<Group> groups;
    for (const StartTensor& tensor : start.tensors) {
        const std::string part = tensor.name.substr(0, tensor.name.find('.'));
        auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& known) {
            return known.part == part && known.origin == tensor.origin && known.change == tensor.change;
        });
        if (group == groups.end()) group = groups.insert(groups.end(), {part, tensor.origin, tensor.change});
        group->tensors += 1;
        group->parameters += tensor.parameters();
    }
    return groups;
}

/// backbone.simfp_2.0.weight and its like count under backbone.simfp_2.
std::map<std::string, std::size_t> stems_of(const std::vector<std::string>& names) {
    std::map<std::string, std::size_t> stems;
    for (const std::string& name : names) {
        const std::size_t first = name.find('.'),
                          second = first == std::string::npos ? first : name.find('.', first + 1);
        stems[name.substr(0, second)] += 1;
    }
    return stems;
}

}  // namespace

std::string import_table(const std::string& out, const StartModel& start, const std::vector<ImportedPart>& parts) {
    std::string text = fmt::format("{:<18}{:>8}{:>13}  {}\n", "part", "tensors", "parameters", "from");
    Group all;
    for (const Group& group : groups_of(start)) {
        const std::string change = group.change.empty() ? "" : ": " + group.change;
        text +=
            fmt::format("{:<18}{:>8}{:>13}  {}{}\n", group.part, group.tensors, group.parameters, group.origin, change);
        all.tensors += group.tensors;
        all.parameters += group.parameters;
    }
    text += fmt::format("{:<18}{:>8}{:>13}\n", "all", all.tensors, all.parameters);
    for (const ImportedPart& part : parts) {
        if (part.ignored.empty()) continue;
        std::vector<std::string> stems;
        for (const auto& [stem, count] : stems_of(part.ignored)) stems.push_back(fmt::format("{} ({})", stem, count));
        text += fmt::format("ignored of {}: {} tensor{}: {}\n", part.file, part.ignored.size(),
                            part.ignored.size() == 1 ? "" : "s", fmt::join(stems, ", "));
    }
    for (const std::string& note : start.notes) text += fmt::format("note: {}\n", note);
    text += fmt::format("licence: {}\n{}\n", start.license.empty() ? "(empty)" : start.license, out);
    return text;
}

std::string import_json(const std::string& out, const StartModel& start, const std::vector<ImportedPart>& parts) {
    Json json;
    json["model"] = out;
    json["license"] = start.license;
    json["source"] = start.source;
    json["notes"] = start.notes;
    json["tensors"] = Json::array();
    for (const StartTensor& tensor : start.tensors) {
        json["tensors"].push_back(
            {{"name", tensor.name}, {"shape", tensor.shape}, {"from", tensor.origin}, {"change", tensor.change}});
    }
    json["ignored"] = Json::object();
    for (const ImportedPart& part : parts) json["ignored"][part.file] = part.ignored;
    return json.dump() + "\n";
}

}  // namespace vglaw::app
