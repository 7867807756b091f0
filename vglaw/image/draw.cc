#include "vglaw/image/draw.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/image/canvas.h"
#include "vglaw/image/resize.h"

namespace vglaw {
namespace {

constexpr double kMinLongSide = 640, kMaxLongSide = 4096;
constexpr int kMaskAlpha = 105;  // of 255: the thing under the mask stays recognisable

void mix(std::uint8_t* pixel, Color color, int alpha) {
    const int target[3] = {color.red, color.green, color.blue};
    for (int c = 0; c < 3; ++c) pixel[c] = std::uint8_t((pixel[c] * (255 - alpha) + target[c] * alpha + 127) / 255);
}

Image fit_for_display(const Image& image) {
    if (image.empty()) fail(ErrorCode::invalid_argument, "cannot draw on an empty picture");
    const double long_side = std::max(image.width, image.height);
    const double scale = std::clamp(long_side, kMinLongSide, kMaxLongSide) / long_side;
    const auto side = [scale](int original) { return std::max(int(std::lround(original * scale)), 1); };
    return resize_bilinear(image, side(image.width), side(image.height));
}

/// Coverage 0 to 255 of each display pixel; smooth where the picture was enlarged.
std::vector<std::uint8_t> coverage(const Mask& mask, int width, int height) {
    Image gray(mask.width, mask.height);
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
        std::fill_n(gray.rgb.begin() + std::ptrdiff_t(3 * i), 3, mask.pixels[i] != 0 ? 255 : 0);
    }
    gray = resize_bilinear(gray, width, height);
    std::vector<std::uint8_t> out(gray.rgb.size() / 3);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = gray.rgb[3 * i];
    return out;
}

void tint(Image& display, const Mask& mask, Color color, int outline) {
    const int width = display.width, height = display.height;
    const std::vector<std::uint8_t> covered = coverage(mask, width, height);
    const auto inside = [&](int y, int x) {
        return x >= 0 && y >= 0 && x < width && y < height &&
               covered[std::size_t(y) * std::size_t(width) + std::size_t(x)] >= 128;
    };
    const auto near = [&](int y, int x, bool wanted) {
        return inside(y - outline, x) == wanted || inside(y + outline, x) == wanted ||
               inside(y, x - outline) == wanted || inside(y, x + outline) == wanted;
    };
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            std::uint8_t* pixel = display.pixel(y, x);
            const int share = covered[std::size_t(y) * std::size_t(width) + std::size_t(x)];
            // Colour inside, white outside: the outline shows on things of its own colour too.
            if (near(y, x, !inside(y, x))) {
                mix(pixel, inside(y, x) ? color : kWhite, inside(y, x) ? 235 : 190);
            } else {
                mix(pixel, color, share * kMaskAlpha / 255);
            }
        }
    }
}

bool finite(const BoxXyxy& box) {
    return std::isfinite(box.x0) && std::isfinite(box.y0) && std::isfinite(box.x1) && std::isfinite(box.y1);
}

/// A tag with the expression's number, inside the picture even when the box touches its top.
void draw_tag(Canvas& canvas, const std::string& number, double x, double y, double text_size, Color color) {
    const double height = text_size * 1.3, width = canvas.text_width(number, text_size) + text_size * 0.7;
    const double top = y >= height ? y - height : y;
    canvas.fill(x, top, width, height, color);
    canvas.text(x + text_size * 0.35, top + text_size * 1.02, number, text_size, readable_on(color));
}

}  // namespace

