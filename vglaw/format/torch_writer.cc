#include "vglaw/format/torch_writer.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/quote.h"
#include "vglaw/format/stored_array.h"
#include "vglaw/format/utf8.h"

namespace vglaw {
namespace {

constexpr std::size_t alignment = 64;  // torch.save's; lets torch.load map the storages
constexpr std::uint64_t max_file = std::numeric_limits<std::uint32_t>::max();

void put(std::string& out, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out += char(std::uint8_t(value >> (8 * i)));
}

std::string_view storage_of(Dtype dtype) {
    switch (dtype) {
        case Dtype::f64:
            return "DoubleStorage";
        case Dtype::f32:
            return "FloatStorage";
        case Dtype::f16:
            return "HalfStorage";
        case Dtype::bf16:
            return "BFloat16Storage";
        case Dtype::i64:
            return "LongStorage";
        case Dtype::i32:
            return "IntStorage";
        case Dtype::i16:
            return "ShortStorage";
        case Dtype::i8:
            return "CharStorage";
        case Dtype::u8:
            return "ByteStorage";
        case Dtype::boolean:
            return "BoolStorage";
    }
    fail(ErrorCode::internal, "dtype {} has no storage", int(dtype));
}

/// Protocol 2 with the opcodes of torch.save; the names of the opcodes are in Python's pickletools.
class StatePickle {
public:
    StatePickle() : out_("\x80\x02") {
        empty_ordered_dict();
        out_ += '(';
    }

    void add(const std::string& name, const TensorView& view, std::size_t key) {
        text(name);
        out_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
        text("storage");
        out_ += fmt::format("ctorch\n{}\n", storage_of(view.dtype));
        text(std::to_string(key));
        text("cpu");
        integer(std::int64_t(view.numel()));
        out_ += "tQ";  // the storage, by its persistent id
        integer(0);    // its offset
        integers(view.shape);
        integers(dense_strides(view.shape, false));
        out_ += '\x89';  // requires no gradient
        empty_ordered_dict();
        out_ += "tR";
    }

    std::string finish() { return std::move(out_) + "u."; }

private:
    void empty_ordered_dict() { out_ += "ccollections\nOrderedDict\n)R"; }
    void text(std::string_view value) {
        out_ += 'X';
        put(out_, value.size(), 4);
        out_ += value;
    }
    void integer(std::int64_t value) {
        if (value >= 0 && value < 256) {
            out_ += 'K';
            put(out_, std::uint64_t(value), 1);
        } else if (value == std::int32_t(value)) {
            out_ += 'J';
            put(out_, std::uint64_t(value), 4);
        } else {
            out_ += "\x8a\x08";
            put(out_, std::uint64_t(value), 8);
        }
    }
    void integers(const std::vector<std::int64_t>& values) {
        out_ += '(';
        for (const std::int64_t value : values) integer(value);
        out_ += 't';
    }

    std::string out_;
};

/// Stored entries one after the other; sizes are known beforehand, so no data descriptors.
class ZipWriter {
public:
    explicit ZipWriter(const std::filesystem::path& path) : file_(path), where_(path.string()) {}

    void add(const std::string& name, std::span<const std::uint8_t> bytes) {
        std::uint64_t crc = crc32(0, nullptr, 0);
        for (std::size_t at = 0; at < bytes.size();) {
            const uInt step = uInt(std::min<std::size_t>(bytes.size() - at, 1u << 30));
            crc = crc32(uLong(crc), bytes.data() + at, step);
            at += step;
        }
        // version 1.0, no flags, stored, 1 January 1980; the directory repeats this part
        std::string shape;
        for (const std::uint64_t value : {10u, 0u, 0u, 0u, 0x21u}) put(shape, value, 2);
        put(shape, crc, 4);
        put(shape, bytes.size(), 4);
        put(shape, bytes.size(), 4);
        put(shape, name.size(), 2);

        // An extra field of padding aligns the data: its identifier and length take 4 bytes.
        const std::size_t unpadded = std::size_t(at_) + 30 + name.size() + 4;
        const std::size_t padding = (alignment - unpadded % alignment) % alignment;
        std::string local("PK\x03\x04");
        local += shape;
        put(local, 4 + padding, 2);
        local += name;
        local += "FB";
        put(local, padding, 2);
        local.append(padding, 'Z');

        directory_ += "PK\x01\x02";
        put(directory_, 10, 2);
        directory_ += shape;
        put(directory_, 0, 2);                              // no extra field here
        for (int i = 0; i < 5; ++i) put(directory_, 0, 2);  // comment, disk, attributes
        put(directory_, at_, 4);
        directory_ += name;
        ++entries_;
        write(local, bytes.size());
        file_.write(bytes);
    }

    void finish() {
        const std::uint64_t begin = at_, size = directory_.size();
        directory_ += "PK\x05\x06";
        put(directory_, 0, 4);
        put(directory_, entries_, 2);
        put(directory_, entries_, 2);
        put(directory_, size, 4);
        put(directory_, begin, 4);
        put(directory_, 0, 2);
        write(directory_, 0);
        file_.commit();
    }

private:
    void write(const std::string& text, std::size_t following) {
        at_ += text.size() + following;
        if (at_ > max_file || entries_ > 0xffff) {
            fail(ErrorCode::unsupported, "{}: a state dict of more than 4 GiB or 65535 tensors is not written here",
                 where_);
        }
        file_.write(text);
    }

    AtomicFile file_;
    std::string where_, directory_;
    std::uint64_t at_ = 0;
    std::size_t entries_ = 0;
};

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void write_torch(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors) {
    StatePickle pickle;
    std::size_t key = 0;
    for (const auto& [name, view] : tensors) {
        if (!is_utf8(name))
            fail(ErrorCode::invalid_argument, "{}: the name {} is not UTF-8", path.string(), quote(name));
        if (view.bytes.size() != view.numel() * size_of(view.dtype)) {
            fail(ErrorCode::invalid_argument, "{}: tensor {} holds {} bytes, its shape needs {}", path.string(),
                 quote(name), view.bytes.size(), view.numel() * size_of(view.dtype));
        }
        pickle.add(name, view, key++);
    }
    ZipWriter zip(path);
    zip.add("archive/data.pkl", bytes_of(pickle.finish()));
    zip.add("archive/byteorder", bytes_of("little"));
    key = 0;
    for (const auto& [name, view] : tensors) zip.add(fmt::format("archive/data/{}", key++), view.bytes);
    zip.add("archive/version", bytes_of("3\n"));
    zip.finish();
}

}  // namespace vglaw
