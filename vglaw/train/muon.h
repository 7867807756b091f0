// Muon (Jordan et al. 2024): momentum, made orthogonal, for the weights of hidden linear layers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vglaw/net/torch.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// The nearest matrices with all singular values 1, roughly (0.7 to 1.2): five Newton-Schulz steps of degree 5 with
/// Jordan's coefficients. (B, m, n) -> (B, m, n), float32; products in bfloat16 where `bf16`.
[[nodiscard]] torch::Tensor orthogonalized(const torch::Tensor& matrices, bool bf16);

/// Steps of equal root mean square for every matrix, whatever its shape, and as large as AdamW's (Liu et al. 2025:
/// times 0.2 sqrt(max(m, n))), so that one learning rate serves both. Weight decay is decoupled, momentum 0.95
/// Nesterov's.
class Muon {
public:
    struct Matrix {
        std::string name;      ///< of the parameter
        torch::Tensor weight;  ///< (out, in)
        int parts = 1;         ///< a fused projection is that many matrices, one below the other: 3 for qkv
        int group = 0;         ///< which learning rate
    };
    /// With `group` each rank makes its share of the matrices orthogonal and gets the others' from them: the same
    /// bits everywhere.
    Muon(std::vector<Matrix> matrices, double weight_decay, bool bf16, ProcessGroup* group = nullptr);

    /// One step with a learning rate a group; parameters without a gradient stay. Gradients are the same on every rank.
    void step(const std::vector<double>& lr);

    /// Momentum by the parameter's name. load() copies; a name that is missing starts at 0.
    [[nodiscard]] std::map<std::string, torch::Tensor> momenta() const;
    void load(const std::map<std::string, torch::Tensor>& momenta);
    [[nodiscard]] const std::vector<Matrix>& matrices() const { return matrices_; }

private:
    struct Part;
    void share_updates(std::vector<Part>& parts) const;

    std::vector<Matrix> matrices_;
    std::vector<torch::Tensor> momenta_;
    double weight_decay_;
    bool bf16_;
    ProcessGroup* group_;
};

}  // namespace vglaw::train
