#include "vglaw/serve/server_metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace vglaw::serve {
namespace {

Histogram seconds_histogram() {
    return Histogram({0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30});
}

Histogram& of(std::map<std::string, Histogram>& histograms, const std::string& key, const Histogram& fresh) {
    return histograms.try_emplace(key, fresh).first->second;
}

/// Names of models come from the command line.
std::string escaped(const std::string& label) {
    std::string out;
    for (const char c : label) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out;
}

std::string label(const char* name, const std::string& value) { return fmt::format("{}=\"{}\"", name, escaped(value)); }

class Page {
public:
    explicit Page(std::string& out) : out_(out) {}
    void family(const char* name, const char* type, const char* help) {
        fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    template <typename Number>
    void sample(const char* name, const std::string& labels, Number value) {
        if (labels.empty()) {
            fmt::format_to(std::back_inserter(out_), "{} {}\n", name, value);
        } else {
            fmt::format_to(std::back_inserter(out_), "{}{{{}}} {}\n", name, labels, value);
        }
    }
    template <typename Number>
    void single(const char* name, const char* type, const char* help, Number value) {
        family(name, type, help);
        sample(name, "", value);
    }
    void histograms(const char* name, const char* help, const char* key,
                    const std::map<std::string, Histogram>& histograms) {
        family(name, "histogram", help);
        for (const auto& [value, histogram] : histograms) histogram.write(out_, name, label(key, value));
    }

private:
    std::string& out_;
};

std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * std::size_t(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

void Histogram::add(double value) {
    ++counts_[std::size_t(std::ranges::lower_bound(bounds_, value) - bounds_.begin())];
    sum_ += value;
}

void Histogram::write(std::string& out, std::string_view name, const std::string& labels) const {
    const std::string more = labels.empty() ? "" : labels + ",", all = labels.empty() ? "" : "{" + labels + "}";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        below += counts_[i];
        const std::string bound = i < bounds_.size() ? fmt::format("{}", bounds_[i]) : "+Inf";
        fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"{}\"}} {}\n", name, more, bound, below);
    }
    fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n{}_count{} {}\n", name, all, sum_, name, all, below);
}

void ServerMetrics::request(const std::string& route, int status, double seconds) {
    const std::lock_guard lock(mutex_);
    ++requests_[{route, status}];
    of(latency_, route, seconds_histogram()).add(seconds);
}

void ServerMetrics::error(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    ++errors_[kind];
}

void ServerMetrics::pass(const std::string& model, std::size_t expressions, double seconds) {
    const std::lock_guard lock(mutex_);
    of(batch_sizes_, model, Histogram({1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64})).add(double(expressions));
    of(pass_seconds_, model, seconds_histogram()).add(seconds);
}

void ServerMetrics::stage(const std::string& stage, double seconds) {
    const std::lock_guard lock(mutex_);
    of(stages_, stage, seconds_histogram()).add(seconds);
}

void ServerMetrics::reload(bool done) {
    const std::lock_guard lock(mutex_);
    ++(done ? reloads_done_ : reloads_failed_);
}

std::string ServerMetrics::text(const ServerGauges& gauges) const {
    std::string out;
    Page page(out);
    const std::lock_guard lock(mutex_);
    page.family("vglaw_requests_total", "counter", "Requests answered, by route and status.");
    for (const auto& [key, count] : requests_) {
        page.sample("vglaw_requests_total", fmt::format("{},code=\"{}\"", label("route", key.first), key.second), count);
    }
    page.family("vglaw_errors_total", "counter", "What went wrong, by kind: refused requests, broken connections, clients gone.");
    for (const auto& [kind, count] : errors_) page.sample("vglaw_errors_total", label("kind", kind), count);
    page.histograms("vglaw_request_seconds", "From the whole request to its answer.", "route", latency_);
    page.histograms("vglaw_stage_seconds", "Parts of a grounding request: prepare, queue, finish.", "stage", stages_);
    page.histograms("vglaw_batch_expressions", "Expressions in a forward pass.", "model", batch_sizes_);
    page.histograms("vglaw_pass_seconds", "Forward passes.", "model", pass_seconds_);
    page.family("vglaw_queue_expressions", "gauge", "Expressions that wait for a forward pass.");
    for (const auto& model : gauges.models)
        page.sample("vglaw_queue_expressions", label("model", model.name), model.waiting);
    page.family("vglaw_model_loaded_timestamp_seconds", "gauge", "When the model file was read.");
    for (const auto& model : gauges.models)
        page.sample("vglaw_model_loaded_timestamp_seconds", label("model", model.name), fmt::format("{:.3f}", model.loaded));
    page.family("vglaw_model_reloads_total", "counter", "Model files read again, by result.");
    page.sample("vglaw_model_reloads_total", "result=\"done\"", reloads_done_);
    page.sample("vglaw_model_reloads_total", "result=\"failed\"", reloads_failed_);
    page.single("vglaw_requests_in_flight", "gauge", "Grounding requests between their arrival and their answer.", gauges.in_flight);
    page.single("vglaw_connections", "gauge", "Open connections.", gauges.connections);
    page.single("vglaw_body_bytes", "gauge", "Bytes of requests that are being read or answered.", gauges.body_bytes);
    page.single("vglaw_ready", "gauge", "1 when requests are taken, 0 when draining.", gauges.ready ? 1 : 0);
    page.single("process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    page.single("process_cpu_seconds_total", "counter", "CPU time, user and system.", cpu_seconds());
    return out;
}

}  // namespace vglaw::serve
