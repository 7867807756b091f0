// --backend check: the engine and LibTorch side by side, numerical doubt as a feature of the product.
#pragma once

#include <array>
#include <memory>

#include "vglaw/model/forward.h"

namespace vglaw::app {

/// Answers with `tested`'s output and keeps the largest differences to `reference`'s. Relative means: of the
/// reference's largest value in that run.
class CheckForward final : public Forward {
public:
    struct Stage {
        const char* name;
        double tolerance;  ///< what is beyond it is not rounding
        bool relative;
        double largest;
        long long values;
    };
    /// In the order of computation. LibTorch computes in fp32, from the same weights, so in int8 what is compared is
    /// the rounding of activations (and of weights, when the file is not int8): no bound to prove. Three to four times
    /// what the shipped model shows (0.013, 0.0024, 0.024 with 256 steps an activation; with 128 steps twice that).
    using Stages = std::array<Stage, 4>;
    static constexpr Stages fp32_stages{{{"token attention (text, LAW)", 1e-4, false, 0, 0},
                                         {"pool attention (blocks, LAP)", 1e-4, false, 0, 0},
                                         {"box", 1e-4, false, 0, 0},
                                         {"mask logits", 1e-3, true, 0, 0}}};
    static constexpr Stages int8_stages{{{"token attention (text, LAW)", 1e-4, false, 0, 0},
                                         {"pool attention (blocks, LAP)", 0.05, false, 0, 0},
                                         {"box", 0.01, false, 0, 0},
                                         {"mask logits", 0.08, true, 0, 0}}};

    CheckForward(std::unique_ptr<Forward> tested, std::unique_ptr<Forward> reference, const Stages& stages)
        : tested_(std::move(tested)), reference_(std::move(reference)), stages_(stages) {}
    [[nodiscard]] const ModelConfig& config() const override { return tested_->config(); }
    void run(const ForwardInput& input, ForwardOutput& output) override;

    [[nodiscard]] const Stages& stages() const { return stages_; }

private:
    std::unique_ptr<Forward> tested_, reference_;
    ForwardOutput expected_;
    Stages stages_;
};

/// One line a stage on stderr. Throws internal naming the first stage beyond its tolerance.
void report(const CheckForward& check);

}  // namespace vglaw::app
