// Sums of tensors where they are, on GPUs: c10d's NCCL, watched by Gloo.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <functional>
#include <stdexcept>

#include "vglaw/net/compat.h"

#if VGLAW_TORCH_SINCE(2, 0)
#include <torch/csrc/distributed/c10d/Backend.hpp>
#else
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#endif

namespace vglaw::train {

#if VGLAW_TORCH_SINCE(2, 0)
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif
using Work = c10::intrusive_ptr<c10d::Work>;

/// To be called while the process has one thread, where open_nccl() is to follow. c10d's own watch over NCCL, which
/// would abort the process without a reason of ours, is turned off by its environment variables.
void prepare_nccl();

/// c10d's NCCL for this rank, whose GPU is the current one; the ranks meet through `store` at their first sum. Throws
/// unsupported when this build has no NCCL or the header of another version than LibTorch's, and what c10d throws when
/// there is no GPU.
[[nodiscard]] c10::intrusive_ptr<Backend> open_nccl(c10::intrusive_ptr<c10d::Store> store, int rank, int world);

/// Another process is gone.
struct RankGone : std::runtime_error {
    using runtime_error::runtime_error;
};

/// NCCL waits for a rank that was killed; Gloo sees its connection break. So while sums of `backend` are waited for,
/// small ones of `watch` follow each other until every rank has all of its own. All ranks make the same calls in the
/// same order.
class GpuSums {
public:
    /// Called five times a second by who waits; may throw.
    using Ask = std::function<void()>;

    /// `watch` is of `world` ranks and must outlive this.
    GpuSums(c10::intrusive_ptr<Backend> backend, Backend& watch, int world);
    /// Unless closed, it leaves the backend alone: what is under way may never end.
    ~GpuSums();
    GpuSums(const GpuSums&) = delete;
    GpuSums& operator=(const GpuSums&) = delete;

    /// The first sum, on `device`: with it NCCL connects the ranks, and blocks for that.
    void meet(const torch::Device& device, const Ask& ask);
    /// `values` is not to be touched before finish(). Throws what the backend does, or RankGone.
    [[nodiscard]] Work start(torch::Tensor values);
    /// Returns when the sum is there, also for what is queued next on the current stream. Throws what went wrong in it,
    /// or RankGone.
    void finish(c10d::Work& sum, const Ask& ask);
    [[nodiscard]] bool idle() const { return under_way_ == 0; }
    /// When the last sum of all is done, by all ranks.
    void close() noexcept;

private:
    void beat(bool done);
    [[nodiscard]] bool answered() const;
    template <typename Done>
    void wait_for(Done&& done, const Ask& ask);
    void settle(const Ask& ask);

    c10::intrusive_ptr<Backend> backend_;
    Backend& watch_;
    int world_, under_way_ = 0;
    bool closed_ = false;
    torch::Tensor done_;  // how many ranks have all their sums, when the pulse is there
    Work pulse_;
};

}  // namespace vglaw::train
