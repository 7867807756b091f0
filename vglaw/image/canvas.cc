#include "vglaw/image/canvas.h"

#include <cairo-svg.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <numbers>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

constexpr int kMaxSide = 32767;

void check_status(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS) fail(ErrorCode::internal, "drawing failed: {}", cairo_status_to_string(status));
}

void check_sides(int width, int height) {
    if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
        fail(ErrorCode::invalid_argument, "cannot draw on {} x {} pixels: sides must be in 1 to {}", width, height,
             kMaxSide);
    }
}

/// No exception may cross cairo's frames.
cairo_status_t append(void* target, const unsigned char* data, unsigned int count) {
    try {
        static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(data), count);
        return CAIRO_STATUS_SUCCESS;
    } catch (const std::exception&) {
        return CAIRO_STATUS_WRITE_ERROR;
    }
}

/// Length in bytes of the valid UTF-8 sequence at the start of text; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(text[i])); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    std::uint32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        code = code << 6 | (byte(i) & 0x3F);
    }
    const std::uint32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    return code < least || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : length;
}

}  // namespace

Color distinct_color(std::size_t index) {
    static constexpr Color palette[] = {{230, 57, 70},  {24, 119, 222}, {40, 158, 70},  {250, 146, 20},
                                        {139, 69, 201}, {0, 165, 180},  {219, 56, 146}, {134, 98, 30}};
    return palette[index % std::size(palette)];
}

Color readable_on(Color background) {
    const double light = 0.299 * background.red + 0.587 * background.green + 0.114 * background.blue;
    return light > 150 ? kInk : kWhite;
}

