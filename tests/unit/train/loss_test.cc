#include "vglaw/train/loss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "tests/unit/net/test_device.h"

namespace vglaw::train {
namespace {

using Values = std::vector<double>;

// Plain loops over doubles, as the formulas are printed.

double plain_l1(const Values& a, const Values& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    return sum / double(a.size() / 4);
}

double plain_giou(const Values& a, const Values& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); i += 4) {
        const auto low = [&](const Values& v, std::size_t axis) { return v[i + axis] - v[i + axis + 2] / 2; };
        const auto high = [&](const Values& v, std::size_t axis) { return v[i + axis] + v[i + axis + 2] / 2; };
        double overlap = 1, hull = 1;
        for (const std::size_t axis : {0, 1}) {
            overlap *= std::max(0.0, std::min(high(a, axis), high(b, axis)) - std::max(low(a, axis), low(b, axis)));
            hull *= std::max(high(a, axis), high(b, axis)) - std::min(low(a, axis), low(b, axis));
        }
        const double united = a[i + 2] * a[i + 3] + b[i + 2] * b[i + 3] - overlap;
        sum += 1 - (overlap / united - (hull - united) / hull);
    }
    return sum / double(a.size() / 4);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double plain_focal(const Values& logits, const Values& truth) {
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const double p = sigmoid(logits[i]);
        const double p_t = truth[i] > 0.5 ? p : 1 - p, alpha_t = truth[i] > 0.5 ? 0.25 : 0.75;
        sum += -alpha_t * (1 - p_t) * (1 - p_t) * std::log(p_t);
    }
    return sum / double(logits.size());
}

double plain_dice(const Values& logits, const Values& truth, std::size_t pixels) {
    double sum = 0;
    const std::size_t samples = logits.size() / pixels;
    for (std::size_t b = 0; b < samples; ++b) {
        double both = 0, predicted = 0, true_sum = 0;
        for (std::size_t i = b * pixels; i < (b + 1) * pixels; ++i) {
            both += sigmoid(logits[i]) * truth[i];
            predicted += sigmoid(logits[i]);
            true_sum += truth[i];
        }
        sum += 1 - (2 * both + 1) / (predicted + true_sum + 1);
    }
    return sum / double(samples);
}

torch::Tensor tensor(const Values& values, std::vector<std::int64_t> shape) {
    return torch::tensor(values, placed(torch::kDouble)).view(shape);
}

// overlapping, apart on both axes, one inside the other, apart on one axis only
const Values boxes_a = {0.5, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.2, 0.5, 0.6, 0.8, 0.7, 0.3, 0.5, 0.2, 0.5};
const Values boxes_b = {0.6, 0.4, 0.3, 0.35, 0.8, 0.7, 0.3, 0.25, 0.45, 0.55, 0.2, 0.1, 0.8, 0.45, 0.15, 0.6};
const Values mask_logits = {-3, -0.5, 0.1, 2, 7, -8, 0.7, -1.2, 1.5, 0.3, -0.2, -4, 5, -6, 0.9, -2};
const Values mask_truth = {0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};  // the second sample has no pixel

// In double the only difference to the loops is the 1e-7 that keeps GIoU from 0 / 0: divided by areas of at least 0.02,
// each counted twice.
constexpr double giou_tolerance = 2e-5, exact = 1e-12;

TEST(Loss, EqualsPlainLoops) {
    const auto a = tensor(boxes_a, {4, 4}), b = tensor(boxes_b, {4, 4});
    EXPECT_NEAR(box_l1_loss(a, b).item<double>(), plain_l1(boxes_a, boxes_b), exact);
    EXPECT_NEAR(box_giou_loss(a, b).item<double>(), plain_giou(boxes_a, boxes_b), giou_tolerance);
    const auto logits = tensor(mask_logits, {2, 2, 4}), truth = tensor(mask_truth, {2, 2, 4});
    EXPECT_NEAR(mask_focal_loss(logits, truth).item<double>(), plain_focal(mask_logits, mask_truth), exact);
    EXPECT_NEAR(mask_dice_loss(logits, truth).item<double>(), plain_dice(mask_logits, mask_truth, 8), exact);
}

