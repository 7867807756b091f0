#include "vglaw/core/resumable_lines.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

std::string reason() { return std::strerror(errno); }

}  // namespace

ResumableLines::ResumableLines(std::filesystem::path path) : path_(std::move(path)) {
    // O_NONBLOCK: opening a pipe that nobody reads would wait for ever.
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644);
    if (descriptor_ < 0) fail(ErrorCode::io, "cannot write {}: {}", path_.string(), reason());
    struct stat status {};
    const bool regular = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    if (!regular || ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        ::close(descriptor_);
        if (!regular) fail(ErrorCode::io, "cannot write {}: it exists and is not a regular file", path_.string());
        if (error == EWOULDBLOCK) {
            fail(ErrorCode::io, "{} is being written by another process; wait for it, or name another file",
                 path_.string());
        }
        fail(ErrorCode::io, "cannot lock {}: {}", path_.string(), std::strerror(error));
    }
}

ResumableLines::~ResumableLines() { ::close(descriptor_); }

std::size_t ResumableLines::size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(ErrorCode::io, "cannot stat {}: {}", path_.string(), reason());
    return std::size_t(status.st_size);
}

bool ResumableLines::empty() const { return size() == 0; }

void ResumableLines::recover(const std::function<void(std::string_view line)>& see) {
    const MappedFile file(path_);
    const std::span<const std::uint8_t> bytes = file.bytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::size_t whole = 0;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', whole)) {
        see(text.substr(whole, end - whole));
        whole = end + 1;
    }
    if (whole < text.size() && ::ftruncate(descriptor_, off_t(whole)) != 0) {
        fail(ErrorCode::io, "cannot cut the torn last line off {}: {}", path_.string(), reason());
    }
}

void ResumableLines::append(std::string_view lines) {
    const std::size_t before = size();
    while (!lines.empty()) {
        const ssize_t put = ::write(descriptor_, lines.data(), lines.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            const std::string why = reason();
            // No harm if this fails too: recover() cuts it off.
            [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, off_t(before));
            fail(ErrorCode::io, "cannot write {}: {}; the same command goes on from here", path_.string(), why);
        }
        lines.remove_prefix(std::size_t(put));
    }
}

void ResumableLines::flush() {
    if (::fdatasync(descriptor_) != 0 && errno != EINVAL)
        fail(ErrorCode::io, "cannot write {}: {}", path_.string(), reason());
}

}  // namespace vglaw
