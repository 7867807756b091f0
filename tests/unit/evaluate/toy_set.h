// A handful of made-up examples and predictors, shared by the tests of this room.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/evaluate/prediction.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {

inline constexpr int kToyCanvas = 64;

inline Tokenizer toy_tokenizer() {
    return Tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "red", "box", "left"}));
}

/// A grey picture with a rectangular object of whole pixels: box [x0, y0, x1, y1] and the mask that fills it.
inline Example toy_example(int width, int height, const BoxXyxy& box, int words, bool masked = true) {
    Example example;
    example.image = Image(width, height);
    for (auto& value : example.image.rgb) value = 90;
    for (int i = 0; i < words; ++i) example.expression += i == 0 ? "a" : " box";
    example.box_px = box;
    if (masked) {
        example.mask = Mask(height, width);
        for (int y = int(box.y0); y < int(box.y1); ++y) {
            for (int x = int(box.x0); x < int(box.x1); ++x) example.mask.at(y, x) = 1;
        }
    }
    return example;
}

class ToySet final : public Dataset {
public:
    explicit ToySet(std::vector<Example> examples) : examples_(std::move(examples)) {
        for (std::size_t i = 0; i < examples_.size(); ++i) {
            examples_[i].image_id = 100 + std::int64_t(i);
            examples_[i].ref_id = 200 + std::int64_t(i);
            examples_[i].sentence_id = 300 + std::int64_t(i);
        }
    }
    std::size_t size() const override { return examples_.size(); }
    Example get(std::size_t index) const override { return examples_.at(index); }
    bool has_masks() const override { return examples_.empty() || !examples_.front().mask.empty(); }
    std::string name() const override { return "toy"; }

private:
    std::vector<Example> examples_;
};

/// Seven examples whose long side is the canvas, so that nothing is resampled and every figure can be exact.
inline ToySet unscaled_set(bool masked = true) {
    return ToySet({toy_example(64, 40, {4, 4, 24, 34}, 1, masked), toy_example(30, 64, {0, 10, 30, 50}, 5, masked),
                   toy_example(64, 64, {20, 20, 40, 64}, 6, masked), toy_example(64, 17, {50, 1, 63, 16}, 7, masked),
                   toy_example(64, 48, {8, 8, 16, 16}, 9, masked), toy_example(33, 64, {3, 3, 33, 64}, 11, masked),
                   toy_example(64, 64, {0, 0, 64, 64}, 14, masked)});
}

/// Answers with the ground truth, except that examples with index % 3 == `wrong` get a far corner and the opposite
/// mask.
class ToyPredictor : public BatchPredictor {
public:
    explicit ToyPredictor(int wrong = -1, bool with_masks = true) : wrong_(wrong), with_masks_(with_masks) {}
    void predict(const Batch& batch, std::vector<Prediction>& out) override {
        const std::size_t pixels = std::size_t(batch.size) * std::size_t(batch.size);
        logits_.assign(batch.count * pixels, -8.0F);
        for (std::size_t row = 0; row < batch.count; ++row) {
            const bool wrong = int(batch.indices[row] % 3) == wrong_;
            for (std::size_t i = 0; batch.has_masks && i < pixels; ++i) {
                if ((batch.masks[row * pixels + i] != 0) != wrong) logits_[row * pixels + i] = 8.0F;
            }
            const float* box = &batch.boxes[row * 4];
            Prediction prediction;
            prediction.box =
                wrong ? BoxCxcywh{0.001F, 0.001F, 0.002F, 0.002F} : BoxCxcywh{box[0], box[1], box[2], box[3]};
            prediction.mask_logits = with_masks_ ? logits_.data() + row * pixels : nullptr;
            out.push_back(prediction);
        }
        ++calls;
    }
    std::string name() const override { return "toy"; }
    int calls = 0;

private:
    int wrong_;
    bool with_masks_;
    std::vector<float> logits_;
};

}  // namespace vglaw
