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

/// One matrix to be made orthogonal: a parameter, or a part of a fused one.
struct Muon::Part {
    std::size_t index = 0;               // of its parameter in matrices_
    torch::Tensor looked_ahead, update;  // (m, n)
    [[nodiscard]] int owner(std::size_t place, int world) const { return int(place % std::size_t(world)); }
};

Muon::Muon(std::vector<Matrix> matrices, double weight_decay, bool bf16, ProcessGroup* group)
    : matrices_(std::move(matrices)), weight_decay_(weight_decay), bf16_(bf16), group_(group) {
    for (const Matrix& matrix : matrices_) momenta_.push_back(torch::zeros_like(matrix.weight));
}

void Muon::step(const std::vector<double>& lr) {
    const torch::NoGradGuard no_grad;
    std::vector<Part> parts;
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
        const Matrix& matrix = matrices_[i];
        const auto& gradient = matrix.weight.grad();
        if (!gradient.defined()) continue;
        momenta_[i].lerp_(gradient, 1 - momentum);
        const auto looked_ahead = gradient.lerp(momenta_[i], momentum);
        for (const auto& part : looked_ahead.chunk(matrix.parts, 0)) parts.push_back({i, part, {}});
    }
    // All matrices of one shape go through the iteration as one batch; every world-th of them is this rank's.
    const int rank = group_ == nullptr ? 0 : group_->rank(), world = group_ == nullptr ? 1 : group_->world();
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> by_shape;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        if (parts[k].owner(k, world) != rank) continue;
        by_shape[{parts[k].looked_ahead.size(0), parts[k].looked_ahead.size(1)}].push_back(k);
    }
    for (const auto& [shape, members] : by_shape) {
        std::vector<torch::Tensor> stack;
        for (const auto k : members) stack.push_back(parts[k].looked_ahead);
        const auto made =
            orthogonalized(torch::stack(stack), bf16_) * (0.2 * std::sqrt(double(std::max(shape.first, shape.second))));
        for (std::size_t k = 0; k < members.size(); ++k) parts[members[k]].update = made[std::int64_t(k)];
    }
    if (world > 1) share_updates(parts);
    for (std::size_t k = 0; k < parts.size();) {
        const std::size_t i = parts[k].index;
        std::vector<torch::Tensor> updates;
        for (; k < parts.size() && parts[k].index == i; ++k) updates.push_back(parts[k].update);
        const double rate = lr[std::size_t(matrices_[i].group)];
        torch::Tensor weight = matrices_[i].weight;
        weight.mul_(1 - rate * weight_decay_).add_(torch::cat(updates, 0), -rate);
    }
}

void Muon::share_updates(std::vector<Part>& parts) const {
    const int rank = group_->rank(), world = group_->world();
    std::vector<std::int64_t> sizes(std::size_t(world), 0);
    for (std::size_t k = 0; k < parts.size(); ++k) {
        sizes[std::size_t(parts[k].owner(k, world))] += parts[k].looked_ahead.numel();
    }
    auto mine = torch::zeros({*std::max_element(sizes.begin(), sizes.end())});  // of one length on every rank
    std::int64_t at = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        if (parts[k].owner(k, world) != rank) continue;
        const auto size = parts[k].looked_ahead.numel();
        mine.slice(0, at, at + size).copy_(parts[k].update.reshape({-1}));
        at += size;
    }
    const auto all = group_->gather(mine);  // (world, longest)
    std::fill(sizes.begin(), sizes.end(), 0);
    for (std::size_t k = 0; k < parts.size(); ++k) {
        const auto& shape = parts[k].looked_ahead;
        const int owner = parts[k].owner(k, world);
        auto& from = sizes[std::size_t(owner)];
        parts[k].update = all[owner].slice(0, from, from + shape.numel()).view(shape.sizes()).to(shape.device());
        from += shape.numel();
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