Color heat_color(float value) {
    static constexpr double stops[][3] = {{34, 14, 74},   {52, 70, 138},  {34, 124, 144},
                                          {48, 172, 122}, {150, 208, 72}, {252, 234, 76}};
    constexpr int last = int(std::size(stops)) - 1;
    const double at = (value > 0 ? std::min(double(value), 1.0) : 0.0) * last;
    const int lower = std::min(int(at), last - 1);
    const auto mix = [&](int c) {
        return std::uint8_t(std::lround(stops[lower][c] + (stops[lower + 1][c] - stops[lower][c]) * (at - lower)));
    };
    return {mix(0), mix(1), mix(2)};
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (length == 0) {
            out += '?';
        } else if (first < 0x20 || first == 0x7F) {
            out += ' ';
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

Canvas::Canvas(cairo_surface_t* surface, std::unique_ptr<std::string> svg) : svg_(std::move(svg)), surface_(surface) {
    check_status(cairo_surface_status(surface));
    context_.reset(cairo_create(surface));
    cairo_select_font_face(context_.get(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    // Gray and unhinted: the same letters whatever the desktop's settings are.
    const std::unique_ptr<cairo_font_options_t, void (*)(cairo_font_options_t*)> options(cairo_font_options_create(),
                                                                                         cairo_font_options_destroy);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(context_.get(), options.get());
    cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
    check();
}

Canvas Canvas::pixels(int width, int height) {
    check_sides(width, height);
    Canvas canvas(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), nullptr);
    canvas.fill(0, 0, width, height, kWhite);
    return canvas;
}

Canvas Canvas::svg(int width, int height) {
    check_sides(width, height);
    auto bytes = std::make_unique<std::string>();
    cairo_surface_t* surface = cairo_svg_surface_create_for_stream(append, bytes.get(), width, height);
    Canvas canvas(surface, std::move(bytes));
    canvas.fill(0, 0, width, height, kWhite);
    return canvas;
}

void Canvas::check() const { check_status(cairo_status(context_.get())); }

void Canvas::use(Color color, double alpha) {
    cairo_set_source_rgba(context_.get(), color.red / 255.0, color.green / 255.0, color.blue / 255.0, alpha);
}

void Canvas::fill(double x, double y, double width, double height, Color color, double alpha) {
    use(color, alpha);
    cairo_rectangle(context_.get(), x, y, width, height);
    cairo_fill(context_.get());
    check();
}

void Canvas::frame(double x, double y, double width, double height, Color color, double line_width) {
    use(color);
    cairo_set_line_width(context_.get(), line_width);
    cairo_rectangle(context_.get(), x, y, width, height);
    cairo_stroke(context_.get());
    check();
}

void Canvas::line(double x0, double y0, double x1, double y1, Color color, double line_width) {
    polyline({{x0, y0}, {x1, y1}}, color, line_width);
}

void Canvas::polyline(const std::vector<std::array<double, 2>>& points, Color color, double line_width) {
    use(color);
    cairo_set_line_width(context_.get(), line_width);
    for (const auto& [x, y] : points) cairo_line_to(context_.get(), x, y);
    cairo_stroke(context_.get());
    check();
}

void Canvas::disc(double x, double y, double radius, Color color) {
    use(color);
    cairo_arc(context_.get(), x, y, radius, 0, 2 * std::numbers::pi);
    cairo_fill(context_.get());
    check();
}

void Canvas::image(const Image& image, double x, double y) {
    check_sides(image.width, image.height);
    const std::unique_ptr<cairo_surface_t, Release> source(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
    check_status(cairo_surface_status(source.get()));
    unsigned char* rows = cairo_image_surface_get_data(source.get());
    const int stride = cairo_image_surface_get_stride(source.get());
    for (int row = 0; row < image.height; ++row) {
        auto* target = reinterpret_cast<std::uint32_t*>(rows + std::ptrdiff_t(row) * stride);
        const std::uint8_t* pixel = image.pixel(row, 0);
        for (int column = 0; column < image.width; ++column, pixel += 3) {
            target[column] = std::uint32_t(pixel[0]) << 16 | std::uint32_t(pixel[1]) << 8 | pixel[2];
        }
    }
    cairo_surface_mark_dirty(source.get());
    cairo_set_source_surface(context_.get(), source.get(), x, y);
    cairo_paint(context_.get());
    check();
}

void Canvas::text(double x, double baseline, std::string_view text, double size, Color color, double turn) {
    use(color);
    cairo_save(context_.get());
    cairo_translate(context_.get(), x, baseline);
    cairo_rotate(context_.get(), turn);
    cairo_move_to(context_.get(), 0, 0);
    cairo_set_font_size(context_.get(), size);
    cairo_show_text(context_.get(), printable(text).c_str());
    cairo_restore(context_.get());
    cairo_new_path(context_.get());
    check();
}

double Canvas::text_width(std::string_view text, double size) {
    cairo_set_font_size(context_.get(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(context_.get(), printable(text).c_str(), &extents);
    check();
    return extents.x_advance;
}

std::string Canvas::fit(std::string_view text, double size, double max_width) {
    const std::string whole = printable(text);
    if (text_width(whole, size) <= max_width) return whole;
    std::vector<std::size_t> ends = {0};  // byte offsets between characters
    for (std::size_t at = 0; at < whole.size();)
        ends.push_back(at += sequence_length(std::string_view(whole).substr(at)));
    const auto cut = [&](std::size_t characters) {
        std::string start = whole.substr(0, ends[characters]);
        while (!start.empty() && start.back() == ' ') start.pop_back();
        return start + "\u2026";
    };
    std::size_t fits = 0, too_long = ends.size() - 1;
    while (fits + 1 < too_long) {
        const std::size_t middle = (fits + too_long) / 2;
        (text_width(cut(middle), size) <= max_width ? fits : too_long) = middle;
    }
    return cut(fits);
}

std::vector<std::string> Canvas::wrap(std::string_view text, double size, double max_width, int max_lines) {
    std::string rest = printable(text);
    std::vector<std::string> lines;
    while (int(lines.size()) + 1 < max_lines && text_width(rest, size) > max_width) {
        std::size_t end = 0;  // the longest run of whole words that fits
        for (std::size_t space = rest.find(' '); space != std::string::npos; space = rest.find(' ', space + 1)) {
            if (text_width(rest.substr(0, space), size) > max_width) break;
            end = space;
        }
        if (end == 0) break;
        lines.push_back(rest.substr(0, end));
        rest.erase(0, end + 1);
    }
    lines.push_back(fit(rest, size, max_width));
    return lines;
}

Image Canvas::to_image() {
    check();
    cairo_surface_flush(surface_.get());
    Image out(cairo_image_surface_get_width(surface_.get()), cairo_image_surface_get_height(surface_.get()));
    const unsigned char* rows = cairo_image_surface_get_data(surface_.get());
    const int stride = cairo_image_surface_get_stride(surface_.get());
    for (int y = 0; y < out.height; ++y) {
        const auto* source = reinterpret_cast<const std::uint32_t*>(rows + std::ptrdiff_t(y) * stride);
        std::uint8_t* target = out.pixel(y, 0);
        for (int x = 0; x < out.width; ++x, target += 3) {
            target[0] = std::uint8_t(source[x] >> 16);
            target[1] = std::uint8_t(source[x] >> 8);
            target[2] = std::uint8_t(source[x]);
        }
    }
    return out;
}

std::string Canvas::to_svg() {
    check();
    cairo_surface_finish(surface_.get());
    check_status(cairo_surface_status(surface_.get()));
    // cairo numbers surfaces through the life of the process; without the numbers the same drawing is the same bytes.
    std::string& text = *svg_;
    constexpr std::string_view name = " id=\"surface";
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        const std::size_t end = text.find('"', at + name.size());
        if (end == std::string::npos) break;
        text.erase(at, end + 1 - at);
    }
    return std::move(text);
}

}  // namespace vglaw
