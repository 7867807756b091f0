#include "vglaw/serve/served_model.h"

#include <chrono>

#include "vglaw/engine/engine_forward.h"
#include "vglaw/serve/model_snapshot.h"

namespace vglaw::serve {
namespace {

Json describe(const std::string& name, const ModelBundle& bundle) {
    std::size_t parameters = 0;
    for (const auto& [tensor, view] : bundle.file.tensors()) parameters += view.numel();
    Json json;
    json["name"] = name;
    json["image_size"] = bundle.config.image.size;
    json["max_tokens"] = bundle.config.text.max_tokens;
    json["parameters"] = parameters;
    json["grid"] = bundle.config.vision.grid(bundle.config.image);
    json["blocks"] = bundle.config.adapted_blocks();
    json["license"] = bundle.license;
    json["source"] = bundle.source;
    json["file"] = bundle.path.filename().string();
    return json;
}

}  // namespace

ServedModel::ServedModel(std::string name, const std::filesystem::path& file, const ModelOptions& options,
                         Batcher::OnPass on_pass)
    : ServedModel(std::move(name), snapshot_bundle(file), options, std::move(on_pass)) {}

ServedModel::ServedModel(std::string name, const ModelBundle& bundle, const ModelOptions& options,
                         Batcher::OnPass on_pass)
    : name_(std::move(name)),
      steps_(bundle),
      description_(describe(name_, bundle)),
      loaded_(std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count()) {
    const auto arithmetic = options.precision == "int8"   ? engine::Arithmetic::int8
                            : options.precision == "fp32" ? engine::Arithmetic::fp32
                                                          : engine::Arithmetic::as_stored;
    const auto packed = engine::pack_model(bundle, {.arithmetic = arithmetic});
    description_["precision"] = packed->arithmetic == engine::Arithmetic::int8 ? "int8" : "fp32";
    batcher_ = std::make_unique<Batcher>(
        options.batch, options.workers,
        [&] { return std::make_unique<engine::EngineForward>(packed, options.threads); }, std::move(on_pass));
}

}  // namespace vglaw::serve
