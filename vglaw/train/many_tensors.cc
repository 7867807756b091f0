#include "vglaw/train/many_tensors.h"

#include <map>
#include <memory>

#include "vglaw/net/compat.h"

namespace vglaw::train {

#if VGLAW_TORCH_SINCE(2, 4)

namespace {

/// Tensors of one parameter group that have a gradient, side by side.
struct Columns {
    std::vector<torch::Tensor> parameters, gradients, averages, squares, steps;
};

torch::optim::AdamWParamState& state_of(torch::optim::AdamW& adamw, const torch::Tensor& parameter) {
    auto& state = adamw.state()[net::optimizer_key(parameter)];
    if (!state) {  // as AdamW makes it
        auto fresh = std::make_unique<torch::optim::AdamWParamState>();
        fresh->step(0);
        fresh->exp_avg(torch::zeros_like(parameter, at::MemoryFormat::Preserve));
        fresh->exp_avg_sq(torch::zeros_like(parameter, at::MemoryFormat::Preserve));
        state = std::move(fresh);
    }
    return static_cast<torch::optim::AdamWParamState&>(*state);
}

}  // namespace

double clip_gradients(const std::vector<torch::Tensor>& parameters, double largest) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> gradients;
    for (const auto& parameter : parameters) {
        if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    }
    if (gradients.empty()) return 0;
    const double norm = torch::stack(at::_foreach_norm(gradients, 2)).norm(2).item<double>();
    const double factor = largest / (norm + 1e-6);  // clip_grad_norm_'s guard
    if (factor < 1) at::_foreach_mul_(gradients, factor);
    return norm;
}

void step_adamw(torch::optim::AdamW& adamw) {
    const torch::NoGradGuard no_grad;
    for (auto& group : adamw.param_groups()) {
        const auto& options = static_cast<const torch::optim::AdamWOptions&>(group.options());
        Columns columns;
        std::map<std::int64_t, torch::Tensor> counts;  // of steps: nearly always one for all; float32, only read
        for (const auto& parameter : group.params()) {
            if (!parameter.grad().defined()) continue;
            auto& state = state_of(adamw, parameter);
            state.step(state.step() + 1);
            auto& count = counts[state.step()];
            if (!count.defined())
                count = torch::full({}, double(state.step()), parameter.options().requires_grad(false));
            columns.parameters.push_back(parameter);
            columns.gradients.push_back(parameter.grad());
            columns.averages.push_back(state.exp_avg());
            columns.squares.push_back(state.exp_avg_sq());
            columns.steps.push_back(count);
        }
        if (columns.parameters.empty()) continue;
        at::_fused_adamw_(columns.parameters, columns.gradients, columns.averages, columns.squares, {}, columns.steps,
                          options.lr(), std::get<0>(options.betas()), std::get<1>(options.betas()),
                          options.weight_decay(), options.eps(), false, false);
    }
}

#else

double clip_gradients(const std::vector<torch::Tensor>& parameters, double largest) {
    return torch::nn::utils::clip_grad_norm_(parameters, largest);
}

void step_adamw(torch::optim::AdamW& adamw) { adamw.step(); }

#endif

}  // namespace vglaw::train
