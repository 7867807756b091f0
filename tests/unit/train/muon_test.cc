#include "vglaw/train/muon.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/net/test_device.h"
#include "tests/unit/train/ranks.h"

namespace vglaw::train {
namespace {

TEST(Muon, BringsEverySingularValueNearOne) {
    torch::manual_seed(3);
    for (const auto& shape : {std::vector<std::int64_t>{3, 24, 24}, {2, 16, 48}, {2, 48, 16}}) {
        const auto made = orthogonalized(torch::randn(shape, placed()), false);
        ASSERT_EQ(made.sizes(), torch::IntArrayRef(shape));
        const auto values = torch::linalg_svdvals(made);
        // Jordan's coefficients trade exactness for speed: 0.7 to 1.2 from random matrices, a little less from tiny
        // values.
        EXPECT_GT(values.median().item<double>(), 0.65);
        EXPECT_LT(values.max().item<double>(), 1.3);
    }
}

TEST(Muon, KeepsTheSingularVectors) {
    torch::manual_seed(4);
    const auto matrix = torch::randn({1, 12, 20}, placed());
    const auto [u, s, v] = torch::linalg_svd(matrix[0], false);
    const auto rotated = u.t().matmul(orthogonalized(matrix, false)[0]).matmul(v.t());  // diagonal if they are kept
    const auto off = rotated - torch::diag(rotated.diag());
    EXPECT_LT(off.abs().max().item<double>(), 1e-3);  // float32 through five steps
    EXPECT_GT(rotated.diag().min().item<double>(), 0);
}

TEST(Muon, StepsEveryPartOfAFusedProjectionByItself) {
    torch::manual_seed(5);
    const auto fused = torch::randn({18, 6}, placed()).requires_grad_(true);
    std::vector<torch::Tensor> single;
    std::vector<Muon::Matrix> matrices;
    for (int i = 0; i < 3; ++i) {
        single.push_back(fused.detach().slice(0, 6 * i, 6 * i + 6).clone().requires_grad_(true));
        matrices.push_back({"part" + std::to_string(i), single.back()});
    }
    const auto gradient =
        torch::randn({18, 6}, placed()) * torch::tensor({100.0, 1.0, 0.01}, placed()).repeat_interleave(6).unsqueeze(1);
    fused.mutable_grad() = gradient;
    for (int i = 0; i < 3; ++i) single[std::size_t(i)].mutable_grad() = gradient.slice(0, 6 * i, 6 * i + 6).clone();
    Muon together({{"qkv", fused, 3, 0}}, 0.1, false), apart(matrices, 0.1, false);
    const auto before = fused.detach().clone();
    together.step({0.01});
    apart.step({0.01});
    EXPECT_LT((fused.detach() - torch::cat(single)).abs().max().item<double>(), 1e-6);
    // Every part moves by about the same, however large its gradient is.
    const auto moved = (fused.detach() - before).view({3, -1}).norm(2, 1);
    EXPECT_GT((moved.min() / moved.max()).item<double>(), 0.7);
}

TEST(Muon, RanksThatShareTheMatricesGetTheSameStepAsOneAlone) {
    if (no_gloo()) GTEST_SKIP();
    constexpr int matrices = 5;  // not a multiple of the ranks; one is fused, one is of another shape
    const auto make = [](ProcessGroup* group) {
        torch::Generator random = at::detail::createCPUGenerator(7);
        std::vector<Muon::Matrix> list;
        for (int i = 0; i < matrices; ++i) {
            const std::int64_t rows = i == 1 ? 24 : i == 3 ? 6 : 8;
            auto weight = torch::rand({rows, 8}, random).requires_grad_(true);
            weight.mutable_grad() = torch::rand({rows, 8}, random) - 0.5;
            list.push_back({std::to_string(i), weight, i == 1 ? 3 : 1, 0});
        }
        Muon muon(list, 0.1, false, group);
        for (int step = 0; step < 3; ++step) muon.step({0.02});
        return list;
    };
    const auto alone = make(nullptr);
    for (const int world : {2, 3, 9}) {  // of nine, two have nothing to do
        std::vector<std::vector<Muon::Matrix>> shared(static_cast<std::size_t>(world));
        const auto failures =
            on_ranks(world, [&](ProcessGroup& group) { shared[std::size_t(group.rank())] = make(&group); });
        EXPECT_THAT(failures, testing::Each(""));
        for (const auto& rank : shared) {
            for (int i = 0; i < matrices; ++i) {
                const auto &mine = rank[std::size_t(i)].weight, &first = shared[0][std::size_t(i)].weight;
                EXPECT_TRUE(torch::equal(mine, first));
                // A batched product may add in another order than a batch of another size.
                EXPECT_TRUE(torch::allclose(mine, alone[std::size_t(i)].weight, 1e-5, 1e-6));
            }
        }
    }
}

TEST(Muon, GoesOnFromItsMomenta) {
    torch::manual_seed(6);
    const auto start = torch::randn({8, 4}, placed());
    const auto run = [&](bool interrupted) {
        const auto weight = start.clone().requires_grad_(true);
        auto muon = std::make_unique<Muon>(std::vector<Muon::Matrix>{{"w", weight}}, 0.0, false);
        for (int i = 0; i < 4; ++i) {
            weight.mutable_grad() = torch::full({8, 4}, 0.1 * i, placed()) + start.pow(i);
            muon->step({0.02});
            if (!interrupted || i != 1) continue;
            std::map<std::string, torch::Tensor> kept;
            for (const auto& [name, momentum] : muon->momenta()) kept[name] = momentum.clone();
            muon = std::make_unique<Muon>(std::vector<Muon::Matrix>{{"w", weight}}, 0.0, false);
            muon->load(kept);
        }
        return weight.detach();
    };
    EXPECT_TRUE(torch::equal(run(false), run(true)));
}

}  // namespace
}  // namespace vglaw::train
