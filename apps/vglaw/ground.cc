#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/explain_files.h"
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
};

std::string json_line(const Grounding& found) {
    Json line;
    line["expression"] = found.expression;
    line["box"] = {found.box_px.x0, found.box_px.y0, found.box_px.x1, found.box_px.y1};
    line["mask"]["size"] = {found.mask.height, found.mask.width};
    line["mask"]["counts"] = to_coco_string(encode(found.mask));
    line["mask_area"] = area(found.mask);
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
    command.add_option("image", options->image, "picture: JPEG, PNG or WebP")->required();
    auto* const expression =
        command.add_option("expression", options->expressions, "what to find, one or several; quote each");
    command
        .add_option(
            "--caption", options->caption,
            "instead: a caption whose phrases in [square brackets] are to be found, each in the caption's light; "
            "for models trained with data.scenes.captions")
        ->excludes(expression);
    command.parse_complete_callback([options] {
        if (options->expressions.empty() && options->caption.empty())
            throw CLI::RequiredError("an expression or --caption");
    });
    add_model_options(command, options->model);
    command.add_option("--out", options->out, "overlay PNG with boxes, masks and a legend");
    command.add_option("--mask", options->mask,
                       "mask PNG, 255 inside; FILE-1.png, FILE-2.png, ... for several expressions");
    command.add_option("--explain", options->explain,
                       "folder for what the model looked at: heat maps, words a block attended to");
    command.add_flag("--json", options->json, "one JSON line an expression");
    command.add_option("--dump", options->dump, "safetensors file with the raw tensors of one expression");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
