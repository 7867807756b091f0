#ifdef VGLAW_GLOO
#include "vglaw/train/rendezvous.h"

#include <c10/util/Logging.h>
#include <fmt/ranges.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#ifdef C10_USE_GLOG
#include <glog/logging.h>
#endif

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw::train {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds poll_every{50};
// A rank in the middle of a long step asks late; one that was killed never does.
constexpr seconds told_patience{15}, left_patience{10};

/// While one lives, c10d does not also print what it throws.
class QuietLog {
public:
    QuietLog() {
        if (living++ == 0) before = std::exchange(level(), fatal);
    }
    QuietLog(const QuietLog&) = delete;
    QuietLog& operator=(const QuietLog&) = delete;
    ~QuietLog() {
        if (--living == 0) level() = before;
    }

private:
    static constexpr int fatal = 3;  // the number in glog and in c10's own log
    static int& level() {
#ifdef C10_USE_GLOG
        return FLAGS_minloglevel;
#else
        return FLAGS_caffe2_log_level;
#endif
    }
    static inline std::atomic<int> living{0}, before{0};  // ranks may be threads of one process
};

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string first_line(const std::exception& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));
}

c10::intrusive_ptr<c10d::Store> open_port(const Launch& launch, int port, bool serve, milliseconds timeout) {
    c10d::TCPStoreOptions options;
    options.port = std::uint16_t(port);
    options.isServer = serve;
    options.waitWorkers = false;  // c10d would say how many are missing, not who
    options.timeout = timeout;
    auto store = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
    store->setTimeout(timeout);
    return store;
}

std::string names_of(const std::vector<int>& ranks) {
    const std::size_t named = std::min<std::size_t>(ranks.size(), 16);
    return fmt::format("rank{} {}{}", ranks.size() == 1 ? "" : "s",
                       fmt::join(ranks.begin(), ranks.begin() + std::ptrdiff_t(named), ", "),
                       named < ranks.size() ? fmt::format(" and {} more", ranks.size() - named) : "");
}

/// torchrun's store; null when its PyTorch speaks a newer language than this LibTorch, as 2.x does to 1.13.
c10::intrusive_ptr<c10d::Store> join_agent(const Launch& launch, milliseconds timeout) {
    try {
        auto store = open_port(launch, launch.port, false, timeout);
        const std::string key = fmt::format("vglaw/{}/hello/{}", launch.attempt, launch.rank);
        store->set(key, bytes_of("hello"));
        const auto back = store->get(key);
        if (std::string(back.begin(), back.end()) == "hello") return store;
    } catch (const std::exception&) {
        // every rank meets the same
    }
    return {};
}

}  // namespace

Rendezvous::Rendezvous(const Launch& launch, seconds timeout) : launch_(launch), timeout_(timeout) {
    const QuietLog quiet;
    int port = launch.port;
    try {
        c10::intrusive_ptr<c10d::Store> whole;
        if (launch.agent_store) {
            whole = join_agent(launch, std::min<milliseconds>(timeout, seconds(20)));
            if (!whole) ++port;  // next to torchrun's
        }
        if (!whole) {
            serves_ = launch.rank == 0;
            whole = open_port(launch, port, serves_, timeout);
        }
        store_ = c10::make_intrusive<c10d::PrefixStore>(fmt::format("vglaw/{}", launch.attempt), whole);
        store_->set(fmt::format("here/{}", launch.rank), bytes_of("1"));
    } catch (const std::exception& error) {
        if (launch.rank == 0 && serves_) {
            fail(ErrorCode::io, "rank 0 cannot open {}:{} for the other ranks ({}); choose another MASTER_PORT",
                 launch.address, port, first_line(error));
        }
        fail(ErrorCode::io,
             "rank {} of {} could not reach rank 0 at {}:{} within {} s ({}); start rank 0, or raise "
             "train.rendezvous_timeout",
             launch.rank, launch.world, launch.address, port, timeout.count(), first_line(error));
    }
    wait_for_all(timeout);
}

