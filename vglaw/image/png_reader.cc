#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/image/codecs.h"
#include "vglaw/image/composite.h"
#include "vglaw/image/exif.h"

namespace vglaw::codecs {
namespace {

/// Deflate cannot shrink data more than this: a header that promises more than the file could hold is a lie.
constexpr double kMaxDeflateRatio = 1032;

/// libpng leaves by longjmp, which runs no destructors: whatever owns memory lives here, outside the frames it leaves.
struct Session {
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::span<const std::uint8_t> bytes;
    std::size_t position = 0;
    char message[128] = "";
    Decoded result;
    std::vector<std::uint8_t> raw;  // what is not RGB of 8 bits yet
    std::vector<png_bytep> rows;
    std::int64_t width = 0, height = 0;
    bool alpha = false, wide = false;

    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
    Session& session = *static_cast<Session*>(png_get_error_ptr(png));
    std::snprintf(session.message, sizeof session.message, "%s", text);
    png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep target, std::size_t count) {
    Session& session = *static_cast<Session*>(png_get_io_ptr(png));
    if (count > session.bytes.size() - session.position) png_error(png, "the file ends too early");
    std::memcpy(target, session.bytes.data() + session.position, count);
    session.position += count;
}

/// Runs `step` under setjmp; true when it finished, false when libpng left it. `step` must own nothing.
template <typename Step>
bool finishes(Session& session, Step step) {
    if (setjmp(png_jmpbuf(session.png)) != 0) return false;
    step(session);
    return true;
}

void read_header(Session& session) {
    png_structp png = session.png;
    png_set_read_fn(png, &session, read_bytes);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // ours is on the product and has a better message
    // Texts, profiles and palettes that nobody here reads: libpng would inflate and keep a thousand of them, 8 MB each.
    static constexpr png_byte unread[] = "tEXt\0zTXt\0iTXt\0iCCP\0sPLT\0hIST";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, 6);
    png_set_chunk_cache_max(png, 16);
    png_set_chunk_malloc_max(png, png_alloc_size_t{1} << 20);
    png_read_info(png, session.info);
    session.width = png_get_image_width(png, session.info);
    session.height = png_get_image_height(png, session.info);
    session.alpha = (png_get_color_type(png, session.info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                    png_get_valid(png, session.info, PNG_INFO_tRNS) != 0;
}

std::size_t bytes_a_pixel(const Session& session) {
    return std::size_t(session.alpha ? 4 : 3) * (session.wide ? 2 : 1);
}

/// DecodeOptions::labels, of a row.
void label_row(const Session& session, const std::uint8_t* raw, std::uint8_t* rgb) {
    const std::size_t channel = session.wide ? 2 : 1, colours = 3 * channel, step = bytes_a_pixel(session);
    const auto any = [](const std::uint8_t* at, std::size_t count) {
        return std::any_of(at, at + count, [](std::uint8_t byte) { return byte != 0; });
    };
    for (std::int64_t x = 0; x < session.width; ++x, raw += step, rgb += 3) {
        const bool set = any(raw, colours) && (!session.alpha || any(raw + colours, channel));
        std::fill_n(rgb, 3, std::uint8_t(set ? 255 : 0));
    }
}

void read_pixels(Session& session) {
    png_structp png = session.png;
    png_set_expand(png);                       // palette -> RGB, 1/2/4-bit gray -> 8, tRNS -> alpha
    if (!session.wide) png_set_strip_16(png);  // the high byte, as Pillow does
    png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, session.info);
    const std::size_t expected = std::size_t(session.width) * bytes_a_pixel(session);
    if (png_get_rowbytes(png, session.info) != expected) png_error(png, "unexpected row size");
    png_read_image(png, session.rows.data());
    png_read_end(png, session.info);
}

}  // namespace

Decoded read_png(std::span<const std::uint8_t> bytes, const std::string& origin, std::int64_t max_pixels, bool labels) {
    Session session;
    session.bytes = bytes;
    session.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
    if (session.png != nullptr) session.info = png_create_info_struct(session.png);
    if (session.info == nullptr) fail(ErrorCode::internal, "{}: libpng cannot start: {}", origin, session.message);
    const auto damaged = [&] { fail(ErrorCode::corrupt_data, "{}: damaged PNG: {}", origin, session.message); };

    if (!finishes(session, read_header)) damaged();
    check_size(session.width, session.height, max_pixels, origin);
    const double bits = double(session.width) * double(session.height) * png_get_channels(session.png, session.info) *
                        png_get_bit_depth(session.png, session.info);
    if (bits / 8 > kMaxDeflateRatio * double(bytes.size())) {
        fail(ErrorCode::corrupt_data, "{}: damaged PNG: {} x {} pixels cannot fit in {} bytes", origin, session.width,
             session.height, bytes.size());
    }
    const int width = int(session.width), height = int(session.height);
    session.result.image = Image(width, height);
    session.wide = labels && png_get_bit_depth(session.png, session.info) == 16;
    const bool raw = labels || session.alpha;
    const std::size_t stride = std::size_t(width) * bytes_a_pixel(session);
    if (raw) session.raw.resize(std::size_t(height) * stride);
    session.rows.resize(std::size_t(height));
    for (int y = 0; y < height; ++y) {
        session.rows[std::size_t(y)] =
            raw ? session.raw.data() + std::size_t(y) * stride : session.result.image.pixel(y, 0);
    }
    if (!finishes(session, read_pixels)) damaged();
    for (int y = 0; raw && y < height; ++y) {
        std::uint8_t* const row = session.result.image.pixel(y, 0);
        if (labels) {
            label_row(session, session.rows[std::size_t(y)], row);
        } else {
            composite_on_white(session.rows[std::size_t(y)], row, width);
        }
    }
    png_bytep block = nullptr;
    png_uint_32 length = 0;
    if (png_get_eXIf_1(session.png, session.info, &length, &block) != 0) {
        session.result.orientation = exif_orientation({block, length});
    }
    return std::move(session.result);
}

}  // namespace vglaw::codecs
