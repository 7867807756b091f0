#include "vglaw/net/adaptive_vit.h"

#include <algorithm>
#include <cmath>

#include "vglaw/net/compat.h"
#include "vglaw/net/recompute.h"

namespace vglaw::net {
namespace {

constexpr double layer_norm_eps = 1e-6;  // ViTDet's, not LibTorch's default

torch::nn::LayerNorm make_norm(int width) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(layer_norm_eps));
}

/// (B, h, w, C) -> (B, windows, n, n, C); zero-padded bottom and right to a multiple of n. Order: rows of windows.
torch::Tensor partition(const torch::Tensor& x, int n) {
    const auto batch = x.size(0), h = x.size(1), w = x.size(2), dim = x.size(3);
    const auto pad_h = (n - h % n) % n, pad_w = (n - w % n) % n;
    const auto padded = pad_h + pad_w > 0 ? torch::constant_pad_nd(x, {0, 0, 0, pad_w, 0, pad_h}) : x;
    const auto rows = (h + pad_h) / n, columns = (w + pad_w) / n;
    return padded.reshape({batch, rows, n, columns, n, dim})
        .permute({0, 1, 3, 2, 4, 5})
        .reshape({batch, rows * columns, n, n, dim});
}

/// The inverse of partition; the padding is cropped away.
torch::Tensor unpartition(const torch::Tensor& windows, int n, std::int64_t h, std::int64_t w) {
    const auto batch = windows.size(0), dim = windows.size(4);
    const auto rows = (h + n - 1) / n, columns = (w + n - 1) / n;
    const auto x = windows.view({batch, rows, columns, n, n, dim})
                       .permute({0, 1, 3, 2, 4, 5})
                       .reshape({batch, rows * n, columns * n, dim});
    return x.slice(1, 0, h).slice(2, 0, w);
}

/// Table (2n-1, d) -> R (n, n, d) with R[q, k] = table[q - k + n - 1].
torch::Tensor relative_positions(const torch::Tensor& table, int n) {
    const auto steps = torch::arange(n, torch::TensorOptions().dtype(torch::kLong).device(table.device()));
    const auto index = steps.unsqueeze(1) - steps.unsqueeze(0) + (n - 1);
    return table.index_select(0, index.flatten()).view({n, n, table.size(1)});
}

/// Stochastic depth: drops the whole branch of a sample with probability `rate`, training only. draws: (2, B), whose
/// row `index` decides, or undefined.
torch::Tensor drop_branch(const torch::Tensor& branch, double rate, bool training, const torch::Tensor& draws,
                          int index) {
    if (!training || rate <= 0) return branch;
    auto shape = std::vector<std::int64_t>(std::size_t(branch.dim()), 1);
    shape[0] = branch.size(0);
    const auto uniform = draws.defined() ? draws[index].view(shape) : torch::rand(shape, branch.options());
    return branch * (uniform >= rate).to(branch.dtype()) / (1 - rate);
}

/// The block as a function of its input and its law's tensors.
torch::Tensor run_recomputed(const AdaptiveBlock& block, const torch::Tensor& x, AdaptedWeights law, bool bf16) {
    std::vector<torch::Tensor> inputs{x};
    law.each_tensor([&](torch::Tensor& tensor) { inputs.push_back(tensor); });
    const auto run = [block = block.ptr(), law](const std::vector<torch::Tensor>& given) {
        AdaptedWeights other = law;
        std::size_t next = 1;
        other.each_tensor([&](torch::Tensor& tensor) { tensor = given[next++]; });
        return block->forward(given[0], other);
    };
    return recomputed(run, inputs, block->parameters(), bf16);
}

}  // namespace

torch::Tensor adapted_qkv(const torch::Tensor& x, const torch::Tensor& W0, const torch::Tensor& bias,
                          const AdaptedWeights& law) {
    if (!law.active()) return torch::linear(x, W0, bias);
    if (law.materialize) return materialized_qkv(x, W0, bias, law);
    if (law.phi.defined()) {
        const auto plain = torch::linear(x, W0, bias);
        const auto inner = torch::bmm(torch::matmul(x, law.Q), law.phi.transpose(1, 2));  // (B, N, d_w)
        return torch::addmm(plain.flatten(0, 1), inner.flatten(0, 1), law.P.t()).view(plain.sizes());
    }
    if (law.gain.defined()) return torch::linear(x * (1 + law.gain).unsqueeze(1), W0, bias);
    return materialized_qkv(x, W0, bias, law);
}

