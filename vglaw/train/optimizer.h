// AdamW over two groups: both encoders, and the rest (model.md section 6).
#pragma once

#include <map>
#include <string>

#include "vglaw/net/network.h"
#include "vglaw/train/experiment.h"
#include "vglaw/train/muon.h"

namespace vglaw::train {

class Optimizer {
public:
    /// With `group` its ranks share Muon's work; it must outlive this.
    Optimizer(net::Network network, const TrainConfig& config, ProcessGroup* group = nullptr);

    /// Forgets every gradient, of whichever optimiser.
    void zero_grad();
    /// Clips the gradient norm, then steps with both learning rates times `factor`. Returns the norm before clipping;
    /// when that is not finite nothing was stepped, and the gradients are of no use.
    double step(double factor);
    /// Of the last step, by group: backbone and rest, and with Muon matrices_backbone and matrices_rest.
    [[nodiscard]] const std::map<std::string, double>& learning_rates() const { return learning_rates_; }

    /// exp_avg.NAME, exp_avg_sq.NAME and step_count.NAME for every parameter that has been stepped.
    [[nodiscard]] std::map<std::string, torch::Tensor> state() const;
    void load_state(const std::map<std::string, torch::Tensor>& state);

private:
    void set_learning_rates(double factor);
    TrainConfig config_;
    net::Network network_;
    torch::optim::AdamW adamw_;
    std::map<std::string, double> learning_rates_;
    Muon muon_;  // without matrices for train.optimizer = adamw
};

}  // namespace vglaw::train
