#include "vglaw/serve/model_snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw::serve {
namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

int nameless_file() {
    std::error_code error;
    const auto folder = std::filesystem::temp_directory_path(error);
    const int file = error ? -1 : ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return file >= 0 ? file : ::memfd_create("vglaw-model", MFD_CLOEXEC);
}

[[noreturn]] void fail_to(const char* what, const std::filesystem::path& path) {
    fail(ErrorCode::io, "cannot {} {}: {}", what, path.string(), std::strerror(errno));
}

void copy(int from, int to, const std::filesystem::path& path) {
    std::vector<char> block(1 << 20);
    for (;;) {
        const ssize_t got = ::read(from, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_to("read", path);
        if (got == 0) return;
        for (ssize_t done = 0; done < got;) {
            const ssize_t put = ::write(to, block.data() + done, std::size_t(got - done));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) fail_to("copy", path);
            done += put;
        }
    }
}

}  // namespace

ModelBundle snapshot_bundle(const std::filesystem::path& path) {
    const Descriptor from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (from.number() < 0) {
        if (errno == ENOENT) fail(ErrorCode::not_found, "cannot open {}: there is no such file", path.string());
        fail_to("open", path);
    }
    struct stat about {};
    if (::fstat(from.number(), &about) != 0) fail_to("read", path);
    if (!S_ISREG(about.st_mode)) fail(ErrorCode::io, "cannot read {}: it is no file", path.string());
    const Descriptor to(nameless_file());
    if (to.number() < 0) fail_to("copy", path);
    copy(from.number(), to.number(), path);
    const std::string name = fmt::format("/proc/self/fd/{}", to.number());
    try {
        ModelBundle bundle = read_bundle(name);
        bundle.path = path;
        return bundle;
    } catch (const Error& error) {
        std::string message = error.what();
        for (std::size_t at = message.find(name); at != std::string::npos; at = message.find(name, at)) {
            message.replace(at, name.size(), path.string());
            at += path.string().size();
        }
        throw Error(error.code(), message);
    }
}

}  // namespace vglaw::serve