torch::Tensor materialized_qkv(const torch::Tensor& x, const torch::Tensor& W0, const torch::Tensor& bias,
                               const AdaptedWeights& law) {
    if (!law.active()) return torch::linear(x, W0, bias);
    torch::Tensor W;  // (B, 3C, C)
    if (law.phi.defined()) {
        W = W0 + torch::matmul(torch::matmul(law.P, law.phi), law.Q.t());
    } else if (law.gain.defined()) {
        W = W0 * (1 + law.gain).unsqueeze(1);
    } else if (law.mixing.defined()) {
        W = W0 + torch::mm(law.mixing, law.kernels.flatten(1)).view({-1, W0.size(0), W0.size(1)});
    } else {
        W = W0 + law.delta;
    }
    return torch::baddbmm(bias, x, W.transpose(1, 2));
}

torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const torch::Tensor& rel_h,
                     const torch::Tensor& rel_w, std::int64_t heads, bool fused) {
    const auto groups = q.size(0), tokens = q.size(1), head = q.size(2);
    const auto positions = (rel_h.unsqueeze(4) + rel_w.unsqueeze(3)).view({groups, tokens, tokens});
    if (fused) {
        const auto by_window = [&](const torch::Tensor& t) { return t.view({-1, heads, tokens, t.size(2)}); };
        return fused_attention(by_window(q), by_window(k), by_window(v), by_window(positions));
    }
    const auto scores = torch::baddbmm(positions, q, k.transpose(1, 2), 1.0, 1.0 / std::sqrt(double(head)));
    return torch::bmm(scores.softmax(-1, torch::promote_types(scores.scalar_type(), torch::kFloat)), v)
        .view({-1, heads, tokens, head});
}

torch::Tensor resize_positions(const torch::Tensor& pos_embed, int grid, int rows, int columns) {
    const auto positions = pos_embed.view({1, grid, grid, -1});
    if (rows == grid && columns == grid) return positions;
    namespace F = torch::nn::functional;
    const auto options = F::InterpolateFuncOptions()
                             .size(std::vector<std::int64_t>{rows, columns})
                             .mode(torch::kBicubic)
                             .align_corners(false);
    return F::interpolate(positions.permute({0, 3, 1, 2}), options).permute({0, 2, 3, 1});
}

AdaptiveAttentionImpl::AdaptiveAttentionImpl(int dim, int heads, int side) : heads(heads), side(side) {
    qkv = register_module("qkv", torch::nn::Linear(dim, 3 * dim));
    proj = register_module("proj", torch::nn::Linear(dim, dim));
    rel_pos_h = register_parameter("rel_pos_h", torch::empty({2 * side - 1, dim / heads}));
    rel_pos_w = register_parameter("rel_pos_w", torch::empty({2 * side - 1, dim / heads}));
}

torch::Tensor AdaptiveAttentionImpl::forward(const torch::Tensor& x, const AdaptedWeights& law) {
    const auto batch = x.size(0), windows = x.size(1), dim = x.size(4), head = dim / heads;
    const auto n = std::int64_t{side}, tokens = n * n, groups = batch * windows * heads;

    const auto projected = adapted_qkv(x.reshape({batch, windows * tokens, dim}), qkv->weight, qkv->bias, law);
    const auto parts = projected.view({batch * windows, tokens, 3, heads, head})
                           .permute({2, 0, 3, 1, 4})
                           .reshape({3, groups, tokens, head})
                           .unbind(0);
    const auto &q = parts[0], &k = parts[1], &v = parts[2];  // (groups, N, d)

    // A = (q / sqrt(d)) k^T + q R_h + q R_w, q unscaled in the two position terms (model.md section 3).
    const auto grid_q = q.view({groups, n, n, head});
    const auto rel_h =
        torch::matmul(grid_q, relative_positions(rel_pos_h, side).transpose(1, 2));  // (groups, n, n, n_kh)
    const auto rel_w = torch::matmul(grid_q.transpose(1, 2), relative_positions(rel_pos_w, side).transpose(1, 2))
                           .transpose(1, 2);  // (groups, n, n, n_kw)
    const auto attended = attend(q, k, v, rel_h, rel_w, heads, has_fused_attention && x.is_cuda())
                              .transpose(1, 2)
                              .reshape({batch, windows, n, n, dim});
    return proj(attended);
}

