#include "vglaw/train/muon.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vglaw::train {
namespace {

constexpr double momentum = 0.95;  // Jordan et al.

}  // namespace

torch::Tensor orthogonalized(const torch::Tensor& matrices, bool bf16) {
    constexpr double a = 3.4445, b = -4.7750, c = 2.0315;  // steepest at 0 of those that keep [0, 1] within [0, 1.2]
    const bool tall = matrices.size(1) > matrices.size(2);
    auto x = tall ? matrices.transpose(1, 2) : matrices;  // the product with itself is then the small one
    x = x / (x.flatten(1).norm(2, 1).view({-1, 1, 1}) + 1e-7);
    if (bf16) x = x.to(torch::kBFloat16);
    for (int i = 0; i < 5; ++i) {
        const auto square = torch::bmm(x, x.transpose(1, 2));
        const auto inner = torch::baddbmm(square, square, square, b, c);
        x = torch::baddbmm(x, inner, x, a, 1.0);
    }
    x = x.to(matrices.scalar_type());
    return tall ? x.transpose(1, 2) : x;
}

Muon::Muon(std::vector<Matrix> matrices, double weight_decay, bool bf16)
    : matrices_(std::move(matrices)), weight_decay_(weight_decay), bf16_(bf16) {
    for (const Matrix& matrix : matrices_) momenta_.push_back(torch::zeros_like(matrix.weight));
}

void Muon::step(const std::vector<double>& lr) {
    const torch::NoGradGuard no_grad;
    // All matrices of one shape go through the iteration as one batch.
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::pair<std::size_t, torch::Tensor>>> by_shape;
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        const Matrix& matrix = matrices_[i];
        const auto& gradient = matrix.weight.grad();
        if (!gradient.defined()) continue;
        momenta_[i].lerp_(gradient, 1 - momentum);
        const auto looked_ahead = gradient.lerp(momenta_[i], momentum);
        for (const auto& part : looked_ahead.chunk(matrix.parts, 0)) {
            by_shape[{part.size(0), part.size(1)}].emplace_back(i, part);
        }
    }
    std::vector<std::vector<torch::Tensor>> updates(matrices_.size());
    for (const auto& [shape, parts] : by_shape) {
        std::vector<torch::Tensor> stack;
        for (const auto& [index, part] : parts) stack.push_back(part);
        const auto made =
            orthogonalized(torch::stack(stack), bf16_) * (0.2 * std::sqrt(double(std::max(shape.first, shape.second))));
        for (std::size_t k = 0; k < parts.size(); ++k) updates[parts[k].first].push_back(made[std::int64_t(k)]);
    }
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        if (updates[i].empty()) continue;
        const double rate = lr[std::size_t(matrices_[i].group)];
        torch::Tensor weight = matrices_[i].weight;
        weight.mul_(1 - rate * weight_decay_).add_(torch::cat(updates[i], 0), -rate);
    }
}

std::map<std::string, torch::Tensor> Muon::momenta() const {
    std::map<std::string, torch::Tensor> out;
    for (std::size_t i = 0; i < matrices_.size(); ++i) out[matrices_[i].name] = momenta_[i];
    return out;
}

void Muon::load(const std::map<std::string, torch::Tensor>& momenta) {
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        const auto found = momenta.find(matrices_[i].name);
        if (found == momenta.end()) {
            momenta_[i].zero_();
        } else {
            momenta_[i].copy_(found->second);
        }
    }
}

}  // namespace vglaw::train
