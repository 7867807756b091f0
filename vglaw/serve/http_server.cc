#include "vglaw/serve/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "vglaw/core/error.h"
#include "vglaw/serve/http_session.h"

namespace vglaw::serve {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

tcp::endpoint endpoint_of(asio::io_context& io, const std::string& host, std::uint16_t port) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (!error) return {address, port};
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(host, "", error);
    if (error || found.empty())
        fail(ErrorCode::invalid_argument, "'{}' is no address of this machine: {}", host, error.message());
    return {found.begin()->endpoint().address(), port};
}

/// A connection that waits for somebody is closed rather than a new one refused; not before it had this long.
constexpr std::chrono::seconds patience{1};

}  // namespace

class HttpServer::Listener {
public:
    Listener(Service& service, const WireOptions& options)
        : wire_{service, options, std::make_shared<asio::io_context>(1), {}, false, {}},
          guard_(asio::make_work_guard(*wire_.io)),
          acceptor_(*wire_.io),
          pause_(*wire_.io),
          grace_(*wire_.io) {
        const tcp::endpoint endpoint = endpoint_of(*wire_.io, options.host, options.port);
        boost::system::error_code error;
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) fail(ErrorCode::io, "cannot listen on {} port {}: {}", options.host, options.port, error.message());
        wire_.on_last = [this] { guard_.reset(); };
        accept();
    }

    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() {
        const auto sessions = wire_.sessions;
        for (const auto& session : sessions) session->close();
    }

    [[nodiscard]] std::string address() const {
        const auto local = acceptor_.local_endpoint();
        const std::string host = local.address().to_string();
        return fmt::format("{}:{}", local.address().is_v6() ? "[" + host + "]" : host, local.port());
    }
    void run() { wire_.io->run(); }
    void stop() { wire_.io->stop(); }
    void drain() {
        asio::post(*wire_.io, [this] {
            if (wire_.draining) return;
            wire_.draining = true;
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            pause_.cancel();
            const auto sessions = wire_.sessions;  // end() takes some out
            for (const auto& session : sessions) session->end();
            if (wire_.sessions.empty()) guard_.reset();
            grace_.expires_after(wire_.options.drain);
            grace_.async_wait([this](boost::system::error_code error) {
                if (error) return;
                wire_.service.event("drain_cut_short", "", fmt::format("{} connections were left", wire_.sessions.size()));
                wire_.io->stop();
            });
            if (wire_.sessions.empty()) grace_.cancel();
            wire_.on_last = [this] {
                guard_.reset();
                grace_.cancel();
            };
        });
    }

private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (!acceptor_.is_open()) return;
            if (error) {
                // Most likely out of file descriptors: trying again at once would only burn time.
                wire_.service.event("accept_failed", "", error.message());
                pause_.expires_after(std::chrono::milliseconds(100));
                return pause_.async_wait([this](boost::system::error_code ended) {
                    if (!ended) accept();
                });
            }
            const auto session = std::make_shared<HttpSession>(wire_, std::move(socket));
            if (wire_.sessions.size() < wire_.options.connections || make_room()) {
                session->start();
            } else {
                session->turn_away();
            }
            accept();
        });
    }

    bool make_room() {
        std::shared_ptr<HttpSession> slowest;
        Duration longest = patience;
        for (const auto& session : wire_.sessions) {
            if (const auto time = session->dawdling(); time && *time >= longest) {
                longest = *time;
                slowest = session;
            }
        }
        if (!slowest) return false;
        wire_.service.event("made_room", "", "the connection that did nothing for longest was closed for a new one");
        slowest->close();
        return true;
    }

    Wire wire_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_, grace_;
};

HttpServer::HttpServer(Service& service, const WireOptions& options)
    : listener_(std::make_unique<Listener>(service, options)) {}
HttpServer::~HttpServer() = default;
std::string HttpServer::address() const { return listener_->address(); }
void HttpServer::run() { listener_->run(); }
void HttpServer::drain() { listener_->drain(); }
void HttpServer::stop() { listener_->stop(); }

}  // namespace vglaw::serve
