// Adds the gradients of all ranks while the backward pass is still computing the others.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vglaw/net/torch.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// Gradients are gathered in buckets, filled from the last parameter to the first, as backward makes them. A bucket's
/// sum starts when its last gradient is ready and all buckets before it have started: the order is the same on every
/// rank, and so are the sums' bits from run to run. Alone it does nothing.
///
///     GradientReducer reducer(group, network->parameters());
///     reducer.arm();  // before the last backward() of a step
///     loss.backward();
///     reducer.finish();  // every gradient is now the sum over the ranks
class GradientReducer {
public:
    static constexpr std::int64_t default_bucket = std::int64_t{1} << 20;  // elements: 4 MiB

    /// `parameters` of float on one device, each rank's the same; `group` must outlive this.
    GradientReducer(ProcessGroup& group, const std::vector<torch::Tensor>& parameters,
                    std::int64_t bucket_elements = default_bucket);
    ~GradientReducer();
    GradientReducer(const GradientReducer&) = delete;
    GradientReducer& operator=(const GradientReducer&) = delete;

    /// The next backward pass makes the step's final gradients.
    void arm();
    /// Sums what backward did not reach (a parameter without a gradient stays so; it must be one on every rank) and
    /// waits for all. Throws io when a rank is gone.
    void finish();
    /// Of the last step: buckets whose sum had started when backward returned.
    [[nodiscard]] std::size_t overlapped() const { return overlapped_; }
    [[nodiscard]] std::size_t buckets() const { return buckets_.size(); }

private:
    struct Parameter {
        torch::Tensor value;
        std::size_t bucket = 0;
        std::int64_t offset = 0;
        // Kept: the parameter itself holds it weakly. What kind of pointer it is differs between LibTorch's versions.
        decltype(torch::autograd::impl::grad_accumulator(value)) accumulator;
        std::uintptr_t hook = 0;
        bool taken = false;  // in the armed pass
    };
    struct Bucket {
        torch::Tensor gathered;  // where the parameters are
        torch::Tensor flat;      // where the group sums: `gathered` itself, or on the CPU when it cannot sum there
        std::size_t members = 0, missing = 0;
        ProcessGroup::PendingSum sum;
    };
    void take(Parameter& parameter);
    [[nodiscard]] torch::Tensor place(const Parameter& parameter) const;  ///< in its bucket
    void start_next();

    ProcessGroup& group_;
    std::vector<Parameter> parameters_;
    std::vector<Bucket> buckets_;
    std::size_t next_ = 0, overlapped_ = 0;
    bool armed_ = false;
};

}  // namespace vglaw::train
