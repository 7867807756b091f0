// Several ranks as threads of one test: real sockets, one process.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// A port of this machine that was free a moment ago.
inline int free_port() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    (void)::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
    (void)::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(descriptor);
    return ntohs(address.sin_port);
}

inline Launch launch_of(int rank, int world, int port) {
    Launch launch;
    launch.launcher = "test";
    launch.rank = rank;
    launch.world = world;
    launch.local_rank = rank;
    launch.address = "127.0.0.1";
    launch.port = port;
    return launch;
}

/// Runs body(group) on every rank; what each ended with, empty when it did not fail.
inline std::vector<std::string> on_ranks(int world, const std::function<void(ProcessGroup&)>& body) {
    const int port = free_port();
    std::vector<std::string> failures(static_cast<std::size_t>(world));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < world; ++rank) {
        threads.emplace_back([&, rank] {
            try {
                ProcessGroup group(launch_of(rank, world, port), std::chrono::seconds(60));
                try {
                    body(group);
                    group.leave();
                } catch (const std::exception& error) {
                    group.tell_failure(error.what());
                    throw;
                }
            } catch (const std::exception& error) {
                failures[std::size_t(rank)] = error.what();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    return failures;
}

/// This LibTorch came without Gloo's headers: nothing to test.
inline bool no_gloo() {
    static const bool none = [] {
        try {
            ProcessGroup group(launch_of(1, 2, 1), std::chrono::seconds(1));
        } catch (const Error& error) {
            return error.code() == ErrorCode::unsupported;
        }
        return false;
    }();
    return none;
}

}  // namespace vglaw::train