AdaptiveBlockImpl::AdaptiveBlockImpl(const VisionConfig& config, int index, int grid)
    : window(config.is_global(index) ? grid : config.window),
      // linearly 0 -> drop_path over the depth
      drop_path(config.depth > 1 ? config.drop_path * index / (config.depth - 1) : 0.0) {
    norm1 = register_module("norm1", make_norm(config.dim));
    attn = register_module("attn", AdaptiveAttention(config.dim, config.heads, window));
    norm2 = register_module("norm2", make_norm(config.dim));
    const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    fc1 = mlp->register_module("fc1", torch::nn::Linear(config.dim, config.mlp_hidden()));
    fc2 = mlp->register_module("fc2", torch::nn::Linear(config.mlp_hidden(), config.dim));
}

torch::Tensor AdaptiveBlockImpl::forward(const torch::Tensor& x, const AdaptedWeights& law) {
    const auto attended = unpartition(attn(partition(norm1(x), window), law), window, x.size(1), x.size(2));
    const auto y = x + drop_branch(attended, drop_path, is_training(), drop_draws, 0);
    return y + drop_branch(fc2(torch::gelu(fc1(norm2(y)))), drop_path, is_training(), drop_draws, 1);
}

PatchProjectionImpl::PatchProjectionImpl(int dim, int patch) {
    weight = register_parameter("weight", torch::empty({dim, 3, patch, patch}));
    bias = register_parameter("bias", torch::empty({dim}));
}

torch::Tensor PatchProjectionImpl::forward(const torch::Tensor& images) {
    const auto batch = images.size(0), patch = weight.size(2);
    const auto rows = images.size(2) / patch, columns = images.size(3) / patch;
    const auto patches = images.view({batch, 3, rows, patch, columns, patch})
                             .permute({0, 2, 4, 1, 3, 5})
                             .reshape({batch, rows, columns, 3 * patch * patch});
    return torch::linear(patches, weight.flatten(1), bias);
}

AdaptiveVitImpl::AdaptiveVitImpl(const ModelConfig& model) : config(model.vision) {
    patch_projection = PatchProjection(config.dim, config.patch);
    register_module("patch_embed", std::make_shared<torch::nn::Module>())
        ->register_module("proj", patch_projection.ptr());
    pos_embed =
        register_parameter("pos_embed", torch::empty({1, config.position_grid * config.position_grid, config.dim}));
    const auto list = register_module("blocks", std::make_shared<torch::nn::Module>());
    for (int i = 0; i < config.depth; ++i) {
        blocks.emplace_back(config, i, config.grid(model.image));
        list->register_module(std::to_string(i), blocks.back().ptr());
    }
}

torch::Tensor AdaptiveVitImpl::forward(const torch::Tensor& images, const std::vector<AdaptedWeights>& laws) {
    return encode(images, laws, false, [](int, const torch::Tensor& x) { return x; });
}

torch::Tensor AdaptiveVitImpl::encode(const torch::Tensor& images, const std::vector<AdaptedWeights>& laws, bool bf16,
                                      const AfterBlock& after, const torch::Tensor& owner) {
    auto x = patch_projection(images);  // (B, h, w, C)
    x = x + resize_positions(pos_embed, config.position_grid, int(x.size(1)), int(x.size(2)));
    if (owner.defined()) x = x.index_select(0, owner);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        AdaptedWeights law = laws.empty() ? AdaptedWeights{} : laws[i];
        law.materialize = materialize;
        x = after(int(i), checkpoint_blocks ? run_recomputed(blocks[i], x, law, bf16) : blocks[i](x, law));
    }
    return x;
}

std::int64_t AdaptiveVitImpl::dropping_blocks() const {
    return std::count_if(blocks.begin(), blocks.end(), [](const auto& block) { return block->drop_path > 0; });
}

void AdaptiveVitImpl::set_drop_draws(const torch::Tensor& draws) {
    std::int64_t row = 0;
    for (auto& block : blocks) {
        const bool drops = block->drop_path > 0;
        block->drop_draws = draws.defined() && drops ? draws.slice(0, row, row + 2) : torch::Tensor();
        if (drops) row += 2;
    }
}

}  // namespace vglaw::net
