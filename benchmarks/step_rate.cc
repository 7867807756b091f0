// How many training steps a second, at the largest batch that fits, and which share is that of what the device's matrix
// products reach? The step is the trainer's own (TrainStep): the batch is copied to the device, losses and norm come
// back.
//
//     build/benchmarks/step_rate configs/base.toml --device cuda                 # looks for the largest batch
//     build/benchmarks/step_rate configs/base.toml --device cuda --batch 64
//
// One line of JSON on stdout, what was tried on stderr. The matrix rate is that of square bfloat16 products of random
// numbers, measured before and after the steps.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "benchmarks/step_flops.h"
#include "vglaw/core/config_file.h"
#include "vglaw/core/rng.h"
#include "vglaw/net/torch_forward.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/device.h"
#include "vglaw/train/freed_memory.h"
#include "vglaw/train/train_step.h"

namespace vglaw {
namespace {

struct Options {
    std::string config, device = "cuda";
    std::vector<std::string> overrides{"train.precision=bf16"};
    int batch = 0, most = 512, tokens = 16, steps = 20, side = 8192, threads = 0;
};

using Clock = std::chrono::steady_clock;

void finish(const torch::Device& device) {
    if (device.is_cuda()) torch::cuda::synchronize(device.index());
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Operations a second of side x side x side products, for at least a second (a GPU's clock falls under load) after
/// three that are not counted.
double matrix_rate(const torch::Device& device, std::int64_t side) {
    const auto options = torch::dtype(torch::kBFloat16).device(device);
    const auto a = torch::randn({side, side}, options), b = torch::randn({side, side}, options);
    for (int i = 0; i < 3; ++i) (void)torch::mm(a, b);
    finish(device);
    const auto start = Clock::now();
    int products = 0;
    for (; seconds_since(start) < 1; products += 10) {
        for (int i = 0; i < 10; ++i) (void)torch::mm(a, b);
        finish(device);
    }
    return products * 2.0 * double(side) * double(side) * double(side) / seconds_since(start);
}

/// Numbers of the right kind and shape; every expression of `tokens` tokens, every mask the middle of its picture.
Batch make_batch(const ModelConfig& config, int count, int tokens) {
    Batch batch;
    Rng rng(1);
    const auto size = std::size_t(config.image.size), rows = std::size_t(count), length = std::size_t(tokens);
    batch.count = rows;
    batch.size = config.image.size;
    batch.length = length;
    batch.images.resize(rows * 3 * size * size);
    for (auto& value : batch.images) value = float(rng.uniform()) * 4 - 2;
    for (std::size_t i = 0; i < rows * length; ++i) {
        batch.ids.push_back(1 + std::int64_t(rng.uniform() * (config.text.vocab_size - 1)));
        batch.token_mask.push_back(1);
    }
    for (std::size_t i = 0; i < rows; ++i) batch.boxes.insert(batch.boxes.end(), {0.5F, 0.5F, 0.5F, 0.5F});
    batch.has_masks = true;
    batch.masks.assign(rows * size * size, 0);
    for (std::size_t i = 0; i < batch.masks.size(); ++i) {
        const auto y = i / size % size, x = i % size;
        batch.masks[i] = y >= size / 4 && y < 3 * size / 4 && x >= size / 4 && x < 3 * size / 4;
    }
    batch.indices.assign(rows, 0);
    return batch;
}

class Bench {
public:
    Bench(const ExperimentConfig& config, const torch::Device& device)
        : config_(config),
          device_(device),
          network_(make()),
          optimizer_(network_, config_.train, &group_),
          step_(config_, network_, optimizer_, group_, std::nullopt) {}

    /// Seconds of each of `steps` steps, the last one's end awaited; on a GPU the next batch is sent while one is
    /// computed, as the trainer does. Throws io when memory runs out.
    std::vector<double> run(const Batch& batch, int steps) {
        const Batch twin = batch;  // sent ahead is what lies elsewhere
        std::vector<double> seconds;
        for (int i = 0; i < steps; ++i) {
            const bool ahead = device_.is_cuda() && i + 1 < steps;
            const auto& [now, next] = i % 2 == 0 ? std::tie(batch, twin) : std::tie(twin, batch);
            const auto start = Clock::now();
            const auto outcome = step_(now, number_++, 1e-3,
                                       ahead ? [this, &next = next] { step_.prepare(next); } : std::function<void()>());
            if (i + 1 == steps) finish(device_);
            seconds.push_back(seconds_since(start));
            if (!outcome.finite()) fail(ErrorCode::internal, "a loss of {} at step {}", outcome.losses.total, number_);
        }
        return seconds;
    }

    /// Whether a batch of `count` trains; says how fast.
    bool fits(int count, int tokens) {
        try {
            const auto batch = make_batch(config_.model, count, tokens);
            (void)run(batch, 1);
            const double spent = run(batch, 2).back();
            fmt::print(stderr, "batch {}: {:.1f} samples/s\n", count, count / spent);
            return true;
        } catch (const Error& error) {
            if (std::string(error.what()).find("out of memory") == std::string::npos) throw;
            fmt::print(stderr, "batch {}: out of memory\n", count);
            return false;
        }
    }

private:
    net::Network make() {
        net::Network network(config_.model);
        net::load_weights(*network, initial_weights(config_.model, config_.init, 1));
        network->to(device_);
        return network;
    }

    ExperimentConfig config_;
    torch::Device device_;
    train::ProcessGroup group_;
    net::Network network_;
    train::Optimizer optimizer_;
    train::TrainStep step_;
    std::int64_t number_ = 0;
};

/// The largest batch up to `most` that fits, to an eighth of itself; 0: not even one sample.
int largest_batch(Bench& bench, int most, int tokens) {
    int fits = 0, fails = most + 1;
    for (int next = std::min(16, most); next < fails; next = std::min(2 * next, most)) {
        if (!bench.fits(next, tokens)) {
            fails = next;
            break;
        }
        fits = next;
        if (next == most) return most;
    }
    while (fails - fits > std::max(1, fits / 8)) {
        const int middle = (fits + fails) / 2;
        (bench.fits(middle, tokens) ? fits : fails) = middle;
    }
    return fits;
}

int run(const Options& options) {
    net::set_threads(options.threads);
    keep_freed_memory();
    Json tree = read_toml(options.config);
    for (const auto& assignment : options.overrides) apply_override(tree, assignment);
    const auto config = config_from_json<ExperimentConfig>(tree, options.config);
    const auto& model = config.model;
    if ((model.law.active() && model.law.kind != "lowrank") || model.fusion.active()) {
        fail(ErrorCode::invalid_argument, "{}: only law.kind = lowrank or none, without fusion, is counted",
             options.config);
    }
    const auto device = train::open_device(options.device, 0, config.train.precision);
    const double rate_before = matrix_rate(device, options.side);
    fmt::print(stderr, "bfloat16 products: {:.2f} TFLOP/s\n", rate_before / 1e12);
    Bench bench(config, device);
    const int batch = options.batch > 0 ? options.batch : largest_batch(bench, options.most, options.tokens);
    if (batch == 0) fail(ErrorCode::io, "out of memory with one sample; lower image.size or the network");
    const auto data = make_batch(model, batch, options.tokens);
    (void)bench.run(data, 2);
    auto seconds = bench.run(data, options.steps);
    const double a_step = std::accumulate(seconds.begin(), seconds.end(), 0.0) / options.steps;
    const double rate = (rate_before + matrix_rate(device, options.side)) / 2;
    const double flops = step_flops(model, options.tokens) * batch;
    std::sort(seconds.begin(), seconds.end());
    const Json line{{"device", options.device},
                    {"torch", fmt::format("{}.{}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH)},
                    {"precision", config.train.precision},
                    {"size_px", model.image.size},
                    {"batch", batch},
                    {"steps_per_second", 1 / a_step},
                    {"samples_per_second", batch / a_step},
                    {"median_step_s", seconds[seconds.size() / 2]},
                    {"step_tflop", flops / 1e12},
                    {"tflops", flops / a_step / 1e12},
                    {"matrix_tflops", rate / 1e12},
                    {"share", flops / a_step / rate}};
    fmt::print("{}\n", line.dump());
    return 0;
}

}  // namespace
}  // namespace vglaw

int main(int argc, char** argv) {
    vglaw::Options options;
    CLI::App app("steps a second at the largest batch, as a share of the device's matrix rate");
    app.add_option("config", options.config, "configuration of a training")->required();
    app.add_option("--device", options.device, "where")->check(CLI::IsMember({"cpu", "cuda"}));
    app.add_option("--set", options.overrides, "key=value, over the configuration; default train.precision=bf16");
    app.add_option("--batch", options.batch, "samples a step; 0: the largest that fits")->check(CLI::Range(0, 65536));
    app.add_option("--most", options.most, "the largest batch to try")->check(CLI::Range(1, 65536));
    app.add_option("--tokens", options.tokens, "of every expression")->check(CLI::Range(3, 512));
    app.add_option("--threads", options.threads, "LibTorch's on the CPU; 0: every core")->check(CLI::Range(0, 1024));
    app.add_option("--steps", options.steps, "timed steps")->check(CLI::Range(1, 10000));
    app.add_option("--matrix", options.side, "side of the products that are the measure")->check(CLI::Range(64, 32768));
    CLI11_PARSE(app, argc, argv);
    try {
        return vglaw::run(options);
    } catch (const vglaw::Error& error) {
        fmt::print(stderr, "step_rate: {}\n", error.what());
        return 1;
    }
}
