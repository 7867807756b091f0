#include "vglaw/interface/image_view.h"

#include <algorithm>
#include <limits>

#include "vglaw/image/composite.h"
#include "vglaw/interface/guard.h"

namespace vglaw::interface {
namespace {

/// Bytes from a row to the next.
std::size_t checked_stride(const vglaw_image& view) {
    require(view.data, "image->data");
    if (view.width < 1 || view.height < 1) {
        fail(ErrorCode::invalid_argument, "the image is {} x {} pixels; each side is at least 1", view.width,
             view.height);
    }
    if (view.width > kMostPixels / view.height) {
        fail(ErrorCode::invalid_argument, "the image is {} x {} pixels, more than the {} accepted; scale it down first",
             view.width, view.height, kMostPixels);
    }
    if (view.channels != 3 && view.channels != 4) {
        fail(ErrorCode::invalid_argument, "the image has {} channels; give 3, RGB, or 4, RGBA", view.channels);
    }
    const std::size_t row = std::size_t(view.width) * std::size_t(view.channels);
    if (view.stride == 0) return row;
    if (view.stride < row) {
        fail(ErrorCode::invalid_argument,
             "the image's stride is {} bytes, its rows of {} pixels with {} channels have {}; give the bytes from a "
             "row to the next, or 0",
             view.stride, view.width, view.channels, row);
    }
    if (view.stride > std::numeric_limits<std::ptrdiff_t>::max() / std::size_t(view.height)) {
        fail(ErrorCode::invalid_argument, "the image's stride is {} bytes, more than memory has", view.stride);
    }
    return view.stride;
}

}  // namespace

void copy_pixels(const vglaw_image* view, Image& image) {
    require(view, "image");
    const std::size_t stride = checked_stride(*view);
    image.width = view->width;
    image.height = view->height;
    image.rgb.resize(std::size_t(view->width) * std::size_t(view->height) * 3);
    for (int y = 0; y < view->height; ++y) {
        const std::uint8_t* row = view->data + std::size_t(y) * stride;
        if (view->channels == 4) {
            composite_on_white(row, image.pixel(y, 0), view->width);
        } else {
            std::copy_n(row, std::size_t(view->width) * 3, image.pixel(y, 0));
        }
    }
}

}  // namespace vglaw::interface
