#include "vglaw/model/config.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace vglaw {
namespace {

void must_divide(const std::string& where, const char* divisor_key, int divisor, const char* key, int value) {
    if (value % divisor != 0) {
        fail(ErrorCode::invalid_argument, "{}: {} = {} must divide {} = {}", where, divisor_key, divisor, key, value);
    }
}

void must_name_blocks(const std::string& where, const char* key, std::vector<int> blocks, int depth) {
    std::sort(blocks.begin(), blocks.end());
    if (const auto twice = std::adjacent_find(blocks.begin(), blocks.end()); twice != blocks.end()) {
        fail(ErrorCode::invalid_argument, "{}: {} names block {} twice", where, key, *twice);
    }
    if (!blocks.empty() && blocks.back() >= depth) {
        fail(ErrorCode::invalid_argument, "{}: {} names block {}, but vision.depth is {}", where, key, blocks.back(),
             depth);
    }
}

/// A layer that emits a whole W has as many weights as W times its input: for small models only (model.md section 2).
constexpr std::int64_t most_generating_weights = 64'000'000;

void must_be_small(const std::string& where, const ModelConfig& config) {
    const std::int64_t inputs = config.text.hidden / config.law.reduction + 1;  // and the bias
    const std::int64_t weights =
        std::int64_t(config.adapted_blocks().size()) * 3 * config.vision.dim * config.vision.dim;
    if (weights * inputs <= most_generating_weights) return;
    fail(ErrorCode::invalid_argument,
         "{}: law.kind = full would need {} M weights to generate the {} blocks' {:.1f} M, accepted are {} M; name "
         "fewer "
         "law.blocks, raise law.reduction, lower vision.dim, or take law.kind = lowrank",
         where, weights * inputs / 1'000'000, config.adapted_blocks().size(), double(weights) / 1e6,
         most_generating_weights / 1'000'000);
}

}  // namespace

bool VisionConfig::is_global(int block) const {
    return std::find(global_blocks.begin(), global_blocks.end(), block) != global_blocks.end();
}

std::vector<int> ModelConfig::adapted_blocks() const {
    std::vector<int> blocks = law.blocks;
    if (!law.active()) blocks.clear();
    if (law.active() && blocks.empty()) {
        blocks.resize(std::size_t(vision.depth));
        std::iota(blocks.begin(), blocks.end(), 0);
    }
    std::sort(blocks.begin(), blocks.end());
    return blocks;
}

std::vector<int> ModelConfig::fused_blocks() const {
    std::vector<int> blocks;
    if (fusion.active()) blocks = fusion.blocks.empty() ? vision.global_blocks : fusion.blocks;
    std::sort(blocks.begin(), blocks.end());
    return blocks;
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
    must_name_blocks(where, "vision.global_blocks", vision.global_blocks, vision.depth);
    must_name_blocks(where, "law.blocks", law.blocks, vision.depth);
    must_name_blocks(where, "fusion.blocks", fusion.blocks, vision.depth);
    if (law.kind == "full") must_be_small(where, *this);
    if (fusion.active() && fused_blocks().empty()) {
        fail(ErrorCode::invalid_argument,
             "{}: fusion.kind is {}, but neither fusion.blocks nor vision.global_blocks names a block", where,
             fusion.kind);
    }
    if (fusion.kind == "qd_att") must_divide(where, "fusion.reduction", fusion.reduction, "vision.dim", vision.dim);
}

}  // namespace vglaw
