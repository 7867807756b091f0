#include "vglaw/data/prepare.h"

#include <cmath>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/geometry/boxes.h"
#include "vglaw/text/caption.h"

namespace vglaw {

namespace {

constexpr int kMaxSize = 8192;

void check(const PrepareOptions& options) {
    if (options.size < 1 || options.size > kMaxSize) {
        fail(ErrorCode::invalid_argument, "image size {} is outside 1 to {}", options.size, kMaxSize);
    }
    if (options.max_tokens < 2) {
        fail(ErrorCode::invalid_argument, "max_tokens {} leaves no room for [CLS] and [SEP]; give at least 2",
             options.max_tokens);
    }
}

void check(const Example& example, const BoxXyxy& box, const Mask& mask) {
    const Image& image = example.image;
    if (!mask.empty() && (mask.width != image.width || mask.height != image.height)) {
        fail(ErrorCode::corrupt_data, "the mask of reference {} is {}x{}, its picture {}x{}", example.ref_id,
             mask.width, mask.height, image.width, image.height);
    }
    const bool finite =
        std::isfinite(box.x0) && std::isfinite(box.y0) && std::isfinite(box.x1) && std::isfinite(box.y1);
    if (!finite || box.x1 <= box.x0 || box.y1 <= box.y0) {
        fail(ErrorCode::corrupt_data, "the box of reference {} is [{}, {}, {}, {}], which has no area", example.ref_id,
             box.x0, box.y0, box.x1, box.y1);
    }
    if (area(clip(box, float(image.width), float(image.height))) <= 0) {
        fail(ErrorCode::corrupt_data, "the box of reference {} is [{}, {}, {}, {}], outside its picture of {}x{}",
             example.ref_id, box.x0, box.y0, box.x1, box.y1, image.width, image.height);
    }
}

void check(const Example& example) {
    const Image& image = example.image;
    if (image.width <= 0 || image.height <= 0 || image.empty()) {
        fail(ErrorCode::corrupt_data, "picture {} is empty", example.image_id);
    }
    check(example, example.box_px, example.mask);
    for (const Target& target : example.more) check(example, target.box_px, target.mask);
}

/// What the picture shows at the centre of each cell of the canvas.
std::vector<std::int8_t> labels_of_cells(const LabelMap& map, const Letterbox& placement, int cells) {
    std::vector<std::int8_t> labels(std::size_t(cells) * std::size_t(cells) * 3, -1);
    auto* out = labels.data();
    for (int row = 0; row < cells; ++row) {
        for (int column = 0; column < cells; ++column, out += 3) {
            const double step = double(placement.size) / cells;
            const int x = int(std::floor(((column + 0.5) * step - placement.left) / placement.scale_x()));
            const int y = int(std::floor(((row + 0.5) * step - placement.top) / placement.scale_y()));
            if (x < 0 || y < 0 || x >= map.width || y >= map.height) continue;
            const std::uint8_t owner = map.at(y, x);
            if (owner == LabelMap::background) continue;
            for (std::size_t i = 0; i < 3; ++i) out[i] = std::int8_t(map.objects[owner][i]);
        }
    }
    return labels;
}

/// One phrase to ask for.
struct Meant {
    std::vector<std::uint8_t> span;  // empty: the whole expression
    const BoxXyxy* box = nullptr;
    const Mask* mask = nullptr;
};

/// Fills the ids; returns what is meant in them, at least one.
std::vector<Meant> encode(const Example& example, const Tokenizer& tokenizer, int max_tokens,
                          std::vector<std::int64_t>& ids) {
    const Meant first{{}, &example.box_px, &example.mask};
    if (!example.is_caption) {
        ids = tokenizer.encode(example.expression, max_tokens);
        return {first};
    }
    const Caption caption = parse_caption(example.expression);
    if (caption.phrases.size() != 1 + example.more.size()) {
        fail(ErrorCode::corrupt_data, "the caption of reference {} marks {} phrases and has {} targets", example.ref_id,
             caption.phrases.size(), 1 + example.more.size());
    }
    EncodedCaption encoded = encode_caption(tokenizer, caption, max_tokens);
    std::vector<Meant> meant;
    for (std::size_t i = 0; i < caption.phrases.size(); ++i) {
        if (!reads_phrase(tokenizer, caption, encoded, i)) continue;
        const Target* target = i == 0 ? nullptr : &example.more[i - 1];
        meant.push_back({std::move(encoded.spans[i]), target != nullptr ? &target->box_px : first.box,
                         target != nullptr ? &target->mask : first.mask});
    }
    if (meant.empty()) {  // none is left: the first one stands alone
        ids = tokenizer.encode(caption.phrases.front(), max_tokens);
        return {first};
    }
    ids = std::move(encoded.ids);
    return meant;
}

}  // namespace

Sample prepare(Example example, const Tokenizer& tokenizer, const PrepareOptions& options,
               const Augmentation* augmentation, Rng& rng) {
    check(options);
    check(example);
    Sample sample;
    if (augmentation != nullptr) {
        augmentation->apply(example, rng);
        sample.placement = augmentation->place(example, options.size, rng);
    } else {
        sample.placement = Letterbox::centred(example.image.width, example.image.height, options.size);
    }
    sample.image.resize(3 * std::size_t(options.size) * std::size_t(options.size));
    letterbox_image(example.image, sample.placement, options.normalization, sample.image.data());
    auto meant = encode(example, tokenizer, options.max_tokens, sample.ids);
    for (Meant& one : meant) {
        FurtherPhrase phrase{std::move(one.span), sample.placement.box_to_canvas(*one.box), {}};
        if (!one.mask->empty()) phrase.mask = sample.placement.mask_to_canvas(*one.mask).pixels;
        sample.more.push_back(std::move(phrase));
    }
    sample.span = std::move(sample.more.front().span);
    sample.box = sample.more.front().box;
    sample.mask = std::move(sample.more.front().mask);
    sample.more.erase(sample.more.begin());
    if (options.label_grid > 0 && !example.labels.empty()) {
        sample.labels = labels_of_cells(example.labels, sample.placement, options.label_grid);
    }
    return sample;
}

}  // namespace vglaw
