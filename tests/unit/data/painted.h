// Pictures whose target can be found again by its colour: a red rectangle on a noisy dark ground.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/data/dataset.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {

struct PaintedRectangle {
    int x = 0, y = 0, width = 0, height = 0;
};

inline Example painted_example(int width, int height, const PaintedRectangle& target, std::string expression) {
    Example example;
    example.image = Image(width, height);
    example.mask = Mask(height, width);
    for (int y = target.y; y < target.y + target.height; ++y) {
        for (int x = target.x; x < target.x + target.width; ++x) {
            example.image.pixel(y, x)[0] = 255;
            example.mask.at(y, x) = 1;
        }
    }
    example.box_px = {float(target.x), float(target.y), float(target.x + target.width),
                      float(target.y + target.height)};
    example.expression = std::move(expression);
    return example;
}

inline Tokenizer small_tokenizer() {
    return Tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "red", "box", "left", "right", "on"}));
}

/// `size` examples of different sizes and lengths; example `broken` throws.
class PaintedDataset : public Dataset {
public:
    explicit PaintedDataset(std::size_t size, std::size_t broken = std::size_t(-1)) : size_(size), broken_(broken) {}
    [[nodiscard]] std::size_t size() const override { return size_; }
    [[nodiscard]] std::string name() const override { return "painted"; }
    [[nodiscard]] Example get(std::size_t index) const override {
        if (index == broken_) fail(ErrorCode::io, "cannot read painted.png");
        Rng rng(derive_seed(7, index));
        const int width = rng.uniform_int(20, 40), height = rng.uniform_int(20, 40);
        const PaintedRectangle target{rng.uniform_int(0, 9), rng.uniform_int(0, 9), rng.uniform_int(4, 10),
                                      rng.uniform_int(4, 10)};
        static const std::vector<std::string> expressions = {"red box", "the red box on the left", "right red box"};
        return painted_example(width, height, target, expressions[index % expressions.size()]);
    }

private:
    std::size_t size_, broken_;
};

}  // namespace vglaw
