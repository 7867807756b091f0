// Arrays by name, from whatever container people have them in: safetensors, torch.save, a pickle, one file or shards.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/format/stored_array.h"
#include "vglaw/format/torch_file.h"

namespace vglaw {

/// Opened lazily: an entry is looked at when it is asked for, so a kind of array that nobody needs does not matter. Use
/// from one thread at a time.
///
///     const auto weights = StateDict::open("bert-base-uncased/pytorch_model.bin");
///     const auto array = weights.at("bert.embeddings.LayerNorm.gamma");
class StateDict {
public:
    /// The dict of arrays is the root, or lies under one of the keys that training programs wrap it in ("model",
    /// "state_dict", "module", ...); what else a checkpoint holds is left alone. A name ending in .index.json is that
    /// of shards (a JSON "weight_map" from names to files beside it). Throws not_found, io, corrupt_data or
    /// unsupported; a file without such a dict is refused by what it holds instead.
    static StateDict open(const std::filesystem::path& path, const TorchLimits& limits = {});

    [[nodiscard]] const std::string& origin() const { return origin_; }      ///< for messages
    [[nodiscard]] std::string_view container() const { return container_; }  ///< of the file, or of the first shard
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }  ///< of safetensors

    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] bool contains(const std::string& name) const { return entries_.contains(name); }
    /// Throws not_found when the name is absent, unsupported when something else than an array stands there (a call is
    /// named, not made), and what TorchFile::array throws; all name file and entry.
    [[nodiscard]] StoredArray at(const std::string& name) const;

private:
    static StateDict open_shards(const std::filesystem::path& index, const TorchLimits& limits);
    void add_torch(const TorchFile& file);
    void add_safetensors(const std::filesystem::path& path);

    std::string origin_, container_;
    std::map<std::string, std::function<StoredArray()>> entries_;
    std::map<std::string, std::string> metadata_;
};

/// "a call of posix.system", "an integer": what stands where an array was expected.
[[nodiscard]] std::string describe_kind(const PickleValue& value);

}  // namespace vglaw
