#include "vglaw/train/bad_batch.h"

#include "vglaw/core/files.h"

namespace vglaw::train {
namespace {

constexpr int most_in_a_row = 10;

/// As a person writes it: the sign of what is not a number means nothing.
std::string shown(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }

/// JSON has no infinity and no NaN; here they are the news.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(shown(value)); }

Json describe(const Dataset& data, std::int64_t index) {
    Json line{{"index", index}};
    try {
        const Example example = data.get(std::size_t(index));
        line["image_id"] = example.image_id;
        line["ref_id"] = example.ref_id;
        line["sentence_id"] = example.sentence_id;
        line["expression"] = example.expression;
        const auto& box = example.box_px;
        line["box"] = {number(box.x0), number(box.y0), number(box.x1), number(box.y1)};
    } catch (const Error& error) {
        line["error"] = error.what();  // perhaps what is wrong with it
    }
    return line;
}

}  // namespace

std::filesystem::path write_bad_batch(const std::filesystem::path& folder, std::int64_t step,
                                      const StepOutcome& outcome, const Dataset& data,
                                      const std::vector<std::int64_t>& indices) {
    const auto& losses = outcome.losses;
    Json json;
    json["step"] = step;
    json["data"] = data.name();
    json["loss"] = number(losses.total);
    json["l1"] = number(losses.l1);
    json["giou"] = number(losses.giou);
    json["focal"] = number(losses.focal);
    json["dice"] = number(losses.dice);
    json["pooling"] = number(losses.pooling);
    json["labelling"] = number(losses.labelling);
    json["gradient_norm"] = number(outcome.gradient_norm);
    json["examples"] = Json::array();
    for (const auto index : indices) json["examples"].push_back(describe(data, index));
    const auto path = folder / fmt::format("bad-batch-{:010}.json", step);
    write_text(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    return path;
}

std::string BadBatches::check(const StepOutcome& outcome, std::int64_t step, const Batch& batch) {
    if (outcome.finite()) {
        in_a_row_ = 0;
        return "";
    }
    const auto mine = torch::tensor(std::vector<std::int64_t>(batch.indices.begin(), batch.indices.end()));
    const auto all = group_.gather(mine).flatten();
    std::string saved = "rank 0 saves the batch's ids";
    if (group_.leads()) {
        const auto* first = all.data_ptr<std::int64_t>();
        const auto path = write_bad_batch(folder_, step, outcome, data_, {first, first + all.numel()});
        saved = "the batch's ids are in " + path.string();
    }
    const std::string what = std::isfinite(outcome.losses.total)
                                 ? fmt::format("the gradient's norm is {}", shown(outcome.gradient_norm))
                                 : fmt::format("the loss is {}", shown(outcome.losses.total));
    if (skip_ && ++in_a_row_ < most_in_a_row) return fmt::format("{} at step {}, left out; {}", what, step, saved);
    fail(ErrorCode::invalid_argument,
         "{} at step {}{}; {}; lower train.lr_rest, train.lr_backbone or train.clip and go on with --resume", what,
         step, skip_ ? fmt::format(", the {}th in a row", in_a_row_) : "", saved);
}

}  // namespace vglaw::train
