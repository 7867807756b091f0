#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "apps/vglaw/command.h"
#include "apps/vglaw/model_option.h"
#include "vglaw/core/error.h"
#include "vglaw/serve/http_server.h"

namespace vglaw::app {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string host = "127.0.0.1", token_file, precision = "auto";
    int port = 8080, threads = 0, workers = 1, deadline_ms = 10'000, head_timeout_ms = 10'000, body_timeout_ms = 60'000,
        idle_timeout_ms = 60'000;
    double max_wait_ms = 0;
    std::size_t max_batch = 8, queue = 256, max_body = 16 << 20, max_expressions = 64, connections = 1024;
    std::int64_t max_image_pixels = 25'000'000;
    std::vector<std::string> models;
    bool quiet = false;
};

serve::ModelSource source_of(const std::string& option) {
    const std::size_t equals = option.find('=');
    std::error_code ignored;
    if (equals == std::string::npos || fs::exists(option, ignored)) return {fs::path(option).stem().string(), option};
    return {option.substr(0, equals), option.substr(equals + 1)};
}

/// SIGTERM and SIGINT drain, once more ends at once; SIGHUP reads the models again. On a thread of its own.
class SignalWatch {
public:
    SignalWatch(serve::HttpServer& server, serve::Service& service, const sigset_t& signals)
        : signals_(signals), thread_([this, &server, &service] { watch(server, service); }) {}
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    ~SignalWatch() {
        ending_ = true;
        pthread_kill(thread_.native_handle(), SIGHUP);  // it waits for signals alone
        thread_.join();
    }

private:
    void watch(serve::HttpServer& server, serve::Service& service) {
        bool draining = false;
        for (;;) {
            int signal = 0;
            sigwait(&signals_, &signal);
            if (ending_) return;
            if (signal == SIGHUP) {
                service.reload();
                continue;
            }
            service.event("signal", "", draining ? "ending at once" : "answering what is there, then ending");
            service.stop_being_ready();
            draining ? server.stop() : server.drain();
            draining = true;
        }
    }

    sigset_t signals_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

int run(const Options& options) {
    // Blocked before any other thread is there, so that every thread leaves them to the one that waits for them.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    const int cores = std::max(1, int(std::thread::hardware_concurrency()));
    serve::ServiceOptions service_options;
    for (const auto& model : options.models) service_options.models.push_back(source_of(model));
    if (options.models.empty()) {
        const fs::path shipped = open_model({}).path;
        service_options.models.push_back({shipped.stem().string(), shipped});
    }
    service_options.model = {
        .batch = {.max_batch = options.max_batch,
                  .max_wait = std::chrono::microseconds(std::int64_t(options.max_wait_ms * 1e3)),
                  .queue = options.queue},
        .workers = options.workers,
        .threads = options.threads,
        .precision = options.precision,
    };
    service_options.limits.expressions = std::min(options.max_expressions, options.queue);
    service_options.max_image_pixels = options.max_image_pixels;
    service_options.deadline = std::chrono::milliseconds(options.deadline_ms);
    service_options.pool_threads = options.threads > 0 ? options.threads : cores;
    service_options.token_file = options.token_file;
    service_options.version = VGLAW_VERSION;

    std::mutex writing;
    const bool quiet = options.quiet;
    serve::Service service(service_options, [&writing, quiet](const std::string& line) {
        if (quiet && line.find("\"event\":\"request\"") != std::string::npos) return;
        const std::lock_guard lock(writing);
        std::fputs((line + "\n").c_str(), stderr);
    });
    serve::WireOptions wire;
    wire.host = options.host;
    wire.port = std::uint16_t(options.port);
    wire.max_body = options.max_body;
    wire.all_bodies = std::max(wire.all_bodies, 4 * options.max_body);
    wire.connections = options.connections;
    wire.head = std::chrono::milliseconds(options.head_timeout_ms);
    wire.body = std::chrono::milliseconds(options.body_timeout_ms);
    wire.idle = std::chrono::milliseconds(options.idle_timeout_ms);
    wire.drain = std::chrono::milliseconds(options.deadline_ms + 5000);
    serve::HttpServer server(service, wire);
    service.announce("http://" + server.address());
    const SignalWatch watch(server, service, signals);
    server.run();
    service.event("ended", "", "every request was answered");
    return 0;
}

}  // namespace

std::function<int()> setup_serve(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("--host", options->host, "address to listen on; 0.0.0.0: every one of this machine")
        ->capture_default_str();
    command.add_option("--port", options->port, "port; 0: one that is free, said in the log")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command.add_option("--model", options->models,
                       "FILE or NAME=FILE, several; the first answers where none is named (default: the shipped one)");
    command
        .add_option("--precision", options->precision, "of the visual blocks' products; auto: as the file is stored")
        ->check(CLI::IsMember({"auto", "fp32", "int8"}))
        ->capture_default_str();
    command.add_option("--threads", options->threads, "threads of a forward pass, and of decoding; 0: every core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command.add_option("--workers", options->workers, "forward passes of a model at the same time")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command.add_option("--max-batch", options->max_batch, "expressions in a forward pass at most; 1: no batching")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command
        .add_option("--max-wait-ms", options->max_wait_ms,
                    "how long a request waits for others to share its pass; under load they come together anyway")
        ->check(CLI::Range(0.0, 10'000.0))
        ->capture_default_str();
    command.add_option("--queue", options->queue, "expressions of a model that may wait; more are refused with 503")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    command
        .add_option("--deadline-ms", options->deadline_ms,
                    "a request whose turn has not come by then gets 504; X-Deadline-Ms shortens it for one")
        ->check(CLI::Range(1, 3'600'000))
        ->capture_default_str();
    command.add_option("--max-image-pixels", options->max_image_pixels, "largest picture, width x height")
        ->check(CLI::Range(std::int64_t(1), std::int64_t(1) << 30))
        ->capture_default_str();
    command.add_option("--max-body", options->max_body, "largest request, bytes")
        ->check(CLI::Range(std::size_t(1024), std::size_t(1) << 30))
        ->capture_default_str();
    command.add_option("--max-expressions", options->max_expressions, "expressions in one request at most")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command.add_option("--connections", options->connections, "open connections at most")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    const std::pair<const char*, std::pair<int*, const char*>> timeouts[] = {
        {"--head-timeout-ms",
         {&options->head_timeout_ms, "for a request's headers to arrive, however they trickle in"}},
        {"--body-timeout-ms", {&options->body_timeout_ms, "for a request's body to arrive"}},
        {"--idle-timeout-ms", {&options->idle_timeout_ms, "for the next request of an open connection"}},
    };
    for (const auto& [name, timeout] : timeouts) {
        command.add_option(name, *timeout.first, timeout.second)
            ->check(CLI::Range(1, 3'600'000))
            ->capture_default_str();
    }
    command.add_option("--token-file", options->token_file, "one token a line: who asks must send one of them")
        ->check([](const std::string& file) {
            // A script's variable that is not set must not open the server to everybody.
            return file.empty() ? std::string("is empty; name a file, or leave the option out") : std::string();
        });
    command.add_flag("--quiet", options->quiet, "no log line for each request");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
