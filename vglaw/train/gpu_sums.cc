#include "vglaw/train/gpu_sums.h"

#include <chrono>
#include <exception>
#include <future>
#include <string>
#include <thread>

#include "vglaw/core/error.h"

#ifdef VGLAW_NCCL
#include <nccl.h>
#include <torch/csrc/cuda/nccl.h>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include <cstdlib>
#endif

namespace vglaw::train {
namespace {

using Clock = std::chrono::steady_clock;

void throw_failure_of(c10d::Work& work) {
    if (const auto error = work.exception()) std::rethrow_exception(error);
}

/// A moment's pause; whether it was time to ask again.
bool tick(Clock::time_point& asked, const GpuSums::Ask& ask) {
    std::this_thread::sleep_for(std::chrono::microseconds(20));
    if (Clock::now() - asked < std::chrono::milliseconds(200)) return false;
    ask();
    asked = Clock::now();
    return true;
}

}  // namespace

void prepare_nccl() {
#ifdef VGLAW_NCCL
    // With blocking waits c10d starts no thread of its own that ends the process; the others are for versions that do.
    // Overwritten: torchrun sets some of them for the programs it starts.
    ::setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 1);
    for (const char* name :
         {"TORCH_NCCL_ASYNC_ERROR_HANDLING", "TORCH_NCCL_ENABLE_MONITORING", "TORCH_NCCL_DUMP_ON_TIMEOUT",
          "TORCH_NCCL_DESYNC_DEBUG", "TORCH_NCCL_RETHROW_CUDA_ERRORS", "TORCH_NCCL_TRACE_BUFFER_SIZE"}) {
        ::setenv(name, "0", 1);
    }
#endif
}

c10::intrusive_ptr<Backend> open_nccl([[maybe_unused]] c10::intrusive_ptr<c10d::Store> store, [[maybe_unused]] int rank,
                                      [[maybe_unused]] int world) {
#ifdef VGLAW_NCCL
    // c10d's objects hold NCCL's structures, which grow from version to version: with another header than LibTorch's
    // own they overrun what is allocated for them here.
    constexpr std::uint64_t here = std::uint64_t{NCCL_MAJOR} << 32 | std::uint64_t{NCCL_MINOR} << 16 | NCCL_PATCH;
    if (const auto theirs = torch::cuda::nccl::version(); theirs != here) {
        fail(ErrorCode::unsupported,
             "this program was built with the header of NCCL {}.{}.{}, but LibTorch with NCCL {}.{}.{}; build again "
             "with -DVGLAW_NCCL_INCLUDE=FOLDER of that nccl.h, or set train.dist_backend = gloo",
             NCCL_MAJOR, NCCL_MINOR, NCCL_PATCH, theirs >> 32, theirs >> 16 & 0xFFFF, theirs & 0xFFFF);
    }
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = std::chrono::minutes(30);  // as Gloo's
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(std::move(store), rank, world, std::move(options));
#else
    fail(
        ErrorCode::unsupported,
        "train.dist_backend is nccl, but this build has no NCCL; set it to gloo, or build against a LibTorch with CUDA "
        "where nccl.h is (docs/training.md)");
#endif
}

GpuSums::GpuSums(c10::intrusive_ptr<Backend> backend, Backend& watch, int world)
    : backend_(std::move(backend)), watch_(watch), world_(world) {}

GpuSums::~GpuSums() {
    if (!closed_) (void)backend_.release();
}

void GpuSums::close() noexcept {
    if (!idle()) return;
    try {
#ifdef VGLAW_NCCL
        backend_->shutdown();  // c10d complains of who just drops it
#endif
        closed_ = true;
    } catch (const std::exception&) {
        return;  // nothing is lost any more
    }
}

void GpuSums::beat(bool done) {
    done_ = torch::full({1}, done ? 1.0F : 0.0F);
    std::vector<torch::Tensor> list{done_};
    try {
        pulse_ = watch_.allreduce(list);
    } catch (const std::exception& error) {
        throw RankGone(error.what());
    }
}

bool GpuSums::answered() const {
    if (!pulse_->isCompleted()) return false;
    try {
        throw_failure_of(*pulse_);
    } catch (const std::exception& error) {
        throw RankGone(error.what());
    }
    return true;
}

template <typename Done>
void GpuSums::wait_for(Done&& done, const Ask& ask) {
    for (auto asked = Clock::now(); !done();) {
        const bool all_alive = answered();
        if (tick(asked, ask) && all_alive) beat(false);
    }
}

// A rank beats as often as any other: all see the same counts, and stop at the one that is all of them.
void GpuSums::settle(const Ask& ask) {
    for (bool all_done = false; !all_done;) {
        for (auto asked = Clock::now(); !answered();) tick(asked, ask);
        all_done = int(done_.item<float>()) == world_;
        if (!all_done) beat(true);
    }
    --under_way_;
}

void GpuSums::meet(const torch::Device& device, const Ask& ask) {
    beat(false);
    ++under_way_;
    std::promise<void> promise;
    auto met = promise.get_future();
    // A thread of its own, which nobody waits for: when another rank is gone it never ends.
    std::thread([backend = backend_, device, promise = std::move(promise)]() mutable {
        try {
            std::vector<torch::Tensor> list{torch::zeros({1}, device)};
            const auto sum = backend->allreduce(list);
            while (!sum->isCompleted()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            throw_failure_of(*sum);
            backend.reset();
            promise.set_value();
        } catch (...) {
            promise.set_exception(std::current_exception());
        }
    }).detach();
    wait_for([&met] { return met.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }, ask);
    met.get();
    settle(ask);
}

Work GpuSums::start(torch::Tensor values) {
    if (under_way_ == 0) beat(false);
    std::vector<torch::Tensor> list{std::move(values)};
    ++under_way_;  // even if that fails: the pulse is
    return backend_->allreduce(list);
}

void GpuSums::finish(c10d::Work& sum, const Ask& ask) {
    wait_for([&sum] { return sum.isCompleted(); }, ask);
    throw_failure_of(sum);
    sum.wait();  // the host has waited already: this is for the stream
    if (under_way_ == 1) {
        settle(ask);
    } else {
        --under_way_;
    }
}

}  // namespace vglaw::train
