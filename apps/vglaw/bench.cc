#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/grounding_json.h"
#include "apps/vglaw/model_option.h"
#include "apps/vglaw/torch_module.h"
#include "vglaw/core/config_file.h"
#include "vglaw/core/files.h"
#include "vglaw/core/rng.h"
#include "vglaw/engine/engine_forward.h"
#include "vglaw/engine/fma_peak.h"
#include "vglaw/engine/kernels.h"
#include "vglaw/image/decode.h"
#include "vglaw/model/grounding_steps.h"

namespace vglaw::app {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    ModelOptions model;
    int expressions = 1, tokens = 20, runs = 15;
    std::string picture;
    bool json = false;
};

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// One picture of noise and `expressions` different expressions of `tokens` tokens.
struct Question {
    std::vector<float> image;
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> mask;
    ForwardInput input;

    Question(const ModelConfig& config, int expressions, int tokens) {
        Rng rng(1);
        image.resize(3 * std::size_t(config.image.size) * std::size_t(config.image.size));
        for (auto& value : image) value = float(rng.uniform() * 4 - 2);
        ids.resize(std::size_t(expressions) * std::size_t(tokens));
        for (auto& id : ids) id = std::int64_t(rng.uniform() * (config.text.vocab_size - 1));
        mask.assign(ids.size(), 1);
        input = {.batch = expressions,
                 .tokens = tokens,
                 .images = image.data(),
                 .ids = ids.data(),
                 .token_mask = mask.data(),
                 .one_image = true};
    }
};

/// All that a request to `vglaw serve` needs beside HTTP: a picture's bytes to boxes and runs as JSON.
class WholeCall {
public:
    WholeCall(const ModelBundle& bundle, const std::string& picture, int expressions)
        : steps_(bundle), bytes_(read_file(picture)), expressions_(std::size_t(expressions)) {}

    void operator()(Forward& forward, ForwardOutput& output) {
        const Image image = decode_image(bytes_, "the picture");
        const Letterbox placement = steps_.place(image);
        const auto canvas = steps_.canvas(image, placement);
        // Different ones: what is the same for all would be computed once.
        constexpr std::array<const char*, 4> colours{"red", "blue", "green", "yellow"};
        std::vector<GroundingQuery> queries;
        for (std::size_t i = 0; i < expressions_; ++i)
            queries.push_back(steps_.query(fmt::format("the {} ball", colours[i % colours.size()])));
        batch_.clear();
        for (const auto& query : queries) batch_.add(query);
        forward.run(batch_.input(canvas.data(), true), output);
        const std::size_t pixels = output.mask_logits.size() / expressions_;
        for (std::size_t i = 0; i < expressions_; ++i) {
            const Grounding found = steps_.finish(queries[i].text, placement, output.boxes_cxcywh.data() + 4 * i,
                                                  output.mask_logits.data() + i * pixels);
            answer_ = grounding_json(found).dump();
        }
    }

private:
    GroundingSteps steps_;
    std::vector<std::uint8_t> bytes_;
    std::size_t expressions_;
    QueryBatch batch_;
    std::string answer_;
};

struct Measured {
    std::string backend, precision;
    double open_ms = 0, load_ms = 0, first_ms = 0;
    std::vector<double> runs_ms;  // sorted
    [[nodiscard]] double percentile(double p) const {
        return runs_ms[std::min(runs_ms.size() - 1, std::size_t(std::lround(p * double(runs_ms.size() - 1))))];
    }
};

/// Peak resident memory of the process, MiB.
double peak_memory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_maxrss) / 1024;
}

Json json_of(const Options& options, const Measured& m, engine::EngineForward* engine, double peak) {
    Json json;
    json["backend"] = m.backend;
    json["precision"] = m.precision;
    json["expressions"] = options.expressions;
    if (options.picture.empty()) {
        json["tokens"] = options.tokens;
    } else {
        json["picture"] = options.picture;
    }
    json["runs"] = options.runs;
    json["milliseconds"] = {{"median", m.percentile(0.5)},
                            {"p10", m.percentile(0.1)},
                            {"p90", m.percentile(0.9)},
                            {"least", m.runs_ms.front()},
                            {"first", m.first_ms},
                            {"open", m.open_ms},
                            {"load", m.load_ms}};
    json["peak_memory_mib"] = peak_memory();
    if (engine == nullptr) return json;
    json["threads"] = engine->threads();
    json["instruction_set"] = engine::instruction_set();
    json["products_by"] = engine::products_by();
    json["buffers_mib"] = double(engine->bytes()) / (1 << 20);
    for (std::size_t i = 0; i < engine::stage_names.size(); ++i)
        json["stages_ms"][std::string(engine::stage_names[i])] = engine->times().all()[i] * 1e3 / options.runs;
    json["fma_peak_gflops"] = peak / 1e9;
    return json;
}

