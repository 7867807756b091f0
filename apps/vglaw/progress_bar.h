// A progress bar on stderr where that is a terminal; plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vglaw::app {

class ProgressBar {
public:
    ProgressBar();
    void update(std::int64_t done, std::int64_t total);
    void set_detail(std::string detail) { detail_ = std::move(detail); }
    /// A line of its own above the bar.
    void line(const std::string& text);
    void finish();
    [[nodiscard]] bool on_terminal() const { return terminal_; }

private:
    void draw();
    void clear();

    using Clock = std::chrono::steady_clock;
    bool terminal_, drawn_ = false;
    std::int64_t done_ = 0, total_ = 0, first_ = -1;
    std::string detail_;
    Clock::time_point start_ = Clock::now(), last_{};
};

}  // namespace vglaw::app
