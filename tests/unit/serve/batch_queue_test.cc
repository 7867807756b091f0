#include "vglaw/serve/batch_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vglaw::serve {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

struct Client final : BatchClient {
    bool gone = false;
    [[nodiscard]] bool abandoned() const override { return gone; }
    void computed(std::size_t, const ComputedRow&) override {}
    void uncomputed(std::size_t, Uncomputed, const std::string&) override {}
};

constexpr TimePoint start{};

std::vector<BatchItem> items(const std::shared_ptr<Client>& client, std::size_t first, std::size_t count,
                             TimePoint deadline = TimePoint::max()) {
    std::vector<BatchItem> out;
    for (std::size_t i = first; i < first + count; ++i) out.push_back({client, i, nullptr, nullptr, deadline, {}});
    return out;
}

std::vector<std::size_t> indices(const std::vector<BatchItem>& some) {
    std::vector<std::size_t> out;
    for (const auto& item : some) out.push_back(item.index);
    return out;
}

TEST(BatchQueue, GivesWhatIsThereWhenNobodyShallWait) {
    BatchQueue queue({.max_batch = 4});
    ASSERT_TRUE(queue.push(items(std::make_shared<Client>(), 0, 2), start));
    EXPECT_THAT(indices(queue.next(start, false).batch), ElementsAre(0, 1));
    EXPECT_EQ(queue.size(), 0U);
}

TEST(BatchQueue, WaitsForOthersUntilTheFirstHasWaitedLongEnough) {
    BatchQueue queue({.max_batch = 4, .max_wait = milliseconds(5)});
    const auto client = std::make_shared<Client>();
    ASSERT_TRUE(queue.push(items(client, 0, 1), start));
    const auto early = queue.next(start + milliseconds(4), false);
    EXPECT_THAT(early.batch, IsEmpty());
    EXPECT_EQ(early.due, start + milliseconds(5));
    ASSERT_TRUE(queue.push(items(client, 1, 1), start + milliseconds(4)));
    EXPECT_THAT(indices(queue.next(start + milliseconds(5), false).batch), ElementsAre(0, 1));
}

TEST(BatchQueue, WaitsNoLongerOnceABatchIsFull) {
    BatchQueue queue({.max_batch = 2, .max_wait = milliseconds(5)});
    ASSERT_TRUE(queue.push(items(std::make_shared<Client>(), 0, 3), start));
    EXPECT_THAT(indices(queue.next(start, false).batch), ElementsAre(0, 1));
    EXPECT_THAT(queue.next(start, false).batch, IsEmpty()) << "the third waits again";
    EXPECT_THAT(indices(queue.next(start, true).batch), ElementsAre(2)) << "unless there is a hurry";
}

TEST(BatchQueue, RefusesAtOnceWhatDoesNotFit) {
    BatchQueue queue({.max_batch = 1, .queue = 3});
    const auto client = std::make_shared<Client>();
    ASSERT_TRUE(queue.push(items(client, 0, 2), start));
    EXPECT_FALSE(queue.full());
    EXPECT_FALSE(queue.push(items(client, 2, 2), start)) << "all or none";
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_TRUE(queue.push(items(client, 2, 1), start));
    EXPECT_TRUE(queue.full());
}

TEST(BatchQueue, TakesALargeRequestWhenItIsEmpty) {
    BatchQueue queue({.max_batch = 2, .queue = 3});
    EXPECT_TRUE(queue.push(items(std::make_shared<Client>(), 0, 5), start));
    EXPECT_EQ(queue.size(), 5U);
}

TEST(BatchQueue, TakesOutWhoIsLateAndWhoIsGone) {
    BatchQueue queue({.max_batch = 8});
    const auto here = std::make_shared<Client>(), gone = std::make_shared<Client>();
    gone->gone = true;
    ASSERT_TRUE(queue.push(items(here, 0, 1, start + milliseconds(10)), start));
    ASSERT_TRUE(queue.push(items(gone, 1, 1), start));
    ASSERT_TRUE(queue.push(items(here, 2, 1, start + milliseconds(11)), start));
    const auto next = queue.next(start + milliseconds(10), false);
    EXPECT_THAT(indices(next.late), ElementsAre(0)) << "a deadline that is reached has passed";
    EXPECT_THAT(indices(next.abandoned), ElementsAre(1));
    EXPECT_THAT(indices(next.batch), ElementsAre(2));
}

TEST(BatchQueue, AsksToBeWokenForTheNearestDeadline) {
    BatchQueue queue({.max_batch = 8, .max_wait = milliseconds(50)});
    const auto client = std::make_shared<Client>();
    ASSERT_TRUE(queue.push(items(client, 0, 1, start + milliseconds(40)), start));
    ASSERT_TRUE(queue.push(items(client, 1, 1, start + milliseconds(30)), start));
    EXPECT_EQ(queue.next(start, false).due, start + milliseconds(30));
}

TEST(BatchQueue, HasNothingToSayWhenEmpty) {
    BatchQueue queue({});
    const auto next = queue.next(start, true);
    EXPECT_THAT(next.batch, IsEmpty());
    EXPECT_FALSE(next.due);
}

}  // namespace
}  // namespace vglaw::serve
