#include <cstddef>

#include "vglaw/interface/growing_struct.h"
#include "vglaw/interface/handles.h"

namespace {

using namespace vglaw::interface;

constexpr std::size_t first_found = offsetof(vglaw_found, milliseconds) + sizeof(double),
                      first_explained = offsetof(vglaw_explained, truncated) + sizeof(std::int32_t);

const vglaw_result::Answer& answer_at(const vglaw_result* result, std::size_t index) {
    require(result, "result");
    if (index >= result->answers.size()) {
        vglaw::fail(vglaw::ErrorCode::invalid_argument, "result {} of {}; they are counted from 0", index,
                    result->answers.size());
    }
    return result->answers[index];
}

}  // namespace

size_t vglaw_result_count(const vglaw_result* result) { return result == nullptr ? 0 : result->answers.size(); }

vglaw_status vglaw_result_get(const vglaw_result* result, size_t index, vglaw_found* found) {
    return guarded([&] {
        const auto& answer = answer_at(result, index);
        const auto& box = answer.found.box_px;
        vglaw_found value{};
        value.expression = answer.found.expression.c_str();
        value.x0 = box.x0;
        value.y0 = box.y0;
        value.x1 = box.x1;
        value.y1 = box.y1;
        value.mask = answer.found.mask.pixels.data();
        value.width = answer.found.mask.width;
        value.height = answer.found.mask.height;
        value.mask_area = vglaw::area(answer.found.mask);
        value.tokens_given = answer.tokens.given;
        value.tokens_read = answer.tokens.read;
        value.truncated = answer.tokens.read < answer.tokens.given ? 1 : 0;
        value.milliseconds = answer.found.milliseconds;
        write_struct(value, found, first_found, "found");
    });
}

vglaw_status vglaw_result_rle(const vglaw_result* result, size_t index, const char** counts) {
    return guarded([&] {
        require(counts, "counts");
        const auto& answer = answer_at(result, index);
        std::call_once(answer.encoded, [&] { answer.rle = vglaw::to_coco_string(vglaw::encode(answer.found.mask)); });
        *counts = answer.rle.c_str();
    });
}

void vglaw_result_destroy(vglaw_result* result) { delete result; }

vglaw_status vglaw_explanation_get(const vglaw_explanation* explanation, vglaw_explained* explained) {
    return guarded([&] {
        require(explanation, "explanation");
        const auto& from = explanation->explanation;
        vglaw_explained value{};
        value.tokens = explanation->tokens.data();
        value.token_count = std::int32_t(explanation->tokens.size());
        value.grid = from.grid;
        if (!from.pool_attention.empty()) value.pool_attention = from.pool_attention.data();
        if (!from.token_attention.empty()) {
            value.blocks = from.blocks.data();
            value.block_count = from.depth;
            value.groups = from.groups;
            value.token_attention = from.token_attention.data();
        }
        value.canvas_size = from.placement.size;
        value.left = from.placement.left;
        value.top = from.placement.top;
        value.placed_width = from.placement.resized_width;
        value.placed_height = from.placement.resized_height;
        value.tokens_given = explanation->count.given;
        value.truncated = explanation->count.read < explanation->count.given ? 1 : 0;
        write_struct(value, explained, first_explained, "explained");
    });
}

void vglaw_explanation_destroy(vglaw_explanation* explanation) { delete explanation; }
