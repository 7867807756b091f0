// One connection: reads a request, lets the Service answer it, writes the answer, and again. Inside the room only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "vglaw/serve/http_server.h"

namespace vglaw::serve {

class HttpSession;

/// What the connections of one server share. Used on the server's thread alone.
struct Wire {
    Service& service;
    WireOptions options;
    std::shared_ptr<boost::asio::io_context> io;
    std::list<std::shared_ptr<HttpSession>> sessions;
    bool draining = false;
    std::function<void()> on_last;  ///< when draining and the last connection is closed
};

class HttpSession : public std::enable_shared_from_this<HttpSession> {
public:
    HttpSession(Wire& wire, boost::asio::ip::tcp::socket socket);

    /// Begins with the first request; the wire holds this object until it is closed.
    void start();
    /// Answers 503 and closes: there are too many connections.
    void turn_away();
    void close();
    /// Closes now when nothing has been asked, else after the answer.
    void end();
    /// Time since it last did something useful; nothing while its request is being computed.
    [[nodiscard]] std::optional<Duration> dawdling() const;

private:
    enum class State { idle, head, body, computing, answering, lingering, closed };
    using ErrorCode = boost::system::error_code;
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void enter(State state, std::chrono::milliseconds allowed);
    void wait_for_request();
    void read_head();
    void on_head(ErrorCode error);
    void read_body();
    void read_more();
    [[nodiscard]] bool charge();  ///< the body so far; false when there is no room for it
    [[nodiscard]] HttpResponse too_much() const;
    void on_body(ErrorCode error);
    void compute();
    void watch_client();
    void broken(ErrorCode error);
    void respond(HttpResponse response, bool keep);
    void on_written(ErrorCode error, bool keep);
    void linger();
    void discard();

    Wire& wire_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer timer_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    State state_ = State::idle;
    TimePoint since_{};
    std::uint64_t phase_ = 0;  // which enter() a timer belongs to
    bool timed_out_ = false, end_after_ = false, keep_ = false, watching_ = false;
    std::string client_, id_;
    HttpRequest request_;                  // its head, for the log
    std::optional<HttpResponse> refusal_;  // decided by the head, said after the body
    std::shared_ptr<Exchange> exchange_;
    std::size_t held_ = 0;     // bytes of the common allowance for bodies
    std::string head_, body_;  // of the answer
    std::list<std::shared_ptr<HttpSession>>::iterator place_{};
};

}  // namespace vglaw::serve
