#include "vglaw/core/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

std::string reason() { return std::strerror(errno); }

/// A descriptor that closes itself.
struct Descriptor {
    int value;
    ~Descriptor() {
        if (value >= 0) ::close(value);
    }
};

std::size_t open_regular(const std::filesystem::path& path, Descriptor& file) {
    file.value = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file.value < 0) {
        fail(errno == ENOENT || errno == ENOTDIR ? ErrorCode::not_found : ErrorCode::io, "cannot open {}: {}",
             path.string(), reason());
    }
    struct stat status {};
    if (::fstat(file.value, &status) != 0) fail(ErrorCode::io, "cannot stat {}: {}", path.string(), reason());
    if (!S_ISREG(status.st_mode)) fail(ErrorCode::unsupported, "{} is not a regular file", path.string());
    return static_cast<std::size_t>(status.st_size);
}

template <typename Buffer>
Buffer read_whole(const std::filesystem::path& path, std::size_t max_bytes) {
    Descriptor file{-1};
    const std::size_t size = open_regular(path, file);
    if (size > max_bytes) {
        fail(ErrorCode::unsupported, "{} is {} bytes, more than the {} accepted here", path.string(), size, max_bytes);
    }
    Buffer buffer(size, typename Buffer::value_type{});
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(file.value, buffer.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(ErrorCode::io, "cannot read {}: {}", path.string(), reason());
        if (got == 0) break;  // the file shrank under us
        done += static_cast<std::size_t>(got);
    }
    buffer.resize(done);
    return buffer;
}

}  // namespace

std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    return read_whole<std::vector<std::uint8_t>>(path, max_bytes);
}

std::string read_text(const std::filesystem::path& path, std::size_t max_bytes) {
    return read_whole<std::string>(path, max_bytes);
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
    // What is renamed over is gone: a link would lose its target, and a device (as root, /dev/null) its purpose.
    std::error_code none;
    if (std::filesystem::is_symlink(path_, none)) {
        if (auto target = std::filesystem::canonical(path_, none); !none) path_ = std::move(target);
    }
    const auto status = std::filesystem::status(path_, none);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        fail(ErrorCode::io, "cannot write {}: it exists and is not a regular file", path_.string());
    }
    temporary_ = path_;
    static std::atomic<unsigned> written{0};  // two threads may write the same file
    temporary_ += fmt::format(".{}.{}.tmp", ::getpid(), ++written);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail(ErrorCode::io, "cannot write {}: {}", path_.string(), reason());
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
        ::unlink(temporary_.c_str());
    }
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) fail(ErrorCode::io, "cannot write {}: {}", path_.string(), reason());
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

void AtomicFile::write(std::string_view text) {
    write(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void AtomicFile::commit() {
    // A full disk may show only here, at the flush; then the destructor removes the part that was written.
    if (::fsync(descriptor_) != 0 && errno != EINVAL)
        fail(ErrorCode::io, "cannot write {}: {}", path_.string(), reason());
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
        fail(ErrorCode::io, "cannot write {}: {}", path_.string(), reason());
    }
    ::close(descriptor_);
    descriptor_ = -1;
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
    AtomicFile file(path);
    file.write(bytes);
    file.commit();
}

void write_text(const std::filesystem::path& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

MappedFile::MappedFile(const std::filesystem::path& path) {
    Descriptor file{-1};
    size_ = open_regular(path, file);
    if (size_ == 0) return;
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.value, 0);
    if (mapped == MAP_FAILED) fail(ErrorCode::io, "cannot map {}: {}", path.string(), reason());
    data_ = static_cast<const std::uint8_t*>(mapped);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

void drop_pages(std::span<const std::uint8_t> bytes) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = (reinterpret_cast<std::uintptr_t>(bytes.data()) + page - 1) / page * page;
    const auto end = (reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size()) / page * page;
    if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace vglaw
