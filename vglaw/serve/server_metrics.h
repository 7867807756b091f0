// What the server counts, as Prometheus' text format 0.0.4.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vglaw::serve {

/// Counts under upper bounds, as Prometheus wants them; not thread-safe.
class Histogram {
public:
    explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}
    void add(double value);
    /// NAME_bucket, NAME_sum and NAME_count; `labels` as `route="/v1/ground"` or empty.
    void write(std::string& out, std::string_view name, const std::string& labels) const;

private:
    std::vector<double> bounds_;
    std::vector<std::uint64_t> counts_;  // one a bound, and beyond the last
    double sum_ = 0;
};

/// What is true now, asked for when the metrics are.
struct ServerGauges {
    std::size_t connections = 0, in_flight = 0;
    std::size_t body_bytes = 0;  ///< of requests being read or answered
    bool ready = false;
    struct Model {
        std::string name;
        std::size_t waiting = 0;  ///< expressions
        double loaded = 0;        ///< seconds since 1970
    };
    std::vector<Model> models;
};

/// Thread-safe.
class ServerMetrics {
public:
    void request(const std::string& route, int status, double seconds);
    void error(const std::string& kind);
    void pass(const std::string& model, std::size_t expressions, double seconds);
    void stage(const std::string& stage, double seconds);  ///< prepare, queue, finish
    void reload(bool done);
    [[nodiscard]] std::string text(const ServerGauges& gauges) const;

private:
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, int>, std::uint64_t> requests_;
    std::map<std::string, std::uint64_t> errors_;
    std::map<std::string, Histogram> latency_, stages_, batch_sizes_, pass_seconds_;
    std::uint64_t reloads_done_ = 0, reloads_failed_ = 0;
};

}  // namespace vglaw::serve
