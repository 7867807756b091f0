// The language-adaptive ViT without LibTorch (model.md section 3), planned for a number of samples.
#pragma once

#include <vector>

#include "vglaw/engine/packed_model.h"
#include "vglaw/engine/stage_times.h"

namespace vglaw::engine {

class VisualEncoder {
public:
    /// `model` must outlive this object. Plans with the calling thread's OpenMP thread count, which should be
    /// `threads`.
    VisualEncoder(const PackedModel& model, int samples, int threads);

    /// images: (samples, 3, S, S), or (3, S, S) for all when `one_image`; phi: for every sample (depth, d_w, d_w), null
    /// for law.kind = none -> F_v (samples, N, C), valid until the next run.
    const float* run(const float* images, bool one_image, const float* phi, StageTimes& times);
    [[nodiscard]] int samples() const { return samples_; }
    [[nodiscard]] const float* features() const { return x_.data(); }  ///< where run() leaves them
    [[nodiscard]] std::size_t features_a_sample() const { return tokens_ * dim_; }
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] double operations() const;  ///< multiplications and additions of its matrix products

    /// A region free between runs, for the heads: (samples * N * 4 * mask dim) at least.
    [[nodiscard]] float* spare() { return wide_.data(); }

private:
    struct Step {
        Product qkv, proj, fc1, fc2;
    };
    /// The first block's qkv where all samples are of one image: W0 x is the same for all, P Phi Q^T x is each one's
    /// own.
    struct SharedStep {
        Product qkv, Q;  // of one sample
        Product P;       // of all, added
    };
    /// The blocks' inputs as bytes, where the model computes in int8.
    struct Codes {
        Floats bytes;      // (rows, stride) bytes; the stride is the product's
        Floats step, low;  // (rows)
    };
    void cut_patches(const float* images, std::size_t count);
    [[nodiscard]] bool coded() const { return model_.arithmetic == Arithmetic::int8; }
    void code(std::size_t row, const float* x, std::size_t count);
    void code_rows(const float* x, std::size_t count);
    void multiply_codes(const Int8Linear& layer, std::size_t rows, float* y, Epilogue epilogue);
    void norm(const Norm& norm, std::size_t rows, std::size_t stride);
    void adapt(const float* phi, std::size_t block, bool one_image, float* to, std::size_t stride);
    void ask_and_multiply(std::size_t block, const float* phi, StageTimes& times);
    void share_and_multiply(const float* phi, StageTimes& times);
    void attend(const VisionBlock& block);

    const PackedModel& model_;
    int samples_, threads_;
    std::size_t tokens_, dim_, rank_, adapted_;  // N, C, d_w, C + d_w
    Floats x_;                                   // (samples, N, C): the residual stream
    Floats normed_;                              // (samples * N, C + d_w): [norm(x); Phi Q^T norm(x)], and plain rows
    Floats wide_;                                // qkv, then the MLP's inside; patches; the mask head's pixels
    Floats attended_, asked_;                    // (samples * N, C), (samples * N, d_w): Q^T norm(x)
    Codes codes_;                                // what the next product reads; empty in fp32
    Floats scratch_;                             // for each thread
    std::size_t scratch_a_thread_;
    Product patches_, patches_of_one_, Q_;
    std::vector<Step> steps_;  // the blocks' products in fp32
    SharedStep shared_;        // empty for one sample, and without law
};

}  // namespace vglaw::engine
