#include "vglaw/model/import_bert.h"

#include <algorithm>

#include "vglaw/core/config_fields.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/core/shallow_json.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_side_file = std::size_t{1} << 26;

fs::path weights_in(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return path;
    // Safetensors first: it is what Hugging Face's own loader prefers.
    for (const char* name :
         {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}) {
        if (fs::exists(path / name, error)) return path / name;
    }
    fail(ErrorCode::not_found, "{}: the folder holds neither model.safetensors nor pytorch_model.bin", path.string());
}

/// Our name of a tensor of theirs: without `bert.` (or a wrapper's `module.`), LayerNorms by their newer names.
std::string our_name(std::string name) {
    for (const std::string_view prefix : {"module.", "bert."}) {
        if (name.starts_with(prefix)) name.erase(0, prefix.size());
    }
    for (const auto& [old_name, new_name] : {std::pair{".gamma", ".weight"}, std::pair{".beta", ".bias"}}) {
        if (name.ends_with(std::string("LayerNorm") + old_name)) {
            name.replace(name.rfind('.'), std::string::npos, new_name);
        }
    }
    return name;
}

std::map<std::string, std::string> names_by_ours(const StateDict& state) {
    std::map<std::string, std::string> names;
    for (const std::string& theirs : state.names()) {
        const auto [known, fresh] = names.try_emplace(our_name(theirs), theirs);
        if (!fresh) {
            fail(ErrorCode::corrupt_data, "{}: {} and {} are two spellings of one tensor", state.origin(),
                 quote(known->second), quote(theirs));
        }
    }
    return names;
}

/// Shapes do not tell how many heads a layer has, nor what stands between its matrices.
void check_description(const fs::path& path, const TextConfig& text) {
    const Json json = try_shallow_json(read_text(path, max_side_file));
    if (!json.is_object()) fail(ErrorCode::corrupt_data, "{}: not a JSON object", path.string());
    const auto heads = json.find("num_attention_heads");
    if (heads != json.end() && *heads != text.heads) {
        fail(ErrorCode::unsupported, "{}: the network has {} attention heads, the config's text.heads is {}",
             path.string(), heads->dump().substr(0, 20), text.heads);
    }
    const auto activation = json.find("hidden_act");
    if (activation != json.end() && *activation != "gelu") {
        fail(ErrorCode::unsupported, "{}: hidden_act is {}; only BERT's own gelu is implemented", path.string(),
             activation->dump().substr(0, 40));
    }
}

Vocabulary read_vocabulary(const fs::path& path, int size) {
    Vocabulary vocabulary;
    try {
        vocabulary = Vocabulary::parse(read_text(path, max_side_file));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_argument) throw;
        fail(ErrorCode::corrupt_data, "{}: {}", path.string(), error.what());
    }
    if (vocabulary.size() != std::size_t(size)) {
        fail(ErrorCode::corrupt_data, "{}: {} word pieces, the config's text.vocab_size is {}", path.string(),
             vocabulary.size(), size);
    }
    return vocabulary;
}

}  // namespace

ImportedPart import_bert(const fs::path& path, const ModelConfig& config) {
    const std::string prefix = "text_encoder.";
    const fs::path file = weights_in(path), folder = file.parent_path();
    const StateDict state = StateDict::open(file);
    const auto names = names_by_ours(state);
    const TensorShapes shapes = tensor_shapes(config);

    ImportedPart part;
    part.kind = "BERT";
    part.file = file.filename().string();
    part.license = "Apache-2.0";
    PartReader reader(state, shapes, part);
    for (const auto& [target, shape] : shapes) {
        if (!target.starts_with(prefix)) continue;
        const std::string name = target.substr(prefix.size());
        const auto found = names.find(name);
        if (found == names.end()) fail(ErrorCode::not_found, "{} holds no tensor '{}'", state.origin(), name);
        if (name.ends_with("position_embeddings.weight")) {
            reader.take_rows(target, found->second);
        } else {
            reader.take(target, found->second);
        }
    }
    reader.finish();

    int layers = 0;
    for (const auto& [name, theirs] : names) {
        if (!name.starts_with("encoder.layer.")) continue;
        layers = std::max(layers, std::atoi(name.c_str() + std::string_view("encoder.layer.").size()) + 1);
    }
    part.notes.push_back(fmt::format("BERT: the first {} of {} layers", config.text.layers, layers));
    std::error_code error;
    if (fs::exists(folder / "config.json", error)) check_description(folder / "config.json", config.text);
    if (fs::exists(folder / "vocab.txt", error)) {
        part.vocabulary = read_vocabulary(folder / "vocab.txt", config.text.vocab_size);
    }
    return part;
}

}  // namespace vglaw
