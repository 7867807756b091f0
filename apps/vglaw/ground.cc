#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/explain_files.h"
#include "apps/vglaw/ground_list.h"
#include "apps/vglaw/grounding_json.h"
#include "apps/vglaw/model_option.h"
#include "vglaw/format/safetensors.h"
#include "vglaw/image/decode.h"
#include "vglaw/image/draw.h"
#include "vglaw/image/encode.h"
#include "vglaw/model/grounder.h"

namespace vglaw::app {
namespace {

namespace fs = std::filesystem;

struct Options {
    ModelOptions model;
    std::string image, caption, out, mask, explain, dump;
    std::vector<std::string> expressions;
    bool json = false;
    GroundListOptions list;
};

std::string json_line(const Grounding& found) {
    Json line = grounding_json(found);
    line["milliseconds"] = found.milliseconds;
    return line.dump();
}

/// FILE for one expression; FILE-1, FILE-2, ... before the extension for several.
fs::path numbered(const fs::path& path, std::size_t index, std::size_t count) {
    if (count == 1) return path;
    return path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), index + 1, path.extension().string());
}

template <typename T>
TensorView view_of(const std::vector<T>& values, Dtype dtype, std::vector<std::int64_t> shape) {
    return {dtype, std::move(shape), {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)}};
}

void write_dump(const fs::path& path, const ModelConfig& config, const RawGrounding& raw) {
    const std::int64_t size = config.image.size, grid = config.vision.grid(config.image);
    std::map<std::string, TensorView> tensors;
    tensors["ids"] = view_of(raw.ids, Dtype::i64, {std::int64_t(raw.ids.size())});
    tensors["image"] = view_of(raw.image, Dtype::f32, {3, size, size});
    tensors["box"] = view_of(raw.box, Dtype::f32, {4});
    tensors["mask_logits"] = view_of(raw.mask_logits, Dtype::f32, {size, size});
    if (!raw.pool_attention.empty()) tensors["pool_attention"] = view_of(raw.pool_attention, Dtype::f32, {grid, grid});
    if (!raw.token_attention.empty()) {
        tensors["token_attention"] =
            view_of(raw.token_attention, Dtype::f32,
                    {std::int64_t(config.adapted_blocks().size()), config.law.groups, std::int64_t(raw.ids.size())});
    }
    write_safetensors(path, tensors, {{"vglaw.dump", "1"}});
}

int run(const Options& options) {
    for (const auto& path : {options.out, options.mask}) {
        if (!path.empty() && fs::path(path).extension() != ".png") {
            fail(ErrorCode::invalid_argument, "{} would be a PNG picture; name it so: {}", path,
                 fs::path(path).replace_extension(".png").string());
        }
    }
    const Image image = load_image(options.image);
    const ModelBundle bundle = open_model(options.model);
    auto forward = open_backend(options.model, bundle);
    const Forward& backend = *forward;
    Grounder grounder(bundle, std::move(forward));
    std::vector<GroundingQuery> queries;
    for (const auto& expression : options.expressions) queries.push_back(grounder.query(expression));
    if (!options.caption.empty()) queries = grounder.phrases(options.caption);
    if (!options.dump.empty() && queries.size() != 1) {
        fail(ErrorCode::invalid_argument, "--dump takes one expression, got {}", queries.size());
    }
    const auto found = grounder.ground(image, queries);

    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& one = found[i];
        if (options.json) {
            fmt::print("{}\n", json_line(one));
        } else {
            fmt::print("{}: box ({:.1f}, {:.1f}) to ({:.1f}, {:.1f}), mask of {} px, {:.0f} ms\n", one.expression,
                       one.box_px.x0, one.box_px.y0, one.box_px.x1, one.box_px.y1, area(one.mask), one.milliseconds);
        }
        if (!options.mask.empty()) save_png_gray(numbered(options.mask, i, found.size()), one.mask);
        if (!options.explain.empty())
            write_explanation(options.explain, i + 1, image, one, grounder.explain(image, queries[i]));
    }
    if (!options.out.empty()) {
        std::vector<DrawnGrounding> drawn;
        for (const auto& one : found) drawn.push_back({one.expression, one.box_px, one.mask});
        save_png(options.out, draw_grounding(image, drawn));
        if (!options.json) fmt::print("{}\n", options.out);
    }
    if (!options.dump.empty()) write_dump(options.dump, bundle.config, grounder.raw(image, queries.front()));
    report_check(backend);
    return 0;
}

}  // namespace

std::function<int()> setup_ground(CLI::App& command) {
    auto options = std::make_shared<Options>();
    auto* const image = command.add_option("image", options->image, "picture: JPEG, PNG or WebP");
    auto* const expression =
        command.add_option("expression", options->expressions, "what to find, one or several; quote each");
    auto* const caption =
        command
            .add_option(
                "--caption", options->caption,
                "instead: a caption whose phrases in [square brackets] are to be found, each in the caption's light; "
                "for models trained with data.scenes.captions")
            ->excludes(expression);
    auto* const input =
        command
            .add_option("--input", options->list.input,
                        "instead of a picture: a list, one line of JSON a picture: "
                        "{\"image\": FILE, \"expression\": TEXT} or \"expressions\": [TEXT, ...]; docs/batch.md")
            ->excludes(image)
            ->excludes(expression)
            ->excludes(caption);
    auto* const output =
        command.add_option("--output", options->list.output, "the list's answers, a line each; goes on after a stop")
            ->needs(input);
    input->needs(output);
    command.add_option("--shard", options->list.shard, "I/N: only lines whose number from 0, modulo N, is I")
        ->needs(input)
        ->capture_default_str();
    command.add_flag("--strict", options->list.strict, "exit code 1 when a line of the list could not be answered")
        ->needs(input);
    command.parse_complete_callback([options, image, input] {
        if (input->count() > 0) return;
        if (image->count() == 0) throw CLI::RequiredError("a picture or --input");
        if (options->expressions.empty() && options->caption.empty())
            throw CLI::RequiredError("an expression or --caption");
    });
    add_model_options(command, options->model);
    command.add_option("--out", options->out, "overlay PNG with boxes, masks and a legend")->excludes(input);
    command
        .add_option("--mask", options->mask,
                    "mask PNG, 255 inside; FILE-1.png, FILE-2.png, ... for several expressions")
        ->excludes(input);
    command
        .add_option("--explain", options->explain,
                    "folder for what the model looked at: heat maps, words a block attended to")
        ->excludes(input);
    command.add_flag("--json", options->json, "one JSON line an expression; with --input the summary as JSON");
    command.add_option("--dump", options->dump, "safetensors file with the raw tensors of one expression")
        ->excludes(input);
    return [options, input] {
        if (input->count() == 0) return run(*options);
        options->list.json = options->json;
        return ground_list(options->list, options->model);
    };
}

}  // namespace vglaw::app
