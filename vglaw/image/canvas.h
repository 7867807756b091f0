// Inside the room only: a drawing surface over cairo that owns its handles and throws Error. Callers use draw.h,
// chart.h.
#pragma once

#include <cairo.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/image/image.h"

namespace vglaw {

struct Color {
    std::uint8_t red = 0, green = 0, blue = 0;
};

constexpr Color kWhite{255, 255, 255}, kInk{32, 33, 36}, kFaint{110, 114, 120}, kRule{222, 224, 228};

/// Colours that stay apart on photographs and on white; beyond the last they start again.
[[nodiscard]] Color distinct_color(std::size_t index);
/// White or near-black, whichever reads better on `background`.
[[nodiscard]] Color readable_on(Color background);
/// Dark indigo over teal to light yellow, growing evenly lighter. value in [0, 1], clamped; NaN counts as 0.
[[nodiscard]] Color heat_color(float value);
/// Valid UTF-8 on one line: bad bytes become '?', control characters spaces. cairo refuses anything else.
[[nodiscard]] std::string printable(std::string_view text);

/// Coordinates in pixels (SVG: points), y down, origin at the top left. Text sizes are em heights.
class Canvas {
public:
    /// A white pixel surface. Throws invalid_argument when a side is not in 1 to 32767 (cairo's limit).
    static Canvas pixels(int width, int height);
    static Canvas svg(int width, int height);

    void fill(double x, double y, double width, double height, Color color, double alpha = 1);
    void frame(double x, double y, double width, double height, Color color, double line_width);
    void line(double x0, double y0, double x1, double y1, Color color, double line_width);
    /// Consecutive (x, y) pairs.
    void polyline(const std::vector<std::array<double, 2>>& points, Color color, double line_width);
    void disc(double x, double y, double radius, Color color);
    /// Unscaled, top left at (x, y).
    void image(const Image& image, double x, double y);
    /// `x` and `baseline` are where the first letter starts; `turn` in radians, clockwise, around that point.
    void text(double x, double baseline, std::string_view text, double size, Color color, double turn = 0);
    [[nodiscard]] double text_width(std::string_view text, double size);
    /// The text, or as much of its start as fits with an ellipsis.
    [[nodiscard]] std::string fit(std::string_view text, double size, double max_width);
    /// Broken at spaces into at most max_lines lines; the last is cut with an ellipsis. At least one line.
    [[nodiscard]] std::vector<std::string> wrap(std::string_view text, double size, double max_width, int max_lines);

    [[nodiscard]] Image to_image();      ///< pixel surfaces only
    [[nodiscard]] std::string to_svg();  ///< SVG surfaces only; ends the drawing

private:
    struct Release {
        void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
        void operator()(cairo_t* context) const { cairo_destroy(context); }
    };
    Canvas(cairo_surface_t* surface, std::unique_ptr<std::string> svg);
    void use(Color color, double alpha = 1);
    void check() const;

    std::unique_ptr<std::string> svg_;  // filled by the surface, so it must outlive it
    std::unique_ptr<cairo_surface_t, Release> surface_;
    std::unique_ptr<cairo_t, Release> context_;
};

}  // namespace vglaw
