#include "vglaw/model/config.h"

#include <algorithm>

namespace vglaw {
namespace {

void must_divide(const std::string& where, const char* divisor_key, int divisor, const char* key, int value) {
    if (value % divisor != 0) {
        fail(ErrorCode::invalid_argument, "{}: {} = {} must divide {} = {}", where, divisor_key, divisor, key, value);
    }
}

}  // namespace

bool VisionConfig::is_global(int block) const {
    return std::find(global_blocks.begin(), global_blocks.end(), block) != global_blocks.end();
}

void ModelConfig::validate(const std::string& where) const {
    must_divide(where, "vision.patch", vision.patch, "image.size", image.size);
    must_divide(where, "vision.heads", vision.heads, "vision.dim", vision.dim);
    must_divide(where, "text.heads", text.heads, "text.hidden", text.hidden);
    if (law.active()) {
        must_divide(where, "law.groups", law.groups, "text.hidden", text.hidden);
        must_divide(where, "law.reduction", law.reduction, "text.hidden", text.hidden);
    }
    if (text.max_tokens > text.max_positions) {
        fail(ErrorCode::invalid_argument, "{}: text.max_tokens = {} is more than text.max_positions = {}", where,
             text.max_tokens, text.max_positions);
    }
    for (const int block : vision.global_blocks) {
        if (block >= vision.depth) {
            fail(ErrorCode::invalid_argument, "{}: vision.global_blocks names block {}, but vision.depth is {}", where,
                 block, vision.depth);
        }
    }
}

}  // namespace vglaw
