#include "apps/vglaw/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace vglaw::app {
namespace {

std::string clock_text(double seconds) {
    const auto whole = std::int64_t(seconds);
    if (whole >= 3600) return fmt::format("{}:{:02d}:{:02d}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02d}", whole / 60, whole % 60);
}

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::update(std::int64_t done, std::int64_t total) {
    if (first_ < 0) {
        first_ = done - 1;  // a resumed run does not count what was done before
        start_ = Clock::now();
    }
    done_ = done;
    total_ = total;
    constexpr auto redraw = std::chrono::milliseconds(200);
    if (!terminal_ || Clock::now() - last_ < redraw) return;
    last_ = Clock::now();
    draw();
}

void ProgressBar::draw() {
    const double share = total_ > 0 ? double(done_) / double(total_) : 0;
    const double spent = std::chrono::duration<double>(Clock::now() - start_).count();
    const double eta = done_ > first_ ? spent * double(total_ - done_) / double(done_ - first_) : 0;
    constexpr int cells = 24;
    const int full = int(share * cells);
    std::string text =
        fmt::format("[{}{}] {:5.1f} %  {}/{}  ETA {}  {}", std::string(std::size_t(full), '#'),
                    std::string(std::size_t(cells - full), '.'), 100 * share, done_, total_, clock_text(eta), detail_);
    text.resize(std::min(text.size(), terminal_width() - 1));
    fmt::print(stderr, "\r\x1b[K{}", text);
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressBar::clear() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
    drawn_ = false;
}

void ProgressBar::line(const std::string& text) {
    clear();
    fmt::print(stderr, "{}\n", text);
    std::fflush(stderr);
    if (terminal_ && total_ > 0) draw();
}

void ProgressBar::finish() {
    if (terminal_ && total_ > 0) {
        draw();
        fmt::print(stderr, "\n");
        drawn_ = false;
    }
}

}  // namespace vglaw::app