void Rendezvous::wait_for_all(seconds timeout) {
    const auto deadline = Clock::now() + timeout;
    std::vector<int> absent;
    try {
        while (!(absent = missing("here")).empty() && Clock::now() < deadline) {
            if (const auto reason = failure(milliseconds(0)); !reason.empty()) fail(ErrorCode::io, "{}", reason);
            std::this_thread::sleep_for(poll_every);
        }
    } catch (const Error&) {
        tell_failure("");
        throw;
    } catch (const std::exception& error) {
        fail(ErrorCode::io, "rank {} of {}: rank 0 is gone while the others were awaited ({}); look at its message",
             launch_.rank, launch_.world, first_line(error));
    }
    if (absent.empty()) return;
    const std::string message =
        fmt::format("{} of {} did not come to {}:{} within {} s; start every rank, or raise train.rendezvous_timeout",
                    names_of(absent), launch_.world, launch_.address, launch_.port, timeout.count());
    tell_failure(message);
    fail(ErrorCode::io, "{}", message);
}

std::vector<int> Rendezvous::missing(const std::string& prefix) const {
    std::vector<int> ranks;
    for (int rank = 0; rank < launch_.world; ++rank) {
        if (!store_->check({fmt::format("{}/{}", prefix, rank)})) ranks.push_back(rank);
    }
    return ranks;
}

std::string Rendezvous::failure(milliseconds patience) {
    const QuietLog quiet;
    const auto deadline = Clock::now() + patience;
    try {
        while (told_.empty()) {
            if (store_->check({"failed"})) {
                const auto value = store_->get("failed");
                told_.assign(value.begin(), value.end());
                store_->set(fmt::format("told/{}", launch_.rank), bytes_of("1"));
            } else if (Clock::now() >= deadline) {
                break;
            } else {
                std::this_thread::sleep_for(poll_every);
            }
        }
    } catch (const std::exception&) {
        return told_;  // the store is gone with whoever held it
    }
    return told_;
}

std::string Rendezvous::from_leader(const std::string& text) {
    const std::string key = fmt::format("leader/{}", texts_++);
    try {
        if (launch_.rank == 0) {
            store_->set(key, bytes_of(text));
            return text;
        }
        // Not by a get() that blocks: rank 0 may fail before it comes to this, and says so elsewhere.
        const auto deadline = Clock::now() + timeout_;
        while (!store_->check({key})) {
            if (const auto reason = failure(milliseconds(0)); !reason.empty()) fail(ErrorCode::io, "{}", reason);
            if (Clock::now() >= deadline) {
                fail(ErrorCode::io,
                     "rank {}: rank 0 has not begun within {} s; look at its log, or raise train.rendezvous_timeout",
                     launch_.rank, timeout_.count());
            }
            std::this_thread::sleep_for(poll_every);
        }
        const auto value = store_->get(key);
        return {value.begin(), value.end()};
    } catch (const Error&) {
        throw;
    } catch (const std::exception& error) {
        fail(ErrorCode::io, "rank {}: rank 0 is gone ({}); look at its log, then start all ranks with --resume",
             launch_.rank, first_line(error));
    }
}

void Rendezvous::linger(const std::string& prefix, milliseconds patience) const {
    if (!serves_ || !patient_) return;
    const auto deadline = Clock::now() + patience;
    const auto absent = missing("here").size();
    while (missing(prefix).size() > absent && Clock::now() < deadline) std::this_thread::sleep_for(poll_every);
}

void Rendezvous::tell_failure(const std::string& reason) noexcept {
    const QuietLog quiet;
    try {
        if (told_.empty() && !store_->check({"failed"})) {
            store_->set("failed", bytes_of(reason));
        }
        store_->set(fmt::format("told/{}", launch_.rank), bytes_of("1"));
        linger("told", told_patience);
    } catch (...) {
        return;  // whom to tell is gone as well
    }
}

void Rendezvous::leave() noexcept {
    const QuietLog quiet;
    try {
        store_->set(fmt::format("left/{}", launch_.rank), bytes_of("1"));
        linger("left", left_patience);
    } catch (...) {
        return;
    }
}

}  // namespace vglaw::train
#endif
