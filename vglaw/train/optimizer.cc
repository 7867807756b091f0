#include "vglaw/train/optimizer.h"

#include <cmath>
#include <limits>
#include <memory>

#include "vglaw/core/error.h"
#include "vglaw/net/compat.h"
#include "vglaw/train/many_tensors.h"

namespace vglaw::train {
namespace {

bool is_backbone(const std::string& name) {
    return name.starts_with("text_encoder.") || name.starts_with("visual_encoder.");
}

/// The weights of the linear layers inside the encoders' blocks, the weight generator and fusion modules. Embeddings,
/// norms, biases, the first and the last layers stay with AdamW (Jordan et al. 2024).
bool is_hidden_matrix(const std::string& name, const torch::Tensor& parameter) {
    const bool inside = name.starts_with("text_encoder.encoder.") || name.starts_with("visual_encoder.blocks.") ||
                        name.starts_with("weight_generator.blocks.") || name.starts_with("fusion.");
    return inside && parameter.dim() == 2 && name.ends_with(".weight");
}

std::vector<Muon::Matrix> hidden_matrices(const net::Network& network, const TrainConfig& config) {
    std::vector<Muon::Matrix> matrices;
    if (config.optimizer != "muon") return matrices;
    for (const auto& item : network->named_parameters()) {
        if (!is_hidden_matrix(item.key(), item.value())) continue;
        matrices.push_back(
            {item.key(), item.value(), item.key().ends_with(".qkv.weight") ? 3 : 1, is_backbone(item.key()) ? 0 : 1});
    }
    return matrices;
}

std::vector<torch::optim::OptimizerParamGroup> groups(const net::Network& network, const TrainConfig& config) {
    std::vector<torch::Tensor> backbone, rest;
    for (const auto& item : network->named_parameters()) {
        if (config.optimizer == "muon" && is_hidden_matrix(item.key(), item.value())) continue;
        (is_backbone(item.key()) ? backbone : rest).push_back(item.value());
    }
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

Optimizer::Optimizer(net::Network network, const TrainConfig& config, ProcessGroup* group)
    : config_(config),
      network_(network),
      adamw_(groups(network, config)),
      muon_(hidden_matrices(network, config), config.weight_decay, config.precision == "bf16", group) {
    set_learning_rates(0);
}

void Optimizer::zero_grad() {
    for (auto& parameter : network_->parameters()) parameter.mutable_grad() = torch::Tensor();
}

void Optimizer::set_learning_rates(double factor) {
    learning_rates_ = {{"backbone", config_.lr_backbone * factor}, {"rest", config_.lr_rest * factor}};
    if (muon_.matrices().empty()) return;
    const double matrices = factor * config_.muon_factor;
    learning_rates_["matrices_backbone"] = config_.lr_backbone * matrices;
    learning_rates_["matrices_rest"] = config_.lr_rest * matrices;
}

double Optimizer::step(double factor) {
    const double norm =
        clip_gradients(network_->parameters(), config_.clip > 0 ? config_.clip : std::numeric_limits<float>::max());
    if (!std::isfinite(norm)) return norm;
    set_learning_rates(factor);
    options_of(adamw_.param_groups()[0]).lr(learning_rates_["backbone"]);
    options_of(adamw_.param_groups()[1]).lr(learning_rates_["rest"]);
    step_adamw(adamw_);
    if (!muon_.matrices().empty()) {
        muon_.step({learning_rates_["matrices_backbone"], learning_rates_["matrices_rest"]});
    }
    return norm;
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
    for (const auto& [name, momentum] : muon_.momenta()) out["momentum." + name] = momentum;
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
    std::map<std::string, torch::Tensor> momenta;
    for (const auto& matrix : muon_.matrices()) {
        const auto found = state.find("momentum." + matrix.name);
        if (found == state.end() || found->second.sizes() != matrix.weight.sizes() ||
            !found->second.is_floating_point()) {
            fail(ErrorCode::corrupt_data,
                 "the checkpoint's momentum of '{}' is missing or misshapen; was it trained with "
                 "another train.optimizer?",
                 matrix.name);
        }
        momenta[matrix.name] = found->second;
    }
    adamw_.state() = std::move(states);
    muon_.load(momenta);
}

}  // namespace vglaw::train
