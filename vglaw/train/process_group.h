// The processes that train one network together, over LibTorch's c10d.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "vglaw/net/torch.h"
#include "vglaw/train/launch.h"

namespace vglaw::train {

/// One process, or the ranks of a group over Gloo. Alone, every call below does nothing and returns what it was given.
/// All ranks must make the same calls in the same order; what they give and get are CPU tensors, for sums also those on
/// use_nccl()'s GPU. GLOO_SOCKET_IFNAME picks the network interface. Every call throws io when another rank has failed,
/// with that rank's reason.
class ProcessGroup {
public:
    /// A sum under way.
    class Pending;
    using PendingSum = std::shared_ptr<Pending>;

    /// Waits until every rank is there. Throws io and names those that have not come in time, unsupported when this
    /// build has no Gloo.
    explicit ProcessGroup(const Launch& launch = {}, std::chrono::seconds timeout = std::chrono::minutes(5));
    ~ProcessGroup();
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;

    [[nodiscard]] int rank() const { return launch_.rank; }
    [[nodiscard]] int world() const { return launch_.world; }
    [[nodiscard]] int local_rank() const { return launch_.local_rank; }
    [[nodiscard]] bool alone() const { return launch_.world == 1; }
    [[nodiscard]] bool leads() const { return launch_.rank == 0; }  ///< logs and writes

    /// From now on NCCL sums tensors on `device`, this process's GPU, without a way through the host; by all ranks, and
    /// prepare_nccl() was called while the process had one thread. Throws invalid_argument when that is no GPU,
    /// unsupported when this build has no NCCL.
    void use_nccl(const torch::Device& device);
    static void prepare_nccl();
    /// Whether sums take tensors of that device.
    [[nodiscard]] bool sums_on(const torch::Device& device) const;

    /// `values` becomes the sum over the ranks, the same bits on every rank.
    void add(torch::Tensor values);
    /// The same in the background: `values` must not be touched before finish(). Null when alone.
    [[nodiscard]] PendingSum start_add(torch::Tensor values);
    void finish(const PendingSum& sum);
    /// Each rank's `values` (n) -> (world, n), row r rank r's.
    [[nodiscard]] torch::Tensor gather(const torch::Tensor& values);
    /// Whether any rank says so: who wants to stop, say.
    [[nodiscard]] bool any(bool flag);
    /// The leading rank's text.
    [[nodiscard]] std::string from_leader(const std::string& text);

    /// To be called before this process ends because of `reason`: the others end with it instead of waiting. Where the
    /// others read it from this process it stays until they have, at most a quarter of a minute.
    void tell_failure(const std::string& reason) noexcept;
    /// To be called when all is done, so that nobody misses the one through whom the ranks met.
    void leave() noexcept;

private:
    struct Meeting;
    [[noreturn]] void fail_like_another(const std::string& what);
    void fail_if_told();
    template <typename Call>
    auto on_gpu(Call&& call);
    Launch launch_;
    std::unique_ptr<Meeting> meeting_;
};

}  // namespace vglaw::train
