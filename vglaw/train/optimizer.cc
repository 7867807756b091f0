#include "vglaw/train/optimizer.h"

#include <cmath>
#include <limits>
#include <memory>

#include "vglaw/core/error.h"
#include "vglaw/net/compat.h"

namespace vglaw::train {
namespace {

bool is_backbone(const std::string& name) {
    return name.starts_with("text_encoder.") || name.starts_with("visual_encoder.");
}

std::vector<torch::optim::OptimizerParamGroup> groups(const net::Network& network, const TrainConfig& config) {
    std::vector<torch::Tensor> backbone, rest;
    for (const auto& item : network->named_parameters())
        (is_backbone(item.key()) ? backbone : rest).push_back(item.value());
    const auto options = [&](double lr) {
        return std::make_unique<torch::optim::AdamWOptions>(
            torch::optim::AdamWOptions(lr).weight_decay(config.weight_decay).betas({0.9, config.beta2}));
    };
    std::vector<torch::optim::OptimizerParamGroup> list;
    list.emplace_back(backbone, options(config.lr_backbone));
    list.emplace_back(rest, options(config.lr_rest));
    return list;
}

torch::optim::AdamWOptions& options_of(torch::optim::OptimizerParamGroup& group) {
    return static_cast<torch::optim::AdamWOptions&>(group.options());
}

}  // namespace

Optimizer::Optimizer(net::Network network, const TrainConfig& config)
    : config_(config), network_(network), adamw_(groups(network, config)) {}

double Optimizer::step(double factor) {
    const double norm = torch::nn::utils::clip_grad_norm_(
        network_->parameters(), config_.clip > 0 ? config_.clip : std::numeric_limits<float>::max());
    if (!std::isfinite(norm)) return norm;
    options_of(adamw_.param_groups()[0]).lr(config_.lr_backbone * factor);
    options_of(adamw_.param_groups()[1]).lr(config_.lr_rest * factor);
    adamw_.step();
    return norm;
}

double Optimizer::lr_rest() const {
    auto& group = const_cast<torch::optim::AdamW&>(adamw_).param_groups()[1];
    return options_of(group).lr();
}

std::map<std::string, torch::Tensor> Optimizer::state() const {
    std::map<std::string, torch::Tensor> out;
    const auto& states = const_cast<torch::optim::AdamW&>(adamw_).state();
    for (const auto& item : network_->named_parameters()) {
        const auto found = states.find(net::optimizer_key(item.value()));
        if (found == states.end()) continue;
        const auto& state = static_cast<const torch::optim::AdamWParamState&>(*found->second);
        out["exp_avg." + item.key()] = state.exp_avg();
        out["exp_avg_sq." + item.key()] = state.exp_avg_sq();
        out["step_count." + item.key()] = torch::tensor({state.step()}, torch::kLong);
    }
    return out;
}

void Optimizer::load_state(const std::map<std::string, torch::Tensor>& state) {
    std::remove_reference_t<decltype(adamw_.state())> states;  // swapped in at the end: all of it or nothing
    for (const auto& item : network_->named_parameters()) {
        const auto average = state.find("exp_avg." + item.key());
        if (average == state.end()) continue;  // never stepped: its task is not trained
        const auto square = state.find("exp_avg_sq." + item.key()), count = state.find("step_count." + item.key());
        if (square == state.end() || count == state.end() || average->second.sizes() != item.value().sizes() ||
            square->second.sizes() != item.value().sizes() || count->second.numel() != 1 ||
            !average->second.is_floating_point() || !square->second.is_floating_point()) {
            fail(ErrorCode::corrupt_data, "the checkpoint's optimiser state of '{}' is incomplete or misshapen",
                 item.key());
        }
        auto entry = std::make_unique<torch::optim::AdamWParamState>();
        entry->exp_avg(average->second.to(item.value().device()).clone());
        entry->exp_avg_sq(square->second.to(item.value().device()).clone());
        entry->step(count->second.item<std::int64_t>());
        states[net::optimizer_key(item.value())] = std::move(entry);
    }
    adamw_.state() = std::move(states);
}

}  // namespace vglaw::train
