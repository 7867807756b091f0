#include "apps/vglaw/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw::app {
namespace {

int open_for_writing(const std::filesystem::path& path, int how) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0644);
    if (file < 0) fail(ErrorCode::io, "cannot write {}: {}", path.string(), std::strerror(errno));
    return file;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& output,
                           const std::filesystem::path& log) {
    std::vector<std::string> words{"vglaw"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int out = open_for_writing(output, O_TRUNC), err = open_for_writing(log, O_APPEND);
    const pid_t parent = ::getpid();
    id_ = ::fork();
    if (id_ == 0) {
        // Between fork and exec only what is safe in a signal handler.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(127);  // it died before the line above
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        ::execv("/proc/self/exe", argv.data());
        ::_exit(127);
    }
    const int reason = errno;
    ::close(out);
    ::close(err);
    if (id_ < 0) fail(ErrorCode::io, "cannot start a process: {}", std::strerror(reason));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, -1)), ended_(other.ended_) {}

/// What was ours becomes the other's to stop.
ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(ended_, other.ended_);
    return *this;
}

ChildProcess::~ChildProcess() {
    if (id_ < 0 || ended_) return;
    terminate();
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
}

std::optional<int> ChildProcess::poll() {
    int status = 0;
    if (!ended_ && ::waitpid(id_, &status, WNOHANG) == id_) ended_ = code_of(status);
    return ended_;
}

void ChildProcess::terminate() const {
    if (!ended_) ::kill(id_, SIGTERM);
}

}  // namespace vglaw::app
