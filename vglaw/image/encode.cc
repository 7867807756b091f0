#include "vglaw/image/encode.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>  // jpeglib.h uses FILE without including it
#include <cstdlib>
#include <exception>

#include <jpeglib.h>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

// As in the readers: the codecs leave by longjmp, so all that owns memory lives in a session outside their frames.
struct JpegSession {
    jpeg_compress_struct encoder{};
    jpeg_error_mgr errors{};
    std::jmp_buf leave{};
    char message[JMSG_LENGTH_MAX] = "";
    unsigned char* bytes = nullptr;  // malloc'ed by libjpeg
    unsigned long size = 0;
    const Image* image = nullptr;
    int quality = 0;

    JpegSession() = default;
    JpegSession(const JpegSession&) = delete;
    JpegSession& operator=(const JpegSession&) = delete;
    ~JpegSession() {
        jpeg_destroy_compress(&encoder);
        std::free(bytes);
    }
};

[[noreturn]] void on_jpeg_error(j_common_ptr encoder) {
    auto& session = *static_cast<JpegSession*>(encoder->client_data);
    encoder->err->format_message(encoder, session.message);
    std::longjmp(session.leave, 1);
}

bool write_jpeg(JpegSession& session) {
    if (setjmp(session.leave) != 0) return false;
    jpeg_compress_struct& encoder = session.encoder;
    jpeg_create_compress(&encoder);
    jpeg_mem_dest(&encoder, &session.bytes, &session.size);
    encoder.image_width = JDIMENSION(session.image->width);
    encoder.image_height = JDIMENSION(session.image->height);
    encoder.input_components = 3;
    encoder.in_color_space = JCS_RGB;
    jpeg_set_defaults(&encoder);
    jpeg_set_quality(&encoder, session.quality, TRUE);
    encoder.dct_method = JDCT_ISLOW;  // integer and exact: the same bytes on every machine
    jpeg_start_compress(&encoder, TRUE);
    while (encoder.next_scanline < encoder.image_height) {
        auto* row = const_cast<JSAMPROW>(session.image->pixel(int(encoder.next_scanline), 0));  // libjpeg only reads
        jpeg_write_scanlines(&encoder, &row, 1);
    }
    jpeg_finish_compress(&encoder);
    return true;
}

struct PngSession {
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::vector<std::uint8_t> bytes;
    char message[128] = "";

    PngSession() = default;
    PngSession(const PngSession&) = delete;
    PngSession& operator=(const PngSession&) = delete;
    ~PngSession() { png_destroy_write_struct(&png, &info); }
};

[[noreturn]] void on_png_error(png_structp png, png_const_charp text) {
    auto& session = *static_cast<PngSession*>(png_get_error_ptr(png));
    std::snprintf(session.message, sizeof session.message, "%s", text);
    png_longjmp(png, 1);
}

/// No exception may cross libpng's frames, so a failed allocation becomes a PNG error after its handler has ended.
void append_bytes(png_structp png, png_bytep data, std::size_t count) {
    bool kept = true;
    try {
        auto& bytes = static_cast<PngSession*>(png_get_io_ptr(png))->bytes;
        bytes.insert(bytes.end(), data, data + count);
    } catch (const std::exception&) {
        kept = false;
    }
    if (!kept) png_error(png, "out of memory");
}

bool write_png(PngSession& session, const std::uint8_t* pixels, int width, int height, int channels) {
    png_structp png = session.png;
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_set_write_fn(png, &session, append_bytes, [](png_structp) {});
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(png, session.info, png_uint_32(width), png_uint_32(height), 8,
                 channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, session.info);
    const std::size_t stride = std::size_t(width) * std::size_t(channels);
    for (int y = 0; y < height; ++y) png_write_row(png, pixels + std::size_t(y) * stride);
    png_write_end(png, session.info);
    return true;
}

std::vector<std::uint8_t> png_bytes(const std::uint8_t* pixels, int width, int height, int channels) {
    if (width < 1 || height < 1) fail(ErrorCode::invalid_argument, "cannot encode an empty picture as PNG");
    PngSession session;
    session.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &session, on_png_error, [](png_structp, png_const_charp) {});
    if (session.png != nullptr) session.info = png_create_info_struct(session.png);
    if (session.info == nullptr || !write_png(session, pixels, width, height, channels)) {
        fail(ErrorCode::internal, "cannot encode a {} x {} picture as PNG: {}", width, height, session.message);
    }
    return std::move(session.bytes);
}

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
    if (quality < 1 || quality > 100) fail(ErrorCode::invalid_argument, "JPEG quality {} is not in 1 to 100", quality);
    if (image.width < 1 || image.height < 1 || image.width > JPEG_MAX_DIMENSION || image.height > JPEG_MAX_DIMENSION) {
        fail(ErrorCode::invalid_argument, "cannot encode a {} x {} picture as JPEG: sides must be in 1 to {}",
             image.width, image.height, JPEG_MAX_DIMENSION);
    }
    JpegSession session;
    session.encoder.err = jpeg_std_error(&session.errors);
    session.encoder.client_data = &session;
    session.errors.error_exit = on_jpeg_error;
    session.errors.output_message = [](j_common_ptr) {};
    session.image = &image;
    session.quality = quality;
    if (!write_jpeg(session)) {
        fail(ErrorCode::internal, "cannot encode a {} x {} picture as JPEG: {}", image.width, image.height,
             session.message);
    }
    return {session.bytes, session.bytes + session.size};
}

std::vector<std::uint8_t> encode_png(const Image& image) {
    return png_bytes(image.rgb.data(), image.width, image.height, 3);
}

std::vector<std::uint8_t> encode_png_gray(const Mask& mask) {
    std::vector<std::uint8_t> gray(mask.pixels.size());
    for (std::size_t i = 0; i < gray.size(); ++i) gray[i] = mask.pixels[i] != 0 ? 255 : 0;
    return png_bytes(gray.data(), mask.width, mask.height, 1);
}

void save_jpeg(const std::filesystem::path& path, const Image& image, int quality) {
    write_file(path, encode_jpeg(image, quality));
}

void save_png(const std::filesystem::path& path, const Image& image) { write_file(path, encode_png(image)); }

void save_png_gray(const std::filesystem::path& path, const Mask& mask) { write_file(path, encode_png_gray(mask)); }

}  // namespace vglaw