TEST(Loss, GiouOfDisjointBoxesExceedsOneAndOfEqualBoxesIsZero) {
    // Two unit-tenth squares in opposite corners: 1 - GIoU = 1 + (1 - 0.02) / 1 = 1.98.
    const auto a = tensor({0.05, 0.05, 0.1, 0.1}, {1, 4}), b = tensor({0.95, 0.95, 0.1, 0.1}, {1, 4});
    EXPECT_NEAR(box_giou_loss(a, b).item<double>(), 1.98, 1e-6);
    EXPECT_NEAR(box_giou_loss(a, a).item<double>(), 0, 1e-4);  // 1e-7 over an area of 0.01, twice
}

TEST(Loss, GiouOfABoxWithoutAreaIsFiniteWithItsGradient) {
    const auto a = tensor({0.5, 0.5, 0, 0}, {1, 4}).to(torch::kFloat).requires_grad_(true);
    auto loss = box_giou_loss(a, a.detach());
    loss.backward();
    EXPECT_TRUE(std::isfinite(loss.item<double>()));
    EXPECT_TRUE(a.grad().isfinite().all().item<bool>());
}

TEST(Loss, ExtremeLogitsStayFiniteInFloat) {
    const auto logits = tensor({-1000, 1000, 1000, -1000}, {1, 2, 2}).to(torch::kFloat).requires_grad_(true);
    const auto truth = tensor({1, 0, 1, 0}, {1, 2, 2}).to(torch::kFloat);
    auto loss = mask_focal_loss(logits, truth) + mask_dice_loss(logits, truth);
    loss.backward();
    EXPECT_TRUE(std::isfinite(loss.item<double>()));
    EXPECT_TRUE(logits.grad().isfinite().all().item<bool>());
}

/// Autograd's gradient against central differences of the loops: step 1e-6, so the differences are good to about 1e-9
/// over the loss; 1e-4 leaves room for GIoU's guard.
void check_gradient(const torch::Tensor& loss_gradient, Values x, const std::function<double(const Values&)>& plain) {
    constexpr double step = 1e-6;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double kept = x[i];
        x[i] = kept + step;
        const double above = plain(x);
        x[i] = kept - step;
        const double below = plain(x);
        x[i] = kept;
        EXPECT_NEAR(loss_gradient.flatten()[std::int64_t(i)].item<double>(), (above - below) / (2 * step), 1e-4) << i;
    }
}

TEST(Loss, GradientsEqualFiniteDifferences) {
    const auto b = tensor(boxes_b, {4, 4}), truth = tensor(mask_truth, {2, 2, 4});
    const auto gradient = [](const torch::Tensor& input, const auto& loss) {
        const auto x = input.clone().requires_grad_(true);
        loss(x).backward();
        return x.grad();
    };
    const auto a = tensor(boxes_a, {4, 4}), logits = tensor(mask_logits, {2, 2, 4});
    check_gradient(gradient(a, [&](const auto& x) { return box_l1_loss(x, b); }), boxes_a,
                   [](const Values& x) { return plain_l1(x, boxes_b); });
    check_gradient(gradient(a, [&](const auto& x) { return box_giou_loss(x, b); }), boxes_a,
                   [](const Values& x) { return plain_giou(x, boxes_b); });
    check_gradient(gradient(logits, [&](const auto& x) { return mask_focal_loss(x, truth); }), mask_logits,
                   [](const Values& x) { return plain_focal(x, mask_truth); });
    check_gradient(gradient(logits, [&](const auto& x) { return mask_dice_loss(x, truth); }), mask_logits,
                   [](const Values& x) { return plain_dice(x, mask_truth, 8); });
}

