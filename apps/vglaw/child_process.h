// This program once more, as a process of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vglaw::app {

/// A command of this program that runs beside us, its output in files. Dies (by TERM, so a training writes its
/// checkpoint) when this process does.
class ChildProcess {
public:
    /// `arguments` without the program's name. `output` is replaced, `log` (stderr) appended to. Throws io.
    ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& output,
                 const std::filesystem::path& log);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();  ///< asks it to stop and waits

    /// Its exit code once it has ended, 128 + the signal when one ended it; nothing while it runs. Does not wait.
    [[nodiscard]] std::optional<int> poll();
    void terminate() const;

private:
    pid_t id_ = -1;
    std::optional<int> ended_;
};

}  // namespace vglaw::app