Image draw_grounding(const Image& image, std::span<const DrawnGrounding> groundings, Legend placed) {
    Image display = fit_for_display(image);
    const double unit = std::max(1.0, std::max(display.width, display.height) / 900.0);
    const double text_size = 17 * unit, line_height = text_size * 1.35, margin = text_size * 0.6;
    for (std::size_t i = 0; i < groundings.size(); ++i) {
        const Mask& mask = groundings[i].mask;
        if (mask.empty()) continue;
        if (mask.width != image.width || mask.height != image.height) {
            fail(ErrorCode::invalid_argument, "cannot draw a {} x {} mask on a {} x {} picture", mask.width,
                 mask.height, image.width, image.height);
        }
        tint(display, mask, distinct_color(i), int(std::lround(1.5 * unit)));
    }

    const bool with_legend = placed == Legend::below && !groundings.empty();
    // A tall sliver still gets a legend that can be read.
    const int width = with_legend ? std::max(display.width, int(360 * unit)) : display.width;
    const double swatch = text_size * 1.5, text_left = margin + swatch + margin;
    Canvas ruler = Canvas::pixels(1, 1);
    std::vector<std::vector<std::string>> legend;
    double legend_height = with_legend ? margin : 0;
    for (std::size_t i = 0; with_legend && i < groundings.size(); ++i) {
        legend.push_back(ruler.wrap(groundings[i].expression, text_size, width - text_left - margin, 2));
        legend_height += line_height * double(legend.back().size()) + margin;
    }

    Canvas canvas = Canvas::pixels(width, display.height + int(std::ceil(legend_height)));
    const double left = (width - display.width) / 2;
    canvas.image(display, left, 0);
    const double scale_x = double(display.width) / image.width, scale_y = double(display.height) / image.height;
    for (std::size_t i = 0; i < groundings.size(); ++i) {
        if (!groundings[i].box_px || !finite(*groundings[i].box_px)) continue;
        const BoxXyxy box = clip(*groundings[i].box_px, float(image.width), float(image.height));
        // Half a line inside the picture's border, or it would be cut there.
        const double x0 = left + std::max(box.x0 * scale_x, 1.5 * unit), y0 = std::max(box.y0 * scale_y, 1.5 * unit);
        const double x1 = left + std::min(box.x1 * scale_x, display.width - 1.5 * unit);
        const double y1 = std::min(box.y1 * scale_y, display.height - 1.5 * unit);
        canvas.frame(x0, y0, x1 - x0, y1 - y0, kWhite, 5 * unit);
        canvas.frame(x0, y0, x1 - x0, y1 - y0, distinct_color(i), 3 * unit);
        if (groundings.size() > 1) {
            draw_tag(canvas, std::to_string(i + 1), x0 - 1.5 * unit, y0, text_size * 0.9, distinct_color(i));
        }
    }
    double y = display.height + margin;
    for (std::size_t i = 0; i < legend.size(); ++i) {
        const Color color = distinct_color(i);
        canvas.fill(margin, y, swatch, line_height, color);
        const std::string number = legend.size() > 1 ? std::to_string(i + 1) : "";
        canvas.text(margin + (swatch - canvas.text_width(number, text_size)) / 2, y + text_size, number, text_size,
                    readable_on(color));
        for (const std::string& line : legend[i]) {
            canvas.text(text_left, y + text_size, line, text_size, kInk);
            y += line_height;
        }
        y += margin;
    }
    return canvas.to_image();
}

Image draw_heat_map(const Image& image, std::span<const float> weights, int rows, int columns,
                    const Letterbox& placement) {
    if (rows < 1 || columns < 1 || weights.size() != std::size_t(rows) * std::size_t(columns)) {
        fail(ErrorCode::invalid_argument, "heat map: {} weights are not a grid of {} x {}", weights.size(), rows,
             columns);
    }
    if (placement.width != image.width || placement.height != image.height || placement.size < 1) {
        fail(ErrorCode::invalid_argument, "heat map: the picture is {} x {} but the placement is for {} x {}",
             image.width, image.height, placement.width, placement.height);
    }
    Image display = fit_for_display(image);
    const float peak = std::max(*std::max_element(weights.begin(), weights.end()), 1e-12F);
    // Display pixel centre -> canvas -> grid cell centre, clamped at the border cells.
    const auto cell = [&](int i, int display_side, int resized, int offset, int cells) {
        const double canvas_at = (i + 0.5) * resized / display_side + offset;
        return std::clamp(canvas_at * cells / placement.size - 0.5, 0.0, double(cells - 1));
    };
    for (int y = 0; y < display.height; ++y) {
        const double v = cell(y, display.height, placement.resized_height, placement.top, rows);
        const int row = int(v), next_row = std::min(row + 1, rows - 1);
        for (int x = 0; x < display.width; ++x) {
            const double u = cell(x, display.width, placement.resized_width, placement.left, columns);
            const int column = int(u), next_column = std::min(column + 1, columns - 1);
            const auto at = [&](int r, int c) {
                return double(weights[std::size_t(r) * std::size_t(columns) + std::size_t(c)]);
            };
            const double upper = std::lerp(at(row, column), at(row, next_column), u - column);
            const double lower = std::lerp(at(next_row, column), at(next_row, next_column), u - column);
            const float share = float(std::lerp(upper, lower, v - row)) / peak;
            const float heat = share > 0 ? std::min(share, 1.0F) : 0.0F;  // NaN is shown as 0
            mix(display.pixel(y, x), heat_color(heat), 130 + int(heat * 75));
        }
    }
    return display;
}

Image draw_heat_map(const Image& image, std::span<const float> weights, int rows, int columns) {
    Letterbox whole;  // the picture stretched over the canvas: no padding
    whole.width = image.width;
    whole.height = image.height;
    whole.size = whole.resized_width = whole.resized_height = 1;
    return draw_heat_map(image, weights, rows, columns, whole);
}