TEST(Loss, TotalIsTheWeightedSumOfWhatIsTrained) {
    const auto a = tensor(boxes_a, {4, 4}), b = tensor(boxes_b, {4, 4});
    const auto logits = tensor(mask_logits, {2, 2, 4}), truth = tensor(mask_truth, {2, 2, 4});
    const LossConfig weights{.l1 = 2, .giou = 3, .focal = 5, .dice = 7};
    const double box = 2 * box_l1_loss(a, b).item<double>() + 3 * box_giou_loss(a, b).item<double>();
    const double mask =
        5 * mask_focal_loss(logits, truth).item<double>() + 7 * mask_dice_loss(logits, truth).item<double>();
    const auto total = [&](const std::string& tasks, const torch::Tensor& masks) {
        return grounding_loss(a, logits, b, masks, weights, tasks).total.item<double>();
    };
    EXPECT_NEAR(total("both", truth), box + mask, exact);
    EXPECT_NEAR(total("box", truth), box, exact);
    EXPECT_NEAR(total("mask", truth), mask, exact);
    EXPECT_NEAR(total("both", {}), box, exact);  // a data set without masks
    EXPECT_FALSE(grounding_loss(a, logits, b, {}, weights, "both").dice.defined());
    EXPECT_FALSE(grounding_loss(a, logits, b, truth, weights, "mask").l1.defined());
}