void print_table(const Options& options, const Measured& m, engine::EngineForward* engine, double peak) {
    const std::string asked = options.picture.empty()
                                  ? fmt::format("of {} tokens on one picture", options.tokens)
                                  : fmt::format("(\"the red ball\") on {}, from its bytes to the answer's JSON",
                                                std::filesystem::path(options.picture).filename().string());
    fmt::print("{} expression{} {}, {} runs, backend {} {}\n", options.expressions, options.expressions == 1 ? "" : "s",
               asked, options.runs, m.backend, m.precision);
    fmt::print("median {:.2f} ms, p10 {:.2f}, p90 {:.2f}, least {:.2f}; first run {:.1f}, open {:.1f}, load {:.1f}\n",
               m.percentile(0.5), m.percentile(0.1), m.percentile(0.9), m.runs_ms.front(), m.first_ms, m.open_ms,
               m.load_ms);
    fmt::print("peak memory {:.0f} MiB\n", peak_memory());
    if (engine == nullptr) return;
    const auto& times = engine->times();
    double total = 0;
    for (const double seconds : times.all()) total += seconds;
    fmt::print("{}, {}, {} threads, buffers {:.1f} MiB\n", engine::products_by(), engine::instruction_set(),
               engine->threads(), double(engine->bytes()) / (1 << 20));
    for (std::size_t i = 0; i < engine::stage_names.size(); ++i)
        fmt::print("  {:<11} {:>9.3f} ms {:>5.1f} %\n", engine::stage_names[i], times.all()[i] * 1e3 / options.runs,
                   100 * times.all()[i] / total);
    fmt::print("fused multiply-adds at best {:.1f} GFLOP/s\n", peak / 1e9);
}

int run(const Options& options) {
    if (options.model.backend == "check") {
        fail(ErrorCode::invalid_argument, "--backend check computes twice; time engine and torch one after the other");
    }
    Measured measured;
    auto begin = Clock::now();
    const ModelBundle bundle = open_model(options.model);
    measured.open_ms = milliseconds_since(begin);
    if (options.tokens > bundle.config.text.max_tokens) {
        fail(ErrorCode::invalid_argument, "--tokens {} is more than the model's text.max_tokens, {}", options.tokens,
             bundle.config.text.max_tokens);
    }
    begin = Clock::now();
    measured.backend = backend_of(options.model, bundle.config);
    measured.precision = precision_of(options.model, bundle);
    const auto forward = open_backend(options.model, bundle);
    measured.load_ms = milliseconds_since(begin);

    const Question question(bundle.config, options.expressions, options.tokens);
    ForwardOutput output;
    std::function<void()> once = [&] { forward->run(question.input, output); };
    if (!options.picture.empty()) {
        once = [&, whole = std::make_shared<WholeCall>(bundle, options.picture, options.expressions)] {
            (*whole)(*forward, output);
        };
    }
    begin = Clock::now();
    once();
    measured.first_ms = milliseconds_since(begin);
    auto* engine = dynamic_cast<engine::EngineForward*>(forward.get());
    if (engine != nullptr) engine->times().clear();
    for (int i = 0; i < options.runs; ++i) {
        begin = Clock::now();
        once();
        measured.runs_ms.push_back(milliseconds_since(begin));
    }
    std::sort(measured.runs_ms.begin(), measured.runs_ms.end());
    const double peak = engine != nullptr ? engine::fma_peak(engine->threads(), 0.3) : 0;
    if (options.json) {
        fmt::print("{}\n", json_of(options, measured, engine, peak).dump());
    } else {
        print_table(options, measured, engine, peak);
    }
    return 0;
}

}  // namespace

std::function<int()> setup_bench(CLI::App& command) {
    auto options = std::make_shared<Options>();
    add_model_options(command, options->model);
    command.add_option("--expressions", options->expressions, "expressions on the one picture")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command.add_option("--tokens", options->tokens, "tokens an expression")
        ->check(CLI::Range(1, 512))
        ->capture_default_str();
    command.add_option("--picture", options->picture,
                       "time the whole call instead: this picture's bytes, \"the red ball\", to an answer in JSON");
    command.add_option("--runs", options->runs, "runs timed, after one that is not")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command.add_flag("--json", options->json, "one JSON object");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