Image draw_token_attention(std::span<const float> weights, std::span<const int> blocks, int groups,
                           std::span<const std::string> tokens) {
    const std::size_t count = tokens.size();
    const int depth = int(blocks.size());
    if (depth < 1 || groups < 1 || count < 1 || weights.size() != std::size_t(depth) * std::size_t(groups) * count) {
        fail(ErrorCode::invalid_argument, "token attention: {} weights are not {} blocks x {} groups x {} tokens",
             weights.size(), depth, groups, count);
    }
    constexpr double text_size = 15, cell_width = 50, cell_height = 30, max_header = 150, gap = 12;
    constexpr double turn = -std::numbers::pi / 4;
    Canvas ruler = Canvas::pixels(1, 1);
    std::vector<std::string> headers;
    double longest = 0;
    for (const std::string& token : tokens) {
        headers.push_back(ruler.fit(token, text_size, max_header));
        longest = std::max(longest, ruler.text_width(headers.back(), text_size));
    }
    const double top = gap + (longest + text_size) * std::numbers::sqrt2 / 2 + gap;
    const double left =
        gap +
        ruler.text_width(fmt::format("block {}", *std::max_element(blocks.begin(), blocks.end()) + 1), text_size) + gap;
    // The last header leans out to the right by as much as it rises.
    const double width = left + cell_width * double(count) + top, height = top + cell_height * depth + gap;
    if (width > 32000 || height > 32000) {
        fail(ErrorCode::invalid_argument, "token attention: {} tokens x {} blocks are too many to draw", count, depth);
    }
    std::vector<float> means(std::size_t(depth) * count);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        means[i / (std::size_t(groups) * count) * count + i % count] += weights[i] / float(groups);
    }
    const float peak = std::max(*std::max_element(means.begin(), means.end()), 1e-12F);

    Canvas canvas = Canvas::pixels(int(width), int(height));
    for (std::size_t t = 0; t < count; ++t) {
        canvas.text(left + cell_width * (double(t) + 0.45), top - gap * 0.6, headers[t], text_size, kInk, turn);
    }
    for (int b = 0; b < depth; ++b) {
        const double y = top + cell_height * b;
        const std::string label = fmt::format("block {}", blocks[std::size_t(b)] + 1);
        canvas.text(left - gap - canvas.text_width(label, text_size), y + cell_height * 0.68, label, text_size, kFaint);
        for (std::size_t t = 0; t < count; ++t) {
            const float mean = means[std::size_t(b) * count + t];
            const Color shade = heat_color(mean / peak);
            const double x = left + cell_width * double(t);
            canvas.fill(x + 0.5, y + 0.5, cell_width - 1, cell_height - 1, shade);
            const std::string per_cent = fmt::format("{:.0f}", 100 * mean);
            canvas.text(x + (cell_width - canvas.text_width(per_cent, 13)) / 2, y + cell_height * 0.66, per_cent, 13,
                        readable_on(shade));
        }
    }
    return canvas.to_image();
}

Image draw_contact_sheet(std::span<const Tile> tiles, int columns, int side) {
    if (tiles.empty() || columns < 1 || side < 16) {
        fail(ErrorCode::invalid_argument,
             "contact sheet: {} tiles in {} columns of {} pixels; need 1, 1 and 16 at least", tiles.size(), columns,
             side);
    }
    columns = int(std::min(std::size_t(columns), tiles.size()));
    constexpr double text_size = 14, line_height = 19;
    constexpr int gap = 12, caption_height = int(2 * line_height) + 4;
    const std::int64_t rows = (std::int64_t(tiles.size()) + columns - 1) / columns;
    const std::int64_t width = gap + std::int64_t(columns) * (side + gap);
    const std::int64_t height = gap + rows * (side + caption_height + gap);
    if (width > 32000 || height > 32000) {
        fail(ErrorCode::invalid_argument, "contact sheet: {} tiles of {} pixels are too many for one picture",
             tiles.size(), side);
    }
    Canvas canvas = Canvas::pixels(int(width), int(height));
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        const Image& image = tiles[i].image;
        if (image.empty()) fail(ErrorCode::invalid_argument, "contact sheet: tile {} is an empty picture", i + 1);
        const int x = gap + int(i % std::size_t(columns)) * (side + gap);
        const int y = gap + int(i / std::size_t(columns)) * (side + caption_height + gap);
        const Letterbox fitted = Letterbox::centred(image.width, image.height, side);
        canvas.fill(x, y, side, side, Color{244, 245, 247});
        canvas.image(resize_bilinear(image, fitted.resized_width, fitted.resized_height), x + fitted.left,
                     y + fitted.top);
        double baseline = y + side + text_size + 4;
        for (const std::string& line : canvas.wrap(tiles[i].caption, text_size, side, 2)) {
            canvas.text(x, baseline, line, text_size, kInk);
            baseline += line_height;
        }
    }
    return canvas.to_image();
}

}  // namespace vglaw