TEST(Loss, PoolingIsTheCrossEntropyWithEachCellsShareOfTheTarget) {
    // 4 x 4 pixels in 2 x 2 cells: one pixel of the target in the first cell, three in the last; then no target at all.
    const auto masks = tensor({1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1,  //
                               0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                              {2, 4, 4});
    const auto attention = tensor({0.4, 0.3, 0.1, 0.2, 0.25, 0.25, 0.25, 0.25}, {2, 2, 2});
    const double expected = -(0.25 * std::log(0.4) + 0.75 * std::log(0.2)) / 2;
    EXPECT_NEAR(pooling_loss(attention, masks).item<double>(), expected, 1e-7);  // the guard against log 0 is 1e-8
    const auto dead = torch::zeros({2, 2, 2}, placed(torch::kDouble)).requires_grad_(true);
    pooling_loss(dead, masks).backward();
    EXPECT_TRUE(dead.grad().isfinite().all().item<bool>());

    const auto boxes = tensor({0.5, 0.5, 0.2, 0.2, 0.5, 0.5, 0.2, 0.2}, {2, 4}), logits = torch::zeros_like(masks);
    LossConfig weights;
    const double without = grounding_loss(boxes, logits, boxes, masks, weights, "both", attention).total.item<double>();
    weights.pooling = 2;
    const double with = grounding_loss(boxes, logits, boxes, masks, weights, "both", attention).total.item<double>();
    EXPECT_NEAR(with - without, 2 * expected, 1e-6);
}

TEST(Loss, PoolingCountsOnlyWhereItIsAskedForAndThereIsAMask) {
    const auto boxes = tensor({0.5, 0.5, 0.2, 0.2}, {1, 4}), logits = torch::zeros({1, 4, 4}, placed(torch::kDouble));
    const auto masks = torch::ones({1, 4, 4}, placed(torch::kDouble)),
               attention = torch::full({1, 2, 2}, 0.25, placed(torch::kDouble));
    const auto pooled = [&](double weight, const std::string& tasks, const torch::Tensor& truth,
                            const torch::Tensor& a) {
        LossConfig weights;
        weights.pooling = weight;
        return grounding_loss(boxes, logits, boxes, truth, weights, tasks, a).pooling.defined();
    };
    EXPECT_TRUE(pooled(1, "both", masks, attention));
    EXPECT_TRUE(pooled(1, "box", masks, attention));
    EXPECT_FALSE(pooled(0, "both", masks, attention));
    EXPECT_FALSE(pooled(1, "mask", masks, attention));
    EXPECT_FALSE(pooled(1, "both", {}, attention));
    EXPECT_FALSE(pooled(1, "both", masks, {}));  // box_head.pool = max has none
}

TEST(Loss, DefaultWeightsAreThePapers) {
    const LossConfig weights;
    EXPECT_EQ(weights.l1, 1);
    EXPECT_EQ(weights.giou, 1);
    EXPECT_EQ(weights.focal, 4);
    EXPECT_EQ(weights.dice, 4);
    EXPECT_EQ(weights.pooling, 0);
    EXPECT_EQ(weights.labelling, 0);
}

// Three tokens of one sample: background, then two objects.
const LabelClasses few{2, 3, 2};
torch::Tensor few_labels() {
    return torch::tensor({-1, -1, -1, 0, 2, 1, 1, 0, 0}, placed(torch::kLong)).view({1, 3, 3});
}

TEST(LabellingLoss, OfFeaturesWithoutAMessageIsThatOfGuessing) {
    // Constant features normalise to zero: every score is 0 and every class as likely as the next.
    const auto loss = labelling_loss(torch::ones({1, 1, 3, 16}, placed(torch::kDouble)), few_labels(), few);
    EXPECT_NEAR(loss.item<double>(), std::log(3.0) + std::log(3.0) + std::log(2.0), 1e-12);
}

TEST(LabellingLoss, CanBeLearntThroughTheFeatures) {
    auto features = torch::randn({1, 1, 3, 64}, placed(torch::kDouble)).requires_grad_(true);
    torch::optim::SGD sgd({features}, 0.5);
    const double before = labelling_loss(features, few_labels(), few).item<double>();
    for (int i = 0; i < 300; ++i) {
        sgd.zero_grad();
        labelling_loss(features, few_labels(), few).backward();
        sgd.step();
    }
    const double after = labelling_loss(features, few_labels(), few).item<double>();
    EXPECT_LT(after, 0.1 * before);  // the directions tell the classes apart: about 0.02 of it is left
    // What was learnt is the right answer: with other labels the same features do badly.
    const auto swapped = torch::tensor({0, 0, 0, -1, -1, -1, 0, 1, 1}, placed(torch::kLong)).view({1, 3, 3});
    EXPECT_GT(labelling_loss(features, swapped, few).item<double>(), before);
}

TEST(LabellingLoss, AsksForColourAndSizeOnlyOfObjects) {
    const auto nothing = torch::full({1, 3, 3}, -1, placed(torch::kLong));
    auto features = torch::randn({1, 1, 3, 16}, placed(torch::kDouble)).requires_grad_(true);
    const auto loss = labelling_loss(features, nothing, few);
    loss.backward();
    EXPECT_TRUE(features.grad().isfinite().all().item<bool>());
    EXPECT_GT(loss.item<double>(), 0);
    // Other features at the two background tokens change how those are told from objects, and nothing else.
    auto labels = nothing.clone();
    labels[0][2] = torch::tensor({0, 1, 1}, placed(torch::kLong));
    const auto value = [&](const torch::Tensor& x) { return labelling_loss(x, labels, few).item<double>(); };
    const auto first_alone = [&](const torch::Tensor& x) {
        return labelling_loss(x.slice(2, 0, 2), nothing.slice(1, 0, 2), few).item<double>() * 2;  // a sum of two tokens
    };
    const auto x = features.detach();
    auto moved = x.clone();
    moved.slice(2, 0, 2).copy_(torch::randn({1, 1, 2, 16}, placed(torch::kDouble)));
    EXPECT_NEAR(value(moved) - value(x), (first_alone(moved) - first_alone(x)) / 3, 1e-12);  // rounding in double
}

TEST(LabellingLoss, ThePartsOfABatchAddUpToTheWhole) {
    // Three samples with no, one and three objects: a mean of the parts' means would be another number.
    const auto labels =
        torch::tensor({-1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 0, -1, -1, -1, -1, -1, -1, 1, 0, 1, 0, 2, 1, 1, 1, 0},
                      placed(torch::kLong))
            .view({3, 3, 3});
    auto features = torch::randn({3, 1, 3, 16}, placed(torch::kDouble)).requires_grad_(true);
    const auto whole = labelling_loss(features, labels, few);
    whole.backward();
    const auto gradient = features.grad().clone();
    features.mutable_grad().zero_();
    double sum = 0;
    for (const auto& [first, count] : {std::pair{0, 1}, std::pair{1, 2}}) {
        const auto part = labelling_loss(features.slice(0, first, first + count), labels.slice(0, first, first + count),
                                         few, count / 3.0, 4);
        part.backward();
        sum += part.item<double>();
    }
    EXPECT_NEAR(sum, whole.item<double>(), 1e-12);  // rounding in double
    EXPECT_TRUE(torch::allclose(features.grad(), gradient, 1e-10, 1e-12));
}

}  // namespace
}  // namespace vglaw::train
