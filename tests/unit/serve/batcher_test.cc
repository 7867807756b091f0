#include "vglaw/serve/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <set>
#include <stdexcept>

#include "vglaw/core/error.h"

namespace vglaw::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

/// A network whose answer tells what it was asked: box = (first id, first pixel, batch, token count).
class Echo final : public Forward {
public:
    Echo() { config_.image.size = 2; }
    [[nodiscard]] const ModelConfig& config() const override { return config_; }
    void run(const ForwardInput& input, ForwardOutput& output) override {
        if (before) before();
        const auto batch = std::size_t(input.batch), length = std::size_t(input.tokens);
        output.boxes_cxcywh.clear();
        output.mask_logits.clear();
        for (std::size_t b = 0; b < batch; ++b) {
            const float* image = input.images + (input.one_image ? 0 : b * 12);
            float tokens = 0;
            for (std::size_t i = 0; i < length; ++i) tokens += float(input.token_mask[b * length + i]);
            output.boxes_cxcywh.insert(output.boxes_cxcywh.end(),
                                       {float(input.ids[b * length]), image[0], float(batch), tokens});
            output.mask_logits.insert(output.mask_logits.end(), 4, image[0]);
        }
        output.pool_attention.assign(batch, 0.5f);
        output.token_attention.assign(batch * length, 0.25f);
    }
    std::function<void()> before;

private:
    ModelConfig config_;
};

struct Request final : BatchClient {
    Request(std::size_t count, int number) : canvas(12, float(number)), queries(count), boxes(count), left(std::ptrdiff_t(count)) {
        for (std::size_t i = 0; i < count; ++i) queries[i].ids.assign(1 + i, number * 100 + std::int64_t(i));
    }
    std::vector<BatchItem> items(const std::shared_ptr<Request>& self, TimePoint deadline = TimePoint::max()) {
        std::vector<BatchItem> out;
        for (std::size_t i = 0; i < queries.size(); ++i)
            out.push_back({self, i, canvas.data(), &queries[i], deadline, {}});
        return out;
    }
    [[nodiscard]] bool abandoned() const override { return gone; }
    void computed(std::size_t index, const ComputedRow& row) override {
        std::copy_n(row.box_cxcywh, 4, boxes[index].begin());
        EXPECT_EQ(row.mask_logits.size(), 4U);
        EXPECT_EQ(row.mask_logits[0], canvas[0]);
        EXPECT_LE(row.queued, row.started);
        EXPECT_LE(row.started, row.finished);
        left.count_down();
    }
    void uncomputed(std::size_t, Uncomputed why, const std::string& message) override {
        if (why == Uncomputed::late) ++late;
        if (why == Uncomputed::abandoned) ++dropped;
        if (why == Uncomputed::failed) {
            ++failed;
            const std::lock_guard lock(mutex);
            said = message;
        }
        left.count_down();
    }
    std::vector<float> canvas;
    std::vector<GroundingQuery> queries;
    std::vector<std::array<float, 4>> boxes;
    std::latch left;
    std::atomic<bool> gone{false};
    std::atomic<int> late{0}, dropped{0}, failed{0};
    std::mutex mutex;
    std::string said;
};

Batcher::MakeForward echo(std::function<void()> before = {}) {
    return [before] {
        auto forward = std::make_unique<Echo>();
        forward->before = before;
        return forward;
    };
}

/// A pass that stands still until it is let go, so that what comes meanwhile has to wait.
struct Gate {
    std::promise<void> entered;
    std::promise<void> open;
    std::shared_future<void> opened = open.get_future().share();
    std::atomic<int> passes{0};
    std::function<void()> wait() {
        return [this] {
            if (passes++ == 0) {
                entered.set_value();
                opened.wait();
            }
        };
    }
};

TEST(Batcher, GivesEachOfManyClientsItsOwnAnswer) {
    std::atomic<std::size_t> expressions{0};
    Batcher batcher({.max_batch = 5, .queue = 10'000}, 3, echo(), [&](std::size_t count, Duration) { expressions += count; });
    constexpr int threads = 8, each = 50;
    std::vector<std::jthread> clients;
    for (int t = 0; t < threads; ++t) {
        clients.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const int number = 1 + t * each + i;
                const auto request = std::make_shared<Request>(std::size_t(1 + i % 3), number);
                ASSERT_TRUE(batcher.push(request->items(request)));
                request->left.wait();
                for (std::size_t k = 0; k < request->boxes.size(); ++k) {
                    EXPECT_EQ(request->boxes[k][0], float(number * 100 + int(k)));
                    EXPECT_EQ(request->boxes[k][1], float(number));
                    EXPECT_EQ(request->boxes[k][3], float(1 + k)) << "padding is no token";
                }
            }
        });
    }
    clients.clear();
    batcher.drain();
    EXPECT_EQ(expressions, std::size_t(threads * (17 * 1 + 17 * 2 + 16 * 3)));
}

