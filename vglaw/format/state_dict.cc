#include "vglaw/format/state_dict.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/weight_container.h"

namespace vglaw {
namespace {

/// What training programs call the dict inside their checkpoints, in the order of trying.
constexpr std::string_view wrappers[] = {"model",   "state_dict", "model_state_dict", "model_state", "module",
                                         "network", "net",        "encoder"};
constexpr int max_wrapping = 4;
constexpr std::size_t max_index_bytes = std::size_t{1} << 23;  // 100,000 names; parsed it takes up to 64 times as much

/// The entries of a dict or of an object filled like one (OrderedDict).
std::optional<PickleValue> entries_of(const PickleValue& value) {
    if (value.is(PickleKind::dict)) return value;
    if (!value.is(PickleKind::object)) return std::nullopt;
    const std::optional<PickleValue> items = value.items();
    return items && items->is(PickleKind::dict) ? items : std::nullopt;
}

bool holds_arrays(const PickleValue& entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (stands_for_array(entries.entry(i).second)) return true;
    }
    return false;
}

std::optional<PickleValue> find_state(const PickleValue& value, int depth) {
    const std::optional<PickleValue> entries = entries_of(value);
    if (!entries || holds_arrays(*entries)) return entries;
    if (depth == max_wrapping) return std::nullopt;
    for (const std::string_view wrapper : wrappers) {
        const std::optional<PickleValue> inner = entries->find(wrapper);
        if (!inner || !entries_of(*inner)) continue;
        const std::optional<PickleValue> found = find_state(*inner, depth + 1);
        if (found && holds_arrays(*found)) return found;
    }
    return std::nullopt;
}

}  // namespace

std::string describe_kind(const PickleValue& value) {
    if (value.is(PickleKind::global)) return fmt::format("the class {}.{}", value.module(), value.name());
    if (!value.is(PickleKind::object)) return std::string(name_of(value.kind()));
    const PickleValue callable = value.callable();
    if (!callable.is(PickleKind::global)) return "a call of something else";
    return "a call of " + quote(fmt::format("{}.{}", callable.module(), callable.name()));
}

void StateDict::add_torch(const TorchFile& file) {
    const std::optional<PickleValue> state = find_state(file.root(), 0);
    if (!state || !holds_arrays(*state)) {
        const PickleValue root = file.root();
        const std::string what = entries_of(root) ? "a dict without any" : describe_kind(root);
        fail(ErrorCode::unsupported, "{}: expected a dict of tensors, found {}; nothing in it was run", file.origin(),
             what);
    }
    for (std::size_t i = 0; i < state->size(); ++i) {
        const auto [key, value] = state->entry(i);
        if (!key.is(PickleKind::string)) continue;  // the ids of an optimizer's parameters are no names
        const std::string name(key.as_string());
        entries_[name] = [file, value = value, name] {
            std::optional<StoredArray> array;
            try {
                array = file.array(value);
            } catch (const Error& error) {
                const std::string_view reason = error.what();
                const std::string prefix = file.origin() + ": ";
                fail(error.code(), "{}: {}: {}", file.origin(), quote(name),
                     reason.starts_with(prefix) ? reason.substr(prefix.size()) : reason);
            }
            if (!array) {
                fail(ErrorCode::unsupported, "{}: expected a tensor as {}, found {}; nothing in the file was run",
                     file.origin(), quote(name), describe_kind(value));
            }
            return *array;
        };
    }
}

void StateDict::add_safetensors(const std::filesystem::path& path) {
    const auto file = std::make_shared<const Safetensors>(Safetensors::open(path));
    for (const auto& [name, view] : file->tensors()) {
        entries_[name] = [file, &view = view] { return StoredArray{view, file}; };
    }
    metadata_.insert(file->metadata().begin(), file->metadata().end());
}

StateDict StateDict::open(const std::filesystem::path& path, const TorchLimits& limits) {
    if (path.filename().string().ends_with(".index.json")) return open_shards(path, limits);
    StateDict state;
    state.origin_ = path.string();
    const WeightContainer container = sniff_container(MappedFile(path).bytes(), state.origin_);
    state.container_ = name_of(container);
    if (container == WeightContainer::safetensors) {
        state.add_safetensors(path);
    } else {
        state.add_torch(TorchFile::open(path, limits));
    }
    return state;
}

StateDict StateDict::open_shards(const std::filesystem::path& index, const TorchLimits& limits) {
    using Json = nlohmann::json;
    StateDict state;
    state.origin_ = index.string();
    const Json json = Json::parse(read_text(index, max_index_bytes), nullptr, false);
    if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
        fail(ErrorCode::corrupt_data, "{}: an index of shards has a weight_map from names to files", state.origin_);
    }
    std::map<std::string, StateDict> shards;
    for (const auto& [name, file] : json["weight_map"].items()) {
        const std::string shard = file.is_string() ? file.get<std::string>() : std::string();
        // Only files beside the index: it must not lead a reader elsewhere.
        if (shard.empty() || std::filesystem::path(shard).filename() != shard || shard.ends_with(".index.json")) {
            fail(ErrorCode::corrupt_data, "{}: {} lies in {}, which is no file beside the index", state.origin_,
                 quote(name), quote(shard));
        }
        auto found = shards.find(shard);
        if (found == shards.end()) found = shards.emplace(shard, open(index.parent_path() / shard, limits)).first;
        const auto entry = found->second.entries_.find(name);
        if (entry == found->second.entries_.end()) {
            fail(ErrorCode::corrupt_data, "{}: {} is not in {}, where the index says it is", state.origin_, quote(name),
                 quote(shard));
        }
        if (state.container_.empty()) state.container_ = found->second.container_;
        state.entries_[name] = entry->second;
    }
    return state;
}

std::vector<std::string> StateDict::names() const {
    std::vector<std::string> names;
    names.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

StoredArray StateDict::at(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) fail(ErrorCode::not_found, "{} holds no tensor {}", origin_, quote(name));
    return found->second();
}

}  // namespace vglaw
