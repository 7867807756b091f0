// Where a forward pass spends its time.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace vglaw::engine {

enum class Stage { text, law, patches, norms, products, adaptation, attention, box, mask };
constexpr std::array<std::string_view, 9> stage_names{"text",       "law",       "patches", "norms", "products",
                                                      "adaptation", "attention", "box",     "mask"};

/// Seconds a stage, summed since construction or clear().
class StageTimes {
public:
    void clear() { seconds_.fill(0); }
    void add(const StageTimes& other, double share) {
        for (std::size_t i = 0; i < seconds_.size(); ++i) seconds_[i] += share * other.seconds_[i];
    }
    [[nodiscard]] double seconds(Stage stage) const { return seconds_[std::size_t(stage)]; }
    [[nodiscard]] const std::array<double, 9>& all() const { return seconds_; }

    /// Adds its own lifetime to a stage.
    class Scope {
    public:
        Scope(StageTimes& times, Stage stage) : times_(times), stage_(stage), begin_(Clock::now()) {}
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        ~Scope() {
            times_.seconds_[std::size_t(stage_)] += std::chrono::duration<double>(Clock::now() - begin_).count();
        }

    private:
        using Clock = std::chrono::steady_clock;
        StageTimes& times_;
        Stage stage_;
        Clock::time_point begin_;
    };

private:
    std::array<double, 9> seconds_{};
};

}  // namespace vglaw::engine
