#include "vglaw/train/process_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/ranks.h"

#ifdef VGLAW_GLOO
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace vglaw::train {
namespace {

using testing::Each;
using testing::HasSubstr;

TEST(ProcessGroup, AloneEveryCallGivesBackWhatItGot) {
    ProcessGroup group;
    EXPECT_TRUE(group.alone());
    EXPECT_TRUE(group.leads());
    const auto values = torch::tensor({1.5F, 2.0F});
    group.add(values);
    EXPECT_TRUE(torch::equal(values, torch::tensor({1.5F, 2.0F})));
    EXPECT_TRUE(torch::equal(group.gather(values), values.unsqueeze(0)));
    EXPECT_FALSE(group.any(false));
    EXPECT_TRUE(group.any(true));
    EXPECT_EQ(group.from_leader("mine"), "mine");
    group.finish(group.start_add(values));
    group.tell_failure("nobody hears");
    group.leave();
}

TEST(ProcessGroup, AddsGathersAndVotesOverThreeRanks) {
    if (no_gloo()) GTEST_SKIP();
    const auto failures = on_ranks(3, [](ProcessGroup& group) {
        const int rank = group.rank();
        auto counts = torch::tensor({std::int64_t{1} << 60, std::int64_t(rank)});  // beyond a double's integers
        group.add(counts);
        EXPECT_TRUE(torch::equal(counts, torch::tensor({3 * (std::int64_t{1} << 60), std::int64_t{3}})));
        const auto rows = group.gather(torch::full({2}, double(rank), torch::kDouble));
        EXPECT_TRUE(torch::equal(rows, torch::tensor({0.0, 0.0, 1.0, 1.0, 2.0, 2.0}, torch::kDouble).view({3, 2})));
        EXPECT_TRUE(group.any(rank == 2));
        EXPECT_FALSE(group.any(false));
        for (const char* text : {"one", "two"})
            EXPECT_EQ(group.from_leader(text + std::to_string(rank)), text + std::string("0"));
        EXPECT_EQ(group.leads(), rank == 0);
    });
    EXPECT_THAT(failures, Each(""));
}

TEST(ProcessGroup, SumsUnderWayTogetherKeepTheirOrder) {
    if (no_gloo()) GTEST_SKIP();
    const auto failures = on_ranks(2, [](ProcessGroup& group) {
        std::vector<torch::Tensor> values;
        std::vector<ProcessGroup::PendingSum> sums;
        for (int i = 0; i < 20; ++i) {
            values.push_back(torch::full({1000 + i}, float(i)));
            sums.push_back(group.start_add(values.back()));
        }
        for (int i = 19; i >= 0; --i) group.finish(sums[std::size_t(i)]);
        for (int i = 0; i < 20; ++i)
            EXPECT_TRUE(torch::equal(values[std::size_t(i)], torch::full({1000 + i}, 2.0F * float(i))));
    });
    EXPECT_THAT(failures, Each(""));
}

TEST(ProcessGroup, ARankThatDoesNotComeIsNamedByThoseThatDid) {
    if (no_gloo()) GTEST_SKIP();
    const int port = free_port();
    std::vector<std::string> said(2);
    std::vector<std::thread> threads;
    for (const int i : {0, 1}) {
        threads.emplace_back([&, i] {
            try {
                ProcessGroup group(launch_of(2 * i, 4, port), std::chrono::seconds(2));  // 0 and 2 of 4
            } catch (const Error& error) {
                said[std::size_t(i)] = error.what();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& text : said) {
        EXPECT_THAT(text, HasSubstr("ranks 1, 3 of 4 did not come"));
        EXPECT_THAT(text, HasSubstr("train.rendezvous_timeout"));
    }
}

TEST(ProcessGroup, WithoutRankZeroTheOthersSaySo) {
    if (no_gloo()) GTEST_SKIP();
    try {
        ProcessGroup group(launch_of(1, 2, free_port()), std::chrono::seconds(1));
        FAIL() << "nobody was there";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io);
        EXPECT_THAT(error.what(), HasSubstr("could not reach rank 0"));
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
}

TEST(ProcessGroup, ARankThatFailsEndsTheOthersWithItsReason) {
    if (no_gloo()) GTEST_SKIP();
    for (const int failing : {0, 2}) {
        const auto failures = on_ranks(3, [&](ProcessGroup& group) {
            (void)group.any(false);
            if (group.rank() == failing) fail(ErrorCode::io, "rank {}: the disk is full", failing);
            (void)group.any(false);  // the others wait here
        });
        EXPECT_THAT(failures, Each(HasSubstr(fmt::format("rank {}: the disk is full", failing))));
    }
}

TEST(ProcessGroup, ARankThatEndsWithoutAWordEndsTheOthers) {
    if (no_gloo()) GTEST_SKIP();
    const int port = free_port();
    std::string said;
    std::thread other([&] {
        ProcessGroup group(launch_of(1, 2, port), std::chrono::seconds(60));
        (void)group.any(false);
    });  // as if it were killed
    try {
        ProcessGroup group(launch_of(0, 2, port), std::chrono::seconds(60));
        (void)group.any(false);
        (void)group.any(false);
    } catch (const Error& error) {
        said = error.what();
    }
    other.join();
    EXPECT_THAT(said, testing::AllOf(HasSubstr("another rank ended without a word"), HasSubstr("--resume")));
}

#ifdef VGLAW_GLOO
TEST(ProcessGroup, UnderTorchrunRankZeroIsAClientOfTheStoreThatIsOpenAlready) {
    c10d::TCPStoreOptions options;
    options.port = std::uint16_t(free_port());
    options.isServer = true;
    options.waitWorkers = false;
    c10d::TCPStore agent("127.0.0.1", options);
    std::vector<std::thread> threads;
    std::vector<double> sums(2);
    for (const int rank : {0, 1}) {
        threads.emplace_back([&, rank] {
            auto launch = launch_of(rank, 2, options.port);
            launch.agent_store = true;
            launch.attempt = 3;
            ProcessGroup group(launch, std::chrono::seconds(60));
            auto values = torch::tensor({1.0 + rank}, torch::kDouble);
            group.add(values);
            sums[std::size_t(rank)] = values.item<double>();
            group.leave();
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(sums, Each(3.0));
    EXPECT_TRUE(agent.check({"vglaw/3/here/0", "vglaw/3/here/1"}));  // the keys of another attempt are not in the way
}

TEST(ProcessGroup, WhereTorchrunsStoreSpeaksAnotherLanguageTheRanksMeetNextToIt) {
    // As PyTorch 2.x does to a client of 1.13: it takes the connection and drops it at the first word.
    const int port = free_port();
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    (void)::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(std::uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener, 16), 0);
    std::thread stranger([&] {
        for (int taken = ::accept(listener, nullptr, nullptr); taken >= 0;
             taken = ::accept(listener, nullptr, nullptr)) {
            char word = 0;
            (void)!::recv(taken, &word, 1, 0);
            ::close(taken);
        }
    });
    std::vector<std::thread> threads;
    std::vector<std::string> said(2);
    for (const int rank : {0, 1}) {
        threads.emplace_back([&, rank] {
            auto launch = launch_of(rank, 2, port);
            launch.agent_store = true;
            try {
                ProcessGroup group(launch, std::chrono::seconds(60));
                said[std::size_t(rank)] = group.any(rank == 1) ? "met" : "";
                group.leave();
            } catch (const Error& error) {
                said[std::size_t(rank)] = error.what();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    ::shutdown(listener, SHUT_RDWR);
    stranger.join();
    ::close(listener);
    EXPECT_THAT(said, Each("met"));
}
#endif

}  // namespace
}  // namespace vglaw::train
