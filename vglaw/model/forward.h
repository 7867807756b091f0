// One forward pass over prepared inputs: what LibTorch (`net`) and the engine both implement. Plain memory, no
// third-party type.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "vglaw/model/config.h"

namespace vglaw {

/// Borrowed buffers; they must outlive the call.
struct ForwardInput {
    int batch = 0;                             ///< B
    int tokens = 0;                            ///< L, the longest expression of the batch
    const float* images = nullptr;             ///< (B, 3, S, S), normalised, padded with 0
    const std::int64_t* ids = nullptr;         ///< (B, L), padded with 0
    const std::uint8_t* token_mask = nullptr;  ///< (B, L), 1 where a token stands
    /// (B, L), 1 at the tokens of the phrase that is meant; a row of 0 means the whole expression, nullptr all of them.
    /// The text encoder reads every token; the phrase's alone are listened to, and their mean stands for [CLS].
    const std::uint8_t* span_mask = nullptr;
    bool one_image = false;  ///< images is (3, S, S), the same picture for every sample

    /// Whether every sample reads the same words, as the phrases of one caption do: they need encoding once.
    [[nodiscard]] bool one_text() const {
        for (std::ptrdiff_t b = 1; b < batch; ++b) {
            if (!std::equal(ids, ids + tokens, ids + b * tokens) ||
                !std::equal(token_mask, token_mask + tokens, token_mask + b * tokens))
                return false;
        }
        return true;
    }
};

struct ForwardOutput {
    std::vector<float> boxes_cxcywh;     ///< (B, 4) in [0, 1] of the canvas
    std::vector<float> mask_logits;      ///< (B, S, S)
    std::vector<float> pool_attention;   ///< (B, h, w); empty for box_head.pool = max
    std::vector<float> token_attention;  ///< (B, adapted blocks, G, L), see law.blocks; empty for law.kind = none
};

/// Safe to call from one thread at a time.
class Forward {
public:
    virtual ~Forward() = default;
    [[nodiscard]] virtual const ModelConfig& config() const = 0;
    virtual void run(const ForwardInput& input, ForwardOutput& output) = 0;
};

}  // namespace vglaw
