// NCCL needs GPUs; what watches it does not: here it watches a second Gloo.
#include "vglaw/train/gpu_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/ranks.h"

#ifdef VGLAW_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <future>

#include "vglaw/train/rendezvous.h"
#endif

namespace vglaw::train {
namespace {

using testing::Each;

TEST(GpuSums, AreRefusedWhereThereIsNoGpu) {
    ProcessGroup alone;
    try {
        alone.use_nccl(torch::kCPU);
        FAIL() << "NCCL on a CPU";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        EXPECT_THAT(error.what(), testing::HasSubstr("train.device is cpu; set train.dist_backend = gloo"));
    }
    EXPECT_TRUE(alone.sums_on(torch::kCPU));
    EXPECT_FALSE(alone.sums_on(torch::Device(torch::kCUDA, 0)));
}

TEST(GpuSums, AreWhatGlooSaysOnTwoGpus) {
    if (torch::cuda::device_count() < 2 || no_gloo()) GTEST_SKIP() << "needs two GPUs, and Gloo";
    prepare_nccl();
    bool built = true;
    const auto failures = on_ranks(2, [&built](ProcessGroup& group) {
        const torch::Device device(torch::kCUDA, c10::DeviceIndex(group.rank()));
        net::use_gpu(device, false);
        try {
            group.use_nccl(device);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::unsupported) throw;
            built = false;  // both ranks alike
            return;
        }
        ASSERT_TRUE(group.sums_on(device));
        for (int round = 0; round < 3; ++round) {
            auto here = torch::arange(1000).to(torch::kFloat) * (group.rank() + 1), there = here.to(device);
            const auto first = group.start_add(there), second = group.start_add(here);
            group.finish(first);
            group.finish(second);
            EXPECT_TRUE(torch::equal(there.cpu(), here));  // two addends: one order
        }
    });
    EXPECT_THAT(failures, Each(""));
    if (!built) GTEST_SKIP() << "this build has no NCCL";
}

#ifdef VGLAW_GLOO

c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_of(const std::string& name, const Rendezvous& ranks, int rank) {
    auto options = c10d::ProcessGroupGloo::Options::create(std::chrono::seconds(60));
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    return c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>(name, ranks.store()),
                                                       rank, 2, options);
}

struct Rank {
    Rank(int number, int port)
        : ranks(launch_of(number, 2, port), std::chrono::seconds(60)),
          backend(gloo_of("sums", ranks, number)),
          watch(gloo_of("watch", ranks, number)) {}
    Rendezvous ranks;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> backend, watch;
};

/// Rank 1 as a thread: body(rank), then it stays until this goes, which is before rank 0's groups go. Nothing waits
/// for ever: both connect within a minute or throw.
class Other {
public:
    Other(int port, std::function<void(Rank&)> body)
        : thread_(std::async(std::launch::async, [this, port, body = std::move(body)] {
              Rank rank(1, port);
              both_.get_future().wait();
              body(rank);
              seen_.get_future().wait();
          })) {}
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;
    ~Other() {
        if (!connected_) both_.set_value();
        seen_.set_value();
        thread_.wait();
    }
    /// Rank 0 is there too.
    void connected() {
        connected_ = true;
        both_.set_value();
    }

private:
    std::promise<void> both_, seen_;
    bool connected_ = false;
    std::future<void> thread_;
};

void wait_for_nobody() {}

TEST(GpuSums, FinishInTheOrderOfTheirStartAndCanBeginAgain) {
    const int port = free_port();
    const auto sums = [port](int number) {
        Rank rank(number, port);
        GpuSums gpu(rank.backend, *rank.watch, 2);
        gpu.meet(torch::kCPU, wait_for_nobody);
        for (int round = 0; round < 3; ++round) {
            auto first = torch::full({4}, 1.0F + float(number)), second = first * 10;
            EXPECT_TRUE(gpu.idle());
            const auto one = gpu.start(first), two = gpu.start(second);
            EXPECT_FALSE(gpu.idle());
            // One rank comes to finish() later, by more than the time between two beats.
            if (number == round % 2) std::this_thread::sleep_for(std::chrono::milliseconds(500));
            gpu.finish(*one, wait_for_nobody);
            gpu.finish(*two, wait_for_nobody);
            EXPECT_TRUE(torch::equal(first, torch::full({4}, 3.0F)));
            EXPECT_TRUE(torch::equal(second, torch::full({4}, 30.0F)));
        }
        gpu.close();
        rank.ranks.leave();
    };
    auto other = std::async(std::launch::async, sums, 1);
    sums(0);
    other.get();
}

/// How a sum of rank 0's ends while the other rank is as `body` leaves it.
template <typename Expected>
void expect_end(const std::function<void(Rank&)>& body, const GpuSums::Ask& ask) {
    const int port = free_port();
    Other other(port, body);
    Rank rank(0, port);
    other.connected();
    {
        GpuSums gpu(rank.backend, *rank.watch, 2);
        auto values = torch::ones({4});
        const auto start = std::chrono::steady_clock::now();
        const auto sum = gpu.start(values);
        EXPECT_THROW(gpu.finish(*sum, ask), Expected);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));  // Gloo gives up after 60
        EXPECT_FALSE(gpu.idle());
    }
    (void)rank.backend.release();  // its sum never ends
    (void)rank.watch.release();
}

// The connection of the watch breaks; that of the sums stays, and is silent as NCCL's is.
TEST(GpuSums, ARankThatIsGoneEndsASumThatWouldWaitForIt) {
    expect_end<RankGone>([](Rank& other) { other.watch.reset(); }, wait_for_nobody);
}

TEST(GpuSums, ARankThatGoesAfterTheSumsHaveBegunEndsThemToo) {
    expect_end<RankGone>(
        [](Rank& other) {
            std::vector<torch::Tensor> beat{torch::zeros({1})};
            other.watch->allreduce(beat)->wait();
            other.watch.reset();
        },
        wait_for_nobody);
}

TEST(GpuSums, WhoWaitsAsksWhetherAnotherRankHasFailed) {
    expect_end<Error>([](Rank&) {}, [] { fail(ErrorCode::io, "rank 1: no"); });
}

TEST(GpuSums, ARankThatIsGoneBeforeTheFirstSumIsNotWaitedFor) {
    const int port = free_port();
    Other other(port, [](Rank& rank) { rank.watch.reset(); });
    Rank rank(0, port);
    other.connected();
    {
        GpuSums gpu(rank.backend, *rank.watch, 2);
        EXPECT_THROW(gpu.meet(torch::kCPU, wait_for_nobody), RankGone);
    }
    (void)rank.watch.release();
}

#endif

}  // namespace
}  // namespace vglaw::train
