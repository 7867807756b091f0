// BERT without LibTorch (model.md section 1), planned for a number of token rows.
#pragma once

#include <cstdint>
#include <vector>

#include "vglaw/engine/packed_model.h"

namespace vglaw::engine {

class TextEncoder {
public:
    /// rows: B * L at most. `weights` must outlive this object. Plans with the calling thread's OpenMP thread count.
    TextEncoder(const TextWeights& weights, const TextConfig& config, int rows, int threads);

    /// ids, token_mask: (batch, length), batch * length <= rows -> F_l (batch * length, d_l), valid until the next run.
    /// Throws invalid_argument for an id outside the vocabulary or more tokens than positions.
    const float* run(const std::int64_t* ids, const std::uint8_t* token_mask, int batch, int length);
    [[nodiscard]] int rows() const { return rows_; }
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Step {
        Product qkv, attention_output, intermediate, output;
    };
    void embed(const std::int64_t* ids, int batch, int length);
    void attend(const std::uint8_t* token_mask, int batch, int length);
    void norm(const Norm& norm);

    const TextWeights& weights_;
    const TextConfig& config_;
    int rows_, threads_;
    Floats x_, qkv_, context_, hidden_,
        scores_;  // (rows, d_l), (rows, 3 d_l), (rows, d_l), (rows, ffn), a row a thread
    std::vector<Step> steps_;
};

}  // namespace vglaw::engine
