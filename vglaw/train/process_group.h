// The processes that train one network together: LibTorch's c10d, started by the usual variables.
#pragma once

#include <memory>

#include "vglaw/net/torch.h"

namespace vglaw::train {

/// One process, or the ranks of a group. RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say which; rank 0 opens the port
/// (torchrun opens it itself, so under torchrun this does not work yet). Without WORLD_SIZE, or with 1, the process is
/// alone and every call below does nothing. GLOO_SOCKET_IFNAME picks the network interface.
class ProcessGroup {
public:
    /// Waits for every rank. Throws invalid_argument for variables that are missing or contradict each other, io when
    /// the others do not come within five minutes, unsupported when this build has no Gloo.
    ProcessGroup();
    ~ProcessGroup();
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;

    [[nodiscard]] int rank() const { return rank_; }
    [[nodiscard]] int world() const { return world_; }
    [[nodiscard]] bool leads() const { return rank_ == 0; }  ///< validates, logs and writes

    /// Every gradient becomes the mean over the ranks. Parameters without one must be the same ones on every rank.
    /// Throws io when a rank is gone.
    void average_gradients(const std::vector<torch::Tensor>& parameters);
    /// Whether any rank says so: who wants to stop, say. Throws io when a rank is gone.
    [[nodiscard]] bool any(bool flag);

private:
    struct Impl;
    void add_over_ranks(torch::Tensor& values);
    int rank_ = 0, world_ = 1;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vglaw::train
