// A Service over a toy model with random weights, and what it should answer.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <future>
#include <string>

#include "tests/unit/model/toy_model.h"
#include "vglaw/core/rng.h"
#include "vglaw/engine/engine_forward.h"
#include "vglaw/image/encode.h"
#include "vglaw/model/grounder.h"
#include "vglaw/serve/service.h"

namespace vglaw::serve {

/// A row of a batch is rounded by its place in it (oneDNN's blocks of rows); pixels of pictures of at most 64 px.
constexpr float batched_px = 1e-3F;

/// Model files of their own, removed at the end.
class ToyModels {
public:
    ToyModels() = default;
    ToyModels(const ToyModels&) = delete;
    ToyModels& operator=(const ToyModels&) = delete;
    ~ToyModels() {
        for (const auto& path : paths_) std::filesystem::remove(path);
    }
    std::filesystem::path file(const std::string& name) {
        paths_.push_back(std::filesystem::temp_directory_path() /
                         ("vglaw-serve-" + std::to_string(::getpid()) + "-" + name + ".safetensors"));
        return paths_.back();
    }
    static void write(const std::filesystem::path& path, std::uint64_t seed) {
        const ModelConfig config = toy_config();
        const auto weights = initial_weights(config, {"scratch", 1.0}, seed);
        std::string pieces;
        for (const auto& piece : toy_pieces) pieces += piece + "\n";
        write_bundle(path, config, Vocabulary::parse(pieces), views_of(config, weights), "none", "toy");
    }

private:
    std::vector<std::filesystem::path> paths_;
};

/// Coloured noise, different for each number.
inline Image noise(int number) {
    Rng rng{std::uint64_t(number)};
    Image image(20 + number % 13, 20 + number % 7);
    for (auto& value : image.rgb) value = std::uint8_t(rng.uniform_int(0, 255));
    return image;
}

inline std::string png_of(const Image& image) {
    const auto bytes = encode_png(image);
    return {bytes.begin(), bytes.end()};
}

inline Grounding alone(const std::filesystem::path& model, const Image& image, const std::string& expression) {
    const ModelBundle bundle = read_bundle(model);
    Grounder grounder(bundle, engine::make_engine_forward(bundle, 1));
    return grounder.ground(image, std::vector<std::string>{expression}).front();
}

inline bool near(const Json& box, const BoxXyxy& expected, float tolerance) {
    const float values[] = {expected.x0, expected.y0, expected.x1, expected.y1};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!(std::abs(box.at(i).get<float>() - values[i]) <= tolerance)) return false;
    }
    return true;
}

inline ServiceOptions toy_options(const std::filesystem::path& model) {
    ServiceOptions options;
    options.models = {{"toy", model}};
    options.model.threads = 1;
    options.version = "test";
    return options;
}

}  // namespace vglaw::serve
