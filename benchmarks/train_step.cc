// What does a training step cost in time and memory with the adapted weights in their low-rank form, and what with
// every sample's W built? One run answers for one form, so that each has a process and its peak memory of its own;
// tools/compare/train_step.py runs both, a plain PyTorch module of the same network beside them, and compares.
//
//     build/vglaw init configs/base.toml --seed 1 --active --out base.safetensors
//     build/benchmarks/train_step base.safetensors --batch 8 --form lowrank
//     build/benchmarks/train_step base.safetensors --batch 8 --form materialized
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include "vglaw/net/torch_forward.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/freed_memory.h"
#include "vglaw/train/loss.h"
#include "vglaw/train/optimizer.h"

namespace vglaw {
namespace {

struct Options {
    std::string model, form = "lowrank", save;
    int batch = 8, tokens = 16, steps = 5, threads = 0;
    bool bf16 = false, checkpoint = false;
};

/// The peak of resident memory since the last reset, MB (proc(5)).
double peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    return 0;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

struct Samples {
    torch::Tensor images, ids, token_mask, boxes, masks;
};

/// Numbers of the right kind and shape; expressions of 3 to `tokens` tokens, masks that fill their boxes.
Samples make_samples(const ModelConfig& config, const Options& options) {
    torch::manual_seed(1);
    const std::int64_t batch = options.batch, size = config.image.size, length = options.tokens;
    Samples made;
    made.images = torch::randn({batch, 3, size, size});
    const auto lengths = torch::linspace(double(length), 3, batch).to(torch::kLong);
    made.token_mask = torch::arange(length).unsqueeze(0) < lengths.unsqueeze(1);
    made.ids = torch::randint(1, config.text.vocab_size, {batch, length}, torch::kLong) * made.token_mask;
    made.boxes = torch::cat({torch::rand({batch, 2}) * 0.5 + 0.25, torch::rand({batch, 2}) * 0.4 + 0.1}, 1);
    const auto at = (torch::arange(size) + 0.5) / double(size);
    const auto inside = [&](int axis) {  // (B, S)
        return (at.unsqueeze(0) - made.boxes.select(1, axis).unsqueeze(1)).abs() * 2 <
               made.boxes.select(1, axis + 2).unsqueeze(1);
    };
    made.masks = (inside(1).unsqueeze(2) & inside(0).unsqueeze(1)).to(torch::kFloat);
    return made;
}

int run(const Options& options) {
    net::set_threads(options.threads);
    keep_freed_memory();
    ModelConfig config = read_bundle(options.model).config;
    config.vision.drop_path = 0;  // two libraries do not draw alike
    if (config.law.kind != "lowrank") {
        fail(ErrorCode::invalid_argument, "{}: law.kind is {}, this compares the forms of lowrank", options.model,
             config.law.kind);
    }
    net::Network network(config);
    net::load_weights(*network, read_bundle(options.model));
    network->train();
    network->bf16 = options.bf16;
    network->visual_encoder->materialize = options.form == "materialized";
    network->visual_encoder->checkpoint_blocks = options.checkpoint;
    TrainConfig recipe;
    recipe.precision = options.bf16 ? "bf16" : "fp32";
    train::Optimizer optimizer(network, recipe);
    const Samples samples = make_samples(config, options);

    std::vector<double> seconds;
    std::map<std::string, torch::Tensor> first{{"images", samples.images},
                                               {"ids", samples.ids},
                                               {"token_mask", samples.token_mask.to(torch::kLong)},
                                               {"boxes", samples.boxes},
                                               {"masks", samples.masks}};
    reset_peak();
    double loss_before = 0, norm_before = 0;
    for (int step = 0; step <= options.steps; ++step) {  // the first makes the optimiser's state and is not counted
        const auto start = std::chrono::steady_clock::now();
        const auto output = network(samples.images, samples.ids, samples.token_mask);
        const auto loss =
            train::grounding_loss(output.boxes_cxcywh, output.mask_logits, samples.boxes, samples.masks, {}, "both")
                .total;
        optimizer.zero_grad();
        loss.backward();
        const double norm = optimizer.step(1);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        if (step > 0) seconds.push_back(spent.count());
        if (step > 0) continue;
        loss_before = loss.item<double>();
        norm_before = norm;
        if (options.save.empty()) continue;
        first["out.boxes"] = output.boxes_cxcywh.detach().clone();
        first["out.mask_logits"] = output.mask_logits.detach().clone();
    }
    if (!options.save.empty()) write_safetensors(options.save, net::views_of(first), {});
    std::sort(seconds.begin(), seconds.end());
    fmt::print("{}\n", Json{{"form", options.form},
                            {"batch", options.batch},
                            {"tokens", options.tokens},
                            {"steps", options.steps},
                            {"threads", torch::get_num_threads()},
                            {"bf16", options.bf16},
                            {"checkpoint", options.checkpoint},
                            {"median_s", seconds[seconds.size() / 2]},
                            {"least_s", seconds.front()},
                            {"peak_mb", peak_megabytes()},
                            {"loss", loss_before},
                            {"gradient_norm", norm_before}}
                           .dump());
    return 0;
}

}  // namespace
}  // namespace vglaw

int main(int argc, char** argv) {
    vglaw::Options options;
    CLI::App app("time and peak memory of a training step");
    app.add_option("model", options.model, "model file, law.kind = lowrank: vglaw init ... --active")->required();
    app.add_option("--form", options.form, "of the adapted weights")->check(CLI::IsMember({"lowrank", "materialized"}));
    app.add_option("--batch", options.batch, "samples a step")->check(CLI::Range(1, 4096));
    app.add_option("--tokens", options.tokens, "of the longest expression")->check(CLI::Range(3, 512));
    app.add_option("--steps", options.steps, "counted steps, after one that is not")->check(CLI::Range(1, 10000));
    app.add_option("--threads", options.threads, "LibTorch's; 0: every core")->check(CLI::Range(0, 1024));
    app.add_flag("--bf16", options.bf16, "mixed precision");
    app.add_flag("--checkpoint", options.checkpoint, "train.checkpoint_blocks");
    app.add_option("--save", options.save, "safetensors file for the batch and the first step's output");
    CLI11_PARSE(app, argc, argv);
    try {
        return vglaw::run(options);
    } catch (const vglaw::Error& error) {
        fmt::print(stderr, "train_step: {}\n", error.what());
        return 1;
    }
}
