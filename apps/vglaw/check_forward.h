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
        double tolerance;  ///< of fp32; what is beyond it is not rounding
        bool relative;
        double largest = 0;
        long long values = 0;
    };

    CheckForward(std::unique_ptr<Forward> tested, std::unique_ptr<Forward> reference)
        : tested_(std::move(tested)), reference_(std::move(reference)) {}
    [[nodiscard]] const ModelConfig& config() const override { return tested_->config(); }
    void run(const ForwardInput& input, ForwardOutput& output) override;

    /// In the order of computation.
    [[nodiscard]] const std::array<Stage, 4>& stages() const { return stages_; }

private:
    std::unique_ptr<Forward> tested_, reference_;
    ForwardOutput expected_;
    std::array<Stage, 4> stages_{{{"token attention (text, LAW)", 1e-4, false},
                                  {"pool attention (blocks, LAP)", 1e-4, false},
                                  {"box", 1e-4, false},
                                  {"mask logits", 1e-3, true}}};
};

/// One line a stage on stderr. Throws internal naming the first stage beyond its tolerance.
void report(const CheckForward& check);

}  // namespace vglaw::app
