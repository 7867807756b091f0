// HTTP/1.1 on a socket in front of a Service: connections, their limits and deadlines.
//
//     HttpServer server(service, {.port = 8080});
//     server.run();   // until drain() from another thread, and the last answer
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "vglaw/serve/service.h"

namespace vglaw::serve {

struct WireOptions {
    std::string host = "127.0.0.1";             ///< an address, or a name that means one
    std::uint16_t port = 8080;                  ///< 0: one that is free
    std::size_t max_body = 16 << 20;            ///< bytes of one request
    std::size_t all_bodies = 512 << 20;         ///< bytes of all requests that are read or answered at once
    std::size_t max_head = 32 << 10;            ///< bytes of request line and headers
    std::size_t connections = 1024;             ///< open at once; beyond, the one that dawdles longest is closed
    std::chrono::milliseconds idle{60'000};     ///< between two requests
    std::chrono::milliseconds head{10'000};     ///< for a whole head, however it trickles in
    std::chrono::milliseconds body{60'000};     ///< for a whole body
    std::chrono::milliseconds answer{60'000};   ///< for a client to take a whole answer
    std::chrono::milliseconds drain{15'000};    ///< for the requests that are there when drain() is called
};

class HttpServer {
public:
    /// Listens. Throws io: the address is taken, is not ours, or the port needs a right we lack; invalid_argument: no
    /// such host.
    HttpServer(Service& service, const WireOptions& options);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    [[nodiscard]] std::string address() const;  ///< "127.0.0.1:8080", with the port that was found
    /// Serves on the calling thread. Returns after drain() or stop().
    void run();
    /// Takes no more connections, closes the idle ones, answers what is there. From any thread.
    void drain();
    /// Ends at once. From any thread.
    void stop();

private:
    class Listener;
    std::unique_ptr<Listener> listener_;
};

}  // namespace vglaw::serve
