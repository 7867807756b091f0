#include "vglaw/data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/data/painted.h"

namespace vglaw {
namespace {

const PrepareOptions kPrepare{.size = 32, .max_tokens = 8};

LoaderOptions options(int threads) {
    return {.batch_size = 3, .threads = threads, .prefetch = 2, .shuffle = true, .seed = 42};
}

std::vector<Batch> epochs(Loader& loader, int count) {
    std::vector<Batch> batches;
    for (int epoch = 0; epoch < count; ++epoch) {
        while (auto batch = loader.next()) batches.push_back(std::move(*batch));
    }
    return batches;
}

void expect_same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].indices, b[i].indices) << i;
        EXPECT_EQ(a[i].ids, b[i].ids) << i;
        EXPECT_EQ(a[i].token_mask, b[i].token_mask) << i;
        EXPECT_EQ(a[i].boxes, b[i].boxes) << i;
        EXPECT_TRUE(a[i].images == b[i].images) << i;
        EXPECT_TRUE(a[i].masks == b[i].masks) << i;
    }
}

TEST(Loader, GivesTheSameBatchesForAnyNumberOfThreads) {
    const PaintedDataset dataset(17);
    const Tokenizer tokenizer = small_tokenizer();
    Loader alone(dataset, tokenizer, kPrepare, Augmentation({}), options(0));
    EXPECT_EQ(alone.batches(), 6U);
    const auto expected = epochs(alone, 2);
    ASSERT_EQ(expected.size(), 12U);
    EXPECT_EQ(expected[5].count, 2U);
    EXPECT_NE(expected[0].indices, expected[6].indices);
    for (const int threads : {1, 3}) {
        Loader loader(dataset, tokenizer, kPrepare, Augmentation({}), options(threads));
        expect_same(epochs(loader, 2), expected);
    }
}

TEST(Loader, ResumesInTheMiddleOfAnEpoch) {
    const PaintedDataset dataset(17);
    const Tokenizer tokenizer = small_tokenizer();
    Loader whole(dataset, tokenizer, kPrepare, Augmentation({}), options(2));
    std::vector<Batch> expected = epochs(whole, 2);
    for (const int threads : {0, 2}) {
        Loader first(dataset, tokenizer, kPrepare, Augmentation({}), options(threads));
        for (int i = 0; i < 4; ++i) ASSERT_TRUE(first.next());
        EXPECT_EQ(first.state(), (LoaderState{0, 4}));
        Loader second(dataset, tokenizer, kPrepare, Augmentation({}), options(threads), first.state());
        std::vector<Batch> rest = epochs(second, 2);
        expect_same(rest, {expected.begin() + 4, expected.end()});
        EXPECT_EQ(second.state(), (LoaderState{2, 0}));
    }
}

TEST(Loader, StartsAtTheEndOfAnEpochAsAtTheNextOne) {
    const PaintedDataset dataset(9);
    const Tokenizer tokenizer = small_tokenizer();
    Loader loader(dataset, tokenizer, kPrepare, Augmentation({}), options(2), {0, 3});
    EXPECT_FALSE(loader.next());
    Loader next(dataset, tokenizer, kPrepare, Augmentation({}), options(2), {1, 0});
    expect_same(epochs(loader, 1), epochs(next, 1));
}

TEST(Loader, SeeksWhileWorkersAreBusy) {
    const PaintedDataset dataset(17);
    const Tokenizer tokenizer = small_tokenizer();
    Loader loader(dataset, tokenizer, kPrepare, Augmentation({}), options(3));
    const auto first = loader.next();
    loader.seek({1, 2});
    (void)loader.next();
    loader.seek({});
    const auto again = loader.next();
    EXPECT_TRUE(first->images == again->images);
    EXPECT_THROW(loader.seek({0, 7}), Error);
}

TEST(Loader, IsCentredAndUnchangedWithoutAugmentation) {
    const PaintedDataset dataset(4);
    const Tokenizer tokenizer = small_tokenizer();
    Loader loader(dataset, tokenizer, kPrepare, std::nullopt, {.batch_size = 4, .threads = 1});
    const auto batch = loader.next();
    ASSERT_TRUE(batch);
    EXPECT_THAT(batch->indices, testing::ElementsAre(0, 1, 2, 3));
    Rng unused(0);
    const Sample third = prepare(dataset.get(2), tokenizer, kPrepare, nullptr, unused);
    EXPECT_TRUE(std::equal(third.image.begin(), third.image.end(), batch->images.begin() + 2 * 3 * 32 * 32));
}

TEST(Loader, CarriesAnExceptionToItsCallerAndNamesTheExample) {
    const PaintedDataset dataset(9, 4);
    const Tokenizer tokenizer = small_tokenizer();
    for (const int threads : {0, 3}) {
        Loader loader(dataset, tokenizer, kPrepare, std::nullopt, {.batch_size = 3, .threads = threads, .prefetch = 2});
        EXPECT_TRUE(loader.next());
        try {
            (void)loader.next();
            FAIL() << "the broken example went unnoticed";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::io);
            EXPECT_STREQ(error.what(), "example 4 of painted: cannot read painted.png");
        }
        const auto after = loader.next();
        ASSERT_TRUE(after);
        EXPECT_THAT(after->indices, testing::ElementsAre(6, 7, 8));
        EXPECT_FALSE(loader.next());
    }
}

TEST(Loader, IsDestroyedWhileItsQueueIsFull) {
    const PaintedDataset dataset(60);
    const Tokenizer tokenizer = small_tokenizer();
    for (int i = 0; i < 20; ++i) {
        Loader loader(dataset, tokenizer, kPrepare, Augmentation({}), options(3));
        if (i % 2 == 0) (void)loader.next();
        if (i % 5 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

TEST(Loader, CountsTheTimeItsCallerWaits) {
    const PaintedDataset dataset(6);
    const Tokenizer tokenizer = small_tokenizer();
    Loader loader(dataset, tokenizer, kPrepare, std::nullopt, {.batch_size = 3, .threads = 0});
    EXPECT_EQ(loader.wait_seconds(), 0);
    (void)loader.next();
    EXPECT_GT(loader.wait_seconds(), 0);
}

TEST(Loader, RefusesOptionsOutOfRange) {
    const PaintedDataset dataset(6);
    const Tokenizer tokenizer = small_tokenizer();
    const auto open = [&](const LoaderOptions& options, LoaderState start = {}) {
        Loader(dataset, tokenizer, kPrepare, std::nullopt, options, start);
    };
    EXPECT_THROW(open({.batch_size = 0}), Error);
    EXPECT_THROW(open({.threads = -1}), Error);
    EXPECT_THROW(open({.prefetch = 0}), Error);
    EXPECT_THROW(open({.rank = 2, .world = 2}), Error);
    EXPECT_THROW(open({.batch_size = 7, .drop_last = true}), Error);
    EXPECT_THROW(open({.batch_size = 3}, {0, 3}), Error);
    EXPECT_NO_THROW(open({.batch_size = 3}, {0, 2}));
}

}  // namespace
}  // namespace vglaw
