#include "vglaw/train/resume.h"

namespace vglaw::train {
namespace {

void check_same_network(const Json& stored, const Json& now) {
    for (const char* table : {"image", "text", "vision", "law", "box_head", "mask_head"}) {
        if (stored.value(table, Json()) != now.at(table)) {
            fail(ErrorCode::invalid_argument,
                 "the checkpoints in train.out were trained with another [{}]; use that config or a new train.out",
                 table);
        }
    }
}

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

}  // namespace vglaw::train