TEST(Batcher, PutsWhatCameMeanwhileIntoOnePass) {
    Gate gate;
    Batcher batcher({.max_batch = 8}, 1, echo(gate.wait()));
    const auto first = std::make_shared<Request>(1, 1);
    ASSERT_TRUE(batcher.push(first->items(first)));
    gate.entered.get_future().wait();
    const auto second = std::make_shared<Request>(1, 2), third = std::make_shared<Request>(2, 3);
    ASSERT_TRUE(batcher.push(second->items(second)));
    ASSERT_TRUE(batcher.push(third->items(third)));
    EXPECT_EQ(batcher.waiting(), 3U);
    gate.open.set_value();
    second->left.wait();
    third->left.wait();
    EXPECT_EQ(first->boxes[0][2], 1) << "it was alone";
    EXPECT_EQ(second->boxes[0][2], 3);
    EXPECT_EQ(third->boxes[1][2], 3);
    EXPECT_EQ(third->boxes[1][1], 3) << "and saw its own picture";
}

TEST(Batcher, RefusesAtOnceWhenTheQueueIsFull) {
    Gate gate;
    Batcher batcher({.max_batch = 1, .queue = 2}, 1, echo(gate.wait()));
    const auto first = std::make_shared<Request>(1, 1), second = std::make_shared<Request>(2, 2),
               third = std::make_shared<Request>(1, 3);
    ASSERT_TRUE(batcher.push(first->items(first)));
    gate.entered.get_future().wait();
    ASSERT_TRUE(batcher.push(second->items(second)));
    EXPECT_TRUE(batcher.full());
    EXPECT_FALSE(batcher.push(third->items(third)));
    gate.open.set_value();
    second->left.wait();
    EXPECT_TRUE(batcher.push(third->items(third))) << "and takes it once there is room";
    third->left.wait();
}

TEST(Batcher, DoesNotComputeForWhoIsGoneOrLate) {
    Gate gate;
    Batcher batcher({.max_batch = 8}, 1, echo(gate.wait()));
    const auto first = std::make_shared<Request>(1, 1), gone = std::make_shared<Request>(2, 2),
               late = std::make_shared<Request>(1, 3), kept = std::make_shared<Request>(1, 4);
    ASSERT_TRUE(batcher.push(first->items(first)));
    gate.entered.get_future().wait();
    ASSERT_TRUE(batcher.push(gone->items(gone)));
    ASSERT_TRUE(batcher.push(late->items(late, Clock::now())));
    ASSERT_TRUE(batcher.push(kept->items(kept)));
    gone->gone = true;
    gate.open.set_value();
    for (const auto& request : {gone, late, kept}) request->left.wait();
    EXPECT_EQ(gone->dropped, 2);
    EXPECT_EQ(late->late, 1);
    EXPECT_EQ(kept->boxes[0][2], 1) << "its pass was its own";
    batcher.drain();
    EXPECT_EQ(gate.passes, 2);
}

TEST(Batcher, TellsTheLateWithoutAnotherRequest) {
    Batcher batcher({.max_batch = 8, .max_wait = seconds(30)}, 1, echo());
    const auto late = std::make_shared<Request>(1, 1);
    const auto begin = Clock::now();
    ASSERT_TRUE(batcher.push(late->items(late, begin + milliseconds(20))));
    late->left.wait();
    EXPECT_EQ(late->late, 1);
    EXPECT_LT(Clock::now() - begin, seconds(10));
}

TEST(Batcher, DrainsWhatWaitsAndTakesNothingMore) {
    Gate gate;
    auto batcher = std::make_unique<Batcher>(BatchLimits{.max_batch = 1, .max_wait = seconds(30)}, 1, echo(gate.wait()));
    std::vector<std::shared_ptr<Request>> requests;
    for (int i = 1; i <= 5; ++i) {
        requests.push_back(std::make_shared<Request>(1, i));
        ASSERT_TRUE(batcher->push(requests.back()->items(requests.back())));
    }
    gate.entered.get_future().wait();
    std::jthread drain([&] { batcher->drain(); });
    gate.open.set_value();
    drain.join();
    for (const auto& request : requests) EXPECT_TRUE(request->left.try_wait());
    const auto more = std::make_shared<Request>(1, 9);
    EXPECT_FALSE(batcher->push(more->items(more)));
}

TEST(Batcher, TellsEveryoneOfAPassThatFails) {
    std::atomic<int> passes{0};
    Batcher batcher({.max_batch = 8}, 1, echo([&] {
        if (passes++ == 0) throw Error(ErrorCode::internal, "the kernel slipped");
    }));
    const auto first = std::make_shared<Request>(2, 1), second = std::make_shared<Request>(1, 2);
    ASSERT_TRUE(batcher.push(first->items(first)));
    first->left.wait();
    EXPECT_EQ(first->failed, 2);
    EXPECT_EQ(first->said, "the kernel slipped");
    ASSERT_TRUE(batcher.push(second->items(second)));
    second->left.wait();
    EXPECT_EQ(second->failed, 0) << "the next pass is a new one";
}

TEST(Batcher, ComputesInSeveralWorkersAtOnce) {
    std::latch both(2);  // each pass waits for the other: one worker alone would never come through
    Batcher batcher({.max_batch = 1}, 2, echo([&] { both.arrive_and_wait(); }));
    const auto request = std::make_shared<Request>(2, 1);
    ASSERT_TRUE(batcher.push(request->items(request)));
    request->left.wait();
    EXPECT_EQ(request->boxes[1][0], 101);
}

TEST(Batcher, WantsABatchAQueueAndAWorker) {
    EXPECT_THROW(Batcher({.max_batch = 0}, 1, echo()), Error);
    EXPECT_THROW(Batcher({.queue = 0}, 1, echo()), Error);
    EXPECT_THROW(Batcher({}, 0, echo()), Error);
}

}  // namespace
}  // namespace vglaw::serve
