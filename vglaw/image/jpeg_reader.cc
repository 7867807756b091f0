#include <csetjmp>
#include <cstdio>  // jpeglib.h uses FILE without including it

#include <jerror.h>
#include <jpeglib.h>

#include "vglaw/core/error.h"
#include "vglaw/image/codecs.h"
#include "vglaw/image/exif.h"

namespace vglaw::codecs {
namespace {

/// Each further scan of a progressive file costs a pass over the whole picture: a small file with thousands of them is
/// an attack, real ones have about ten.
constexpr int kMaxScans = 500;

/// libjpeg reports by callbacks and leaves by longjmp, which runs no destructors: everything that owns memory lives
/// here, outside the functions that longjmp leaves, and no message reaches stderr.
struct Session {
    jpeg_decompress_struct decoder{};
    jpeg_error_mgr errors{};
    jpeg_progress_mgr progress{};
    std::jmp_buf leave{};
    char message[JMSG_LENGTH_MAX] = "";
    std::span<const std::uint8_t> bytes;
    Decoded result;
    std::vector<std::uint8_t> row;  // CMYK only
    bool created = false;

    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
        if (created) jpeg_destroy_decompress(&decoder);
    }
};

Session& session_of(j_common_ptr decoder) { return *static_cast<Session*>(decoder->client_data); }

[[noreturn]] void leave_with_message(j_common_ptr decoder) {
    Session& session = session_of(decoder);
    decoder->err->format_message(decoder, session.message);
    std::longjmp(session.leave, 1);
}

/// Warnings that mean missing pixels are errors: libjpeg would fill the rest with gray and carry on.
void on_message(j_common_ptr decoder, int level) {
    const int code = decoder->err->msg_code;
    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) leave_with_message(decoder);
}

void on_progress(j_common_ptr decoder) {
    if (reinterpret_cast<j_decompress_ptr>(decoder)->input_scan_number > kMaxScans) {
        Session& session = session_of(decoder);
        std::snprintf(session.message, sizeof session.message, "more than %d scans", kMaxScans);
        std::longjmp(session.leave, 1);
    }
}

/// Runs `step` under setjmp; true when it finished, false when libjpeg left it. `step` must own nothing.
template <typename Step>
bool finishes(Session& session, Step step) {
    if (setjmp(session.leave) != 0) return false;
    step(session);
    return true;
}

void read_header(Session& session) {
    jpeg_decompress_struct& decoder = session.decoder;
    jpeg_create_decompress(&decoder);
    session.created = true;
    decoder.progress = &session.progress;
    jpeg_save_markers(&decoder, JPEG_APP0 + 1, 0xFFFF);
    jpeg_mem_src(&decoder, session.bytes.data(), static_cast<unsigned long>(session.bytes.size()));
    jpeg_read_header(&decoder, TRUE);
    const bool four_channels = decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
    decoder.out_color_space = four_channels ? JCS_CMYK : JCS_RGB;
    decoder.dct_method = JDCT_ISLOW;  // the accurate one, the same on every machine
}

void read_pixels(Session& session) {
    jpeg_decompress_struct& decoder = session.decoder;
    Image& image = session.result.image;
    jpeg_start_decompress(&decoder);
    while (decoder.output_scanline < decoder.output_height) {
        std::uint8_t* target = image.pixel(int(decoder.output_scanline), 0);
        if (decoder.out_color_space == JCS_RGB) {
            jpeg_read_scanlines(&decoder, &target, 1);
            continue;
        }
        std::uint8_t* ink = session.row.data();
        jpeg_read_scanlines(&decoder, &ink, 1);
        for (int x = 0; x < image.width; ++x, ink += 4, target += 3) {
            // Stored inverted (255 = no ink), as Adobe writes it and all viewers expect, so each channel is light.
            for (int c = 0; c < 3; ++c) target[c] = multiply_255(ink[c], ink[3]);
        }
    }
    jpeg_finish_decompress(&decoder);
}

}  // namespace

Decoded read_jpeg(std::span<const std::uint8_t> bytes, const std::string& origin, std::int64_t max_pixels) {
    Session session;
    session.bytes = bytes;
    session.decoder.err = jpeg_std_error(&session.errors);
    session.decoder.client_data = &session;
    session.errors.error_exit = leave_with_message;
    session.errors.emit_message = on_message;
    session.errors.output_message = [](j_common_ptr) {};
    session.progress.progress_monitor = on_progress;
    const auto damaged = [&] { fail(ErrorCode::corrupt_data, "{}: damaged JPEG: {}", origin, session.message); };

    if (!finishes(session, read_header)) damaged();
    check_size(session.decoder.image_width, session.decoder.image_height, max_pixels, origin);
    const int width = int(session.decoder.image_width), height = int(session.decoder.image_height);
    for (auto marker = session.decoder.marker_list; marker != nullptr; marker = marker->next) {
        const int orientation = exif_orientation({marker->data, marker->data_length});
        if (orientation != 1) session.result.orientation = orientation;
    }
    session.result.image = Image(width, height);
    if (session.decoder.out_color_space == JCS_CMYK) session.row.resize(std::size_t(width) * 4);
    if (!finishes(session, read_pixels)) damaged();
    return std::move(session.result);
}

}  // namespace vglaw::codecs
