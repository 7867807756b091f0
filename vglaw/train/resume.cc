#include "vglaw/train/resume.h"

#include <algorithm>

namespace vglaw::train {
namespace {

constexpr std::size_t most_named = 8;

void collect_changes(const Json& stored, const Json& now, const std::string& prefix, std::vector<std::string>& keys) {
    for (const auto& [name, value] : now.items()) {
        const Json old = stored.is_object() ? stored.value(name, Json()) : Json();
        const std::string key = config_detail::join_key(prefix, name);
        if (value.is_object()) {
            collect_changes(old, value, key, keys);
        } else if (old != value) {
            keys.push_back(key);
        }
    }
}

/// Text, a number or a list as a person reads it.
std::string shown(const Json& value) { return value.is_null() ? "absent" : value.dump(); }

const Json& at(const Json& tree, const std::string& key) {
    static const Json absent;
    const Json* found = &tree;
    for (std::size_t from = 0; from <= key.size();) {
        const auto end = std::min(key.find('.', from), key.size());
        const auto next = found->is_object() ? found->find(key.substr(from, end - from)) : found->end();
        if (!found->is_object() || next == found->end()) return absent;
        found = &*next;
        from = end + 1;
    }
    return *found;
}

bool of_network(const std::string& key) {
    static const Json tables = config_to_json(ModelConfig());
    return tables.contains(key.substr(0, key.find('.')));
}

/// Keys without which the checkpoint's tensors do not fit: the network's tables and the optimiser.
void check_same_network(const Json& stored, const Json& now) {
    std::vector<std::string> differing;
    for (const auto& key : changed_keys(stored, now)) {
        if (of_network(key) || key == "train.optimizer") differing.push_back(key);
    }
    if (differing.empty()) return;
    std::string said;
    for (std::size_t i = 0; i < std::min(differing.size(), most_named); ++i) {
        said += fmt::format("{}{} is {} there and {} here", i > 0 ? ", " : "", differing[i],
                            shown(at(stored, differing[i])), shown(at(now, differing[i])));
    }
    if (differing.size() > most_named) said += fmt::format(" and {} more keys", differing.size() - most_named);
    fail(ErrorCode::invalid_argument,
         "the checkpoints in train.out were trained with another network or optimiser: {}; use that config or a new "
         "train.out",
         said);
}

}  // namespace

void restore(const Checkpoint& checkpoint, const Json& now, net::Network network, Optimizer& optimizer) {
    check_same_network(checkpoint.config, now);
    auto parameters = network->named_parameters();
    for (const auto& item : parameters) {
        const auto found = checkpoint.weights.find(item.key());
        if (found == checkpoint.weights.end() || found->second.sizes() != item.value().sizes() ||
            !found->second.is_floating_point()) {
            fail(ErrorCode::corrupt_data,
                 "the checkpoint of step {} is damaged: the weight '{}' is missing or misshapen", checkpoint.step,
                 item.key());
        }
    }
    optimizer.load_state(checkpoint.optimizer);
    const torch::NoGradGuard no_grad;
    for (auto& item : parameters) item.value().copy_(checkpoint.weights.at(item.key()));
}

std::vector<std::string> changed_keys(const Json& stored, const Json& now) {
    std::vector<std::string> keys;
    collect_changes(stored, now, "", keys);
    return keys;
}

Json describe_data(const Dataset& train, const Dataset& val) {
    const auto one = [](const Dataset& data) { return Json{{"name", data.name()}, {"size", data.size()}}; };
    return {{"train", one(train)}, {"val", one(val)}};
}

std::string check_data(const Checkpoint& checkpoint, const Json& now) {
    std::string note;
    for (const char* part : {"train", "val"}) {
        const Json& stored = at(checkpoint.data, std::string(part) + ".size");
        if (!stored.is_number_unsigned()) continue;  // a checkpoint of an earlier version
        const auto before = stored.get<std::uint64_t>(), after = now.at(part).at("size").get<std::uint64_t>();
        const auto name = now.at(part).at("name").get<std::string>();
        if (after < before) {
            fail(ErrorCode::invalid_argument,
                 "data set {} had {} examples at the checkpoint of step {} and has {} now; give it back what is "
                 "missing, or train on from its model in a new train.out (train.start)",
                 name, before, checkpoint.step, after);
        }
        if (after > before) {
            note += fmt::format("{}data set {} has grown from {} to {} examples", note.empty() ? "" : "; ", name,
                                before, after);
        }
    }
    return note;
}

}  // namespace vglaw::train
