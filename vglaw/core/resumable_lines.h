// A text file that a long job writes line by line and goes on with after any stop, kill -9 and a full disk included.
//
//     ResumableLines out("out.jsonl");                         // locked: a second writer is refused
//     std::size_t done = 0;
//     out.recover([&](std::string_view) { ++done; });          // what is there; a torn last line is cut off
//     out.append("{\"line\":1}\n");
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

namespace vglaw {

class ResumableLines {
public:
    /// Opens the file for appending, made when missing, and locks it until this object or the process ends. Throws io
    /// when another process writes it, the folder is missing or may not be written, or it is no regular file.
    explicit ResumableLines(std::filesystem::path path);
    ResumableLines(const ResumableLines&) = delete;
    ResumableLines& operator=(const ResumableLines&) = delete;
    ~ResumableLines();

    [[nodiscard]] bool empty() const;
    /// Shows every whole line, without its newline, in order; then cuts off what follows the last newline: a line that
    /// a stop tore. When `see` throws, the file is left as it was.
    void recover(const std::function<void(std::string_view line)>& see);
    /// Appends whole lines, each with its newline. Throws io; what was written of them by then is cut off again.
    void append(std::string_view lines);
    /// Until here what was appended outlives the process; from here on the machine's stop too.
    void flush();

private:
    [[nodiscard]] std::size_t size() const;

    std::filesystem::path path_;
    int descriptor_ = -1;
};

}  // namespace vglaw
