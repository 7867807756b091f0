#include "vglaw/format/inflate.h"

#include "vglaw/core/error.h"

#ifndef VGLAW_MINIMAL
#include <zlib.h>

#include <algorithm>
#include <limits>
#endif

namespace vglaw {

#ifdef VGLAW_MINIMAL

std::vector<std::uint8_t> inflate(std::span<const std::uint8_t>, std::size_t, std::uint32_t, const std::string& where) {
    fail(ErrorCode::unsupported, "{} is compressed, which a minimal build does not read; use a full one", where);
}

#else

namespace {

class Inflater {
public:
    explicit Inflater(const std::string& where) {
        if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) fail(ErrorCode::internal, "{}: zlib does not start", where);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream_); }
    z_stream& stream() { return stream_; }

private:
    z_stream stream_{};
};

/// zlib counts in 32 bits.
uInt slice(std::size_t bytes) { return uInt(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max())); }

}  // namespace

std::vector<std::uint8_t> inflate(std::span<const std::uint8_t> packed, std::size_t size, std::uint32_t crc,
                                  const std::string& where) {
    Inflater inflater(where);
    z_stream& stream = inflater.stream();
    // One byte more than promised, to see when there is more than that; grown with the output, not with the promise.
    std::vector<std::uint8_t> output;
    std::size_t read = 0, written = 0;
    int state = Z_OK;
    while (state != Z_STREAM_END) {
        constexpr std::size_t step = 1 << 20;
        if (written == output.size()) output.resize(std::min(size + 1, std::max(output.size() * 2, step)));
        const uInt input_bytes = slice(packed.size() - read), output_bytes = slice(output.size() - written);
        stream.next_in = const_cast<Bytef*>(packed.data() + read);
        stream.avail_in = input_bytes;
        stream.next_out = output.data() + written;
        stream.avail_out = output_bytes;
        state = ::inflate(&stream, Z_NO_FLUSH);
        const std::size_t consumed = input_bytes - stream.avail_in, produced = output_bytes - stream.avail_out;
        read += consumed;
        written += produced;
        const bool stuck = consumed == 0 && produced == 0 && state != Z_STREAM_END;
        if ((state != Z_OK && state != Z_STREAM_END) || stuck) {
            fail(ErrorCode::corrupt_data, "{}: the compressed bytes are damaged or truncated", where);
        }
        if (written > size) break;
    }
    if (written != size || read != packed.size()) {
        fail(ErrorCode::corrupt_data, "{}: it unpacks to {} bytes, the directory says {}", where,
             written > size ? "more" : std::to_string(written), size);
    }
    output.resize(size);
    std::uint32_t actual = 0;
    for (std::size_t at = 0; at < size; at += slice(size - at)) {
        actual = std::uint32_t(crc32(actual, output.data() + at, slice(size - at)));
    }
    if (actual != crc) fail(ErrorCode::corrupt_data, "{}: the checksum does not match; fetch the file again", where);
    return output;
}

#endif

}  // namespace vglaw
