#include "vglaw/model/initialize.h"

#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <string_view>

#include "vglaw/core/rng.h"
#include "vglaw/model/bundle.h"

namespace vglaw {
namespace {

bool ends_with(std::string_view name, std::string_view end) { return name.ends_with(end); }
bool contains(std::string_view name, std::string_view part) { return name.find(part) != std::string_view::npos; }

std::uint64_t stream_of(std::uint64_t seed, const std::string& name) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a: std::hash differs between libraries
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return derive_seed(seed, hash);
}

/// Normal, cut at two standard deviations as ViT's and BERT's initialisers do.
void fill_normal(std::vector<float>& out, Rng& rng, double std) {
    if (std == 0) return;
    for (auto& value : out) {
        double x = 0;
        do {
            const double radius = std::sqrt(-2 * std::log(1 - rng.uniform()));
            x = radius * std::cos(2 * std::numbers::pi * rng.uniform());
        } while (std::abs(x) > 2);
        value = static_cast<float>(std * x);
    }
}

void fill_uniform(std::vector<float>& out, Rng& rng, double bound) {
    for (auto& value : out) value = static_cast<float>(rng.uniform(-bound, bound));
}

/// Two-dimensional sin-cos positions on a side x side grid: half the channels for the row, half for the column.
void fill_sin_cos(std::vector<float>& out, int side, int dim) {
    const int quarter = dim / 4;
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            float* row = out.data() + (std::size_t(y) * std::size_t(side) + std::size_t(x)) * std::size_t(dim);
            for (int i = 0; i < quarter; ++i) {
                // Wavelengths from about 2 tokens to 4 grids: the grid is small, 10000 would leave most channels
                // constant.
                const double frequency = std::numbers::pi * std::pow(2.0 * side, -double(i) / std::max(quarter - 1, 1));
                row[i] = static_cast<float>(std::sin(y * frequency));
                row[quarter + i] = static_cast<float>(std::cos(y * frequency));
                row[2 * quarter + i] = static_cast<float>(std::sin(x * frequency));
                row[3 * quarter + i] = static_cast<float>(std::cos(x * frequency));
            }
        }
    }
}

std::int64_t fan_in(const std::string& name, const std::vector<std::int64_t>& shape) {
    if (ends_with(name, ".factor")) return shape[0];  // stored (in, out)
    if (contains(name, "mask_head.up"))
        return shape[0];  // kernel = stride: each output pixel sees every input channel once
    return std::accumulate(shape.begin() + 1, shape.end(), std::int64_t{1}, std::multiplies<>());
}

struct Initializer {
    const ModelConfig& config;
    const InitConfig& init;

    void operator()(const std::string& name, const std::vector<std::int64_t>& shape, std::vector<float>& out,
                    Rng& rng) const {
        const bool is_norm = contains(name, "norm") || contains(name, "LayerNorm");
        if (ends_with(name, ".bias") || ends_with(name, "rel_pos_h") || ends_with(name, "rel_pos_w")) return;  // zero
        if (is_norm) {
            std::fill(out.begin(), out.end(), 1.0F);
        } else if (decides_the_start(name)) {
            fill_normal(out, rng, init.generate_gain * full_gain(name, shape));
        } else if (init.kind == "scratch") {
            scratch(name, shape, out, rng);
        } else {
            pretrained(name, shape, out, rng);
        }
    }

private:
    /// The last factor of what the expression adds: at 0 the network is the plain ViT. One factor of a product only, or
    /// the other would never get a gradient.
    [[nodiscard]] bool decides_the_start(const std::string& name) const {
        if (name.starts_with("weight_generator.")) {
            // Kernels that are all alike would stay so: their mixing weights have to differ from the first step.
            return ends_with(name, config.law.kind == "mixture" ? ".kernels" : ".generate.weight");
        }
        return name.starts_with("fusion.") &&
               (ends_with(name, ".gate.1.weight") || ends_with(name, ".channel.1.factor") ||
                ends_with(name, ".spatial.factor"));
    }

    /// The std that gives what is generated about the size of what it changes.
    [[nodiscard]] double full_gain(const std::string& name, const std::vector<std::int64_t>& shape) const {
        double fan = double(shape.size() == 2 ? shape[1] : config.vision.dim);  // kernels: as W0
        if (ends_with(name, ".factor")) fan = double(shape[0]);
        if (name.starts_with("weight_generator.")) {
            if (config.law.kind == "lowrank") fan *= config.law.rank;
            if (config.law.kind == "full") fan *= config.vision.dim;  // numbers like W0's, which are 1 / sqrt(C)
        }
        return 1 / std::sqrt(fan);
    }

    void pretrained(const std::string& name, const std::vector<std::int64_t>& shape, std::vector<float>& out,
                    Rng& rng) const {
        const bool backbone = contains(name, "text_encoder.") || contains(name, "visual_encoder.");
        if (backbone || ends_with(name, "layer_embedding")) return fill_normal(out, rng, 0.02);
        // Weights of everything else as PyTorch does by default (its biases are not 0): Kaiming-uniform(a = sqrt 5), a
        // bound of 1 / sqrt(fan-in).
        const std::int64_t fan = contains(name, "mask_head.up") ? shape[1] * 4 : fan_in(name, shape);
        fill_uniform(out, rng, 1 / std::sqrt(double(fan)));
    }

    void scratch(const std::string& name, const std::vector<std::int64_t>& shape, std::vector<float>& out,
                 Rng& rng) const {
        if (ends_with(name, "pos_embed")) return fill_sin_cos(out, config.vision.position_grid, config.vision.dim);
        if (ends_with(name, "layer_embedding")) return fill_normal(out, rng, 0.4);
        if (name == "weight_generator.P" || name == "weight_generator.Q") return fill_normal(out, rng, 0.16);
        if (ends_with(name, "word_embeddings.weight")) return fill_normal(out, rng, 0.5);
        if (contains(name, "embeddings.")) return fill_normal(out, rng, 0.1);
        // Branches that add to the residual stream start smaller, so that depth does not grow it.
        const bool residual = ends_with(name, "attn.proj.weight") || ends_with(name, "mlp.fc2.weight");
        const double gain = residual ? 1 / std::sqrt(2.0 * config.vision.depth) : 1.0;
        fill_normal(out, rng, gain / std::sqrt(double(fan_in(name, shape))));
    }
};

}  // namespace

WeightMap initial_weights(const ModelConfig& config, const InitConfig& init, std::uint64_t seed) {
    config.validate("model config");
    WeightMap weights;
    const Initializer initialize{config, init};
    for (const auto& [name, shape] : tensor_shapes(config)) {
        const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
        auto& values = weights[name];
        values.assign(std::size_t(count), 0.0F);
        Rng rng(stream_of(seed, name));
        initialize(name, shape, values, rng);
    }
    return weights;
}

}  // namespace vglaw
