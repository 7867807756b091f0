#include "vglaw/net/heads.h"

#include <gtest/gtest.h>

#include "tests/unit/net/tiny_network.h"

namespace vglaw::net {
namespace {

MaskHead mask_head() {
    MaskHeadConfig config;
    config.dim = 6;
    MaskHead head(config, 5, 7);
    head->to(test_device(), torch::kDouble);
    randomize(*head, 1);
    return head;
}

TEST(MaskHead, FoldedEqualsThePapersForm) {
    auto head = mask_head();
    for (const int size : {12, 24, 48}) {  // the logits' own size 4h, and up
        const auto F_v = torch::randn({2, 3, 3, 5}, placed(torch::kDouble)),
                   cls = torch::randn({2, 7}, placed(torch::kDouble));
        EXPECT_LT(apart(head(F_v, cls, size), head->forward_plain(F_v, cls, size)), 1e-10) << size;
    }
}

TEST(MaskHead, FoldedHasThePapersGradients) {
    auto head = mask_head();
    const auto F_v = torch::randn({2, 3, 3, 5}, placed(torch::kDouble)),
               cls = torch::randn({2, 7}, placed(torch::kDouble));
    const auto weights = torch::randn({2, 24, 24}, placed(torch::kDouble));
    const auto folded = torch::autograd::grad({(head(F_v, cls, 24) * weights).sum()}, head->parameters());
    const auto plain = torch::autograd::grad({(head->forward_plain(F_v, cls, 24) * weights).sum()}, head->parameters());
    for (std::size_t i = 0; i < folded.size(); ++i) EXPECT_LT(apart(folded[i], plain[i]), 1e-10) << i;
}

TEST(MaskHead, PutsEveryPixelWhereTheConvolutionsDo) {
    // One token, one channel: the first convolution's corner (0, 1) passes, then the second's corner (1, 0).
    torch::NoGradGuard no_grad;
    MaskHeadConfig config;
    config.dim = 2;
    MaskHead head(config, 1, 1);
    head->to(test_device(), torch::kDouble);
    for (auto& parameter : head->parameters()) parameter.zero_();
    head->norm->weight.fill_(1);
    head->up1->weight[0][0][0][1] = 1;  // (in, out, dy, dx)
    head->up1->weight[0][1][0][1] = -1;
    head->up2->weight[0][0][1][0] = 1;
    const auto out =
        head(torch::ones({1, 1, 1, 1}, placed(torch::kDouble)), torch::ones({1, 1}, placed(torch::kDouble)), 4)[0];
    // The pixel: row 2 * 0 + 1, column 2 * 1 + 0. Elsewhere nothing (the norm of a zero vector is zero).
    for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 4; ++x) {
            if (y == 1 && x == 2) {
                EXPECT_GT(out[y][x].item<double>(), 0.5);
            } else {
                EXPECT_EQ(out[y][x].item<double>(), 0) << y << ", " << x;
            }
        }
    }
}

TEST(BoxHead, LooksWhereTheExpressionAsks) {
    BoxHeadConfig config;
    config.pool_dim = 4;
    config.hidden = 6;
    BoxHead head(config, 5, 7);
    head->to(test_device(), torch::kDouble);
    randomize(*head, 1);
    const auto F_v = torch::randn({2, 9, 5}, placed(torch::kDouble)),
               cls = torch::randn({2, 7}, placed(torch::kDouble));
    const auto out = head(F_v, cls);
    for (int b = 0; b < 2; ++b) {
        const auto ask = torch::mv(head->pool->query->weight, cls[b]) + head->pool->query->bias;
        auto pooled = torch::zeros({5}, placed(torch::kDouble));
        double sum = 0;
        for (int i = 0; i < 9; ++i) {
            const auto key = torch::mv(head->pool->key->weight, F_v[b][i]) + head->pool->key->bias;
            const double weight = std::exp((ask * key).sum().item<double>() / 2);  // sqrt(k) = 2
            sum += weight;
            pooled += weight * F_v[b][i];
        }
        pooled = pooled / sum;
        auto hidden = (torch::mv(head->mlp0->weight, pooled) + head->mlp0->bias).clamp_min(0);
        hidden = (torch::mv(head->mlp1->weight, hidden) + head->mlp1->bias).clamp_min(0);
        const auto box = 1 / (1 + torch::exp(-(torch::mv(head->mlp2->weight, hidden) + head->mlp2->bias)));
        EXPECT_LT(apart(out.boxes_cxcywh[b], box), 1e-12);  // double precision
    }
    EXPECT_LT(apart(out.pool_attention.sum(1), torch::ones({2}, placed(torch::kDouble))), 1e-12);
}

TEST(BoxHead, PoolsByMeanOrMaxInTheAblations) {
    const auto F_v = torch::randn({2, 9, 5}, placed()), cls = torch::randn({2, 7}, placed());
    const auto box_of = [&](BoxHead& head, const torch::Tensor& pooled) {
        return head->mlp2(head->mlp1(head->mlp0(pooled).relu()).relu()).sigmoid();
    };
    BoxHead mean(BoxHeadConfig{.pool = "mean", .pool_dim = 4, .hidden = 6}, 5, 7),
        max(BoxHeadConfig{.pool = "max", .pool_dim = 4, .hidden = 6}, 5, 7);
    randomize(*mean, 1);
    randomize(*max, 1);
    const auto by_mean = mean(F_v, cls), by_max = max(F_v, cls);
    EXPECT_EQ(apart(by_mean.boxes_cxcywh, box_of(mean, F_v.mean(1))), 0);
    EXPECT_EQ(apart(by_max.boxes_cxcywh, box_of(max, F_v.amax(1))), 0);
    EXPECT_LT(apart(by_mean.pool_attention, torch::full({2, 9}, 1.0 / 9)), 1e-7);
    EXPECT_FALSE(by_max.pool_attention.defined());
}

}  // namespace
}  // namespace vglaw::net
