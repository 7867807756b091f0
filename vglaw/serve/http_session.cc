#include "vglaw/serve/http_session.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include "vglaw/serve/http_head.h"

namespace vglaw::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

/// A refused request's body up to here is read, so that the connection can go on; beyond, it is closed.
constexpr std::size_t cheap_body = 256 << 10;
constexpr std::chrono::milliseconds linger_time{2000};

}  // namespace

HttpSession::HttpSession(Wire& wire, asio::ip::tcp::socket socket)
    : wire_(wire), socket_(std::move(socket)), timer_(*wire.io), buffer_(256 << 10) {
    ErrorCode error;
    const auto peer = socket_.remote_endpoint(error);
    if (!error) client_ = fmt::format("{}:{}", peer.address().to_string(), peer.port());
    socket_.set_option(asio::ip::tcp::no_delay(true), error);
    buffer_.reserve(16 << 10);  // the size of a read
    place_ = wire_.sessions.end();
}

void HttpSession::start() {
    if (place_ == wire_.sessions.end()) {
        place_ = wire_.sessions.insert(wire_.sessions.end(), shared_from_this());
        ++wire_.service.wire().connections;
    }
    wait_for_request();
}

void HttpSession::turn_away() {
    place_ = wire_.sessions.insert(wire_.sessions.end(), shared_from_this());
    ++wire_.service.wire().connections;
    id_ = new_request_id();
    since_ = Clock::now();
    respond(error_response(503, "too_many_connections", "there are too many connections; try again in a second", id_),
            false);
}

void HttpSession::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    ++phase_;
    timer_.cancel();
    ErrorCode ignored;
    socket_.close(ignored);
    if (exchange_) exchange_->gone = true;
    exchange_.reset();
    wire_.service.wire().body_bytes -= held_;
    held_ = 0;
    const auto self = shared_from_this();
    wire_.sessions.erase(place_);
    --wire_.service.wire().connections;
    if (wire_.draining && wire_.sessions.empty() && wire_.on_last) wire_.on_last();
}

void HttpSession::end() {
    end_after_ = true;
    if (state_ == State::idle) close();
}

std::optional<Duration> HttpSession::dawdling() const {
    if (state_ == State::computing) return std::nullopt;
    return Clock::now() - since_;
}

void HttpSession::enter(State state, std::chrono::milliseconds allowed) {
    state_ = state;
    timed_out_ = false;
    const std::uint64_t phase = ++phase_;
    if (allowed.count() == 0) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(allowed);
    timer_.async_wait([self = shared_from_this(), phase](ErrorCode error) {
        if (error || phase != self->phase_) return;
        self->timed_out_ = true;
        ErrorCode ignored;
        self->socket_.cancel(ignored);  // what is being read or written ends, and sees why
    });
}

void HttpSession::wait_for_request() {
    since_ = Clock::now();
    enter(State::idle, wire_.options.idle);
    parser_.emplace();
    parser_->header_limit(std::uint32_t(wire_.options.max_head));
    parser_->body_limit(wire_.options.max_body);
    refusal_.reset();
    request_ = {};
    id_.clear();
    if (buffer_.size() > 0) return read_head();  // it came with the one before
    socket_.async_read_some(buffer_.prepare(16 << 10), [self = shared_from_this()](ErrorCode error, std::size_t bytes) {
        if (self->state_ == State::closed) return;
        if (error) return self->close();  // nothing was asked
        self->buffer_.commit(bytes);
        self->read_head();
    });
}

void HttpSession::read_head() {
    since_ = Clock::now();
    enter(State::head, wire_.options.head);
    http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, std::size_t) {
        if (self->state_ != State::closed) self->on_head(error);
    });
}

void HttpSession::broken(ErrorCode error) {
    keep_ = false;
    if (id_.empty()) id_ = new_request_id();
    if (timed_out_) {
        return respond(error_response(408, "too_slow", "the request took too long to arrive", id_), false);
    }
    if (const auto told = wire_error(error))
        return respond(error_response(told->status, told->code, told->message, id_), false);
    wire_.service.event("connection_broken", client_, error.message());
    close();
}

void HttpSession::on_head(ErrorCode error) {
    const auto& message = parser_->get();
    request_.method = std::string(message.method_string());
    request_.target = std::string(message.target());
    if (error) return broken(error);
    for (const auto& field : message)
        request_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    const std::string_view asked_id = request_.header("x-request-id");
    id_ = is_request_id(asked_id) ? std::string(asked_id) : new_request_id();
    keep_ = message.keep_alive() && !end_after_ && !wire_.draining;

    refusal_ = wire_.service.refuse_early(request_, id_);
    const auto length = parser_->content_length();
    const bool chunked = message.chunked();
    if (message.count(http::field::transfer_encoding) > 0 &&
        !boost::beast::iequals(message[http::field::transfer_encoding], "chunked")) {
        // Where its body ends is not known: nothing behind it is a request.
        return respond(error_response(501, "unsupported_encoding", "the only Transfer-Encoding here is chunked", id_),
                       false);
    }
    const std::size_t body = chunked ? wire_.options.max_body : std::size_t(length.value_or(0));
    if (!refusal_ && body > 0 && wire_.service.wire().body_bytes >= wire_.options.all_bodies) refusal_ = too_much();
    if (refusal_) {
        const bool expects = boost::beast::iequals(message[http::field::expect], "100-continue");
        if (chunked || body > cheap_body || (expects && body > 0)) return respond(std::move(*refusal_), false);
    }
    if (!charge()) return respond(too_much(), false);
    if (parser_->is_done()) return on_body({});
    if (!boost::beast::iequals(message[http::field::expect], "100-continue")) return read_body();
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(go_on), [self = shared_from_this()](ErrorCode failed, std::size_t) {
        if (self->state_ == State::closed) return;
        if (failed) return self->broken(failed);
        self->read_body();
    });
}

HttpResponse HttpSession::too_much() const {
    return error_response(503, "overloaded", "too many large requests at once; try again in a second", id_);
}

// What has come counts, not what was promised: promises cost nothing, and would keep everybody else out.
bool HttpSession::charge() {
    auto& all = wire_.service.wire().body_bytes;
    const std::size_t here = parser_->get().body().size();
    all += here - held_;
    held_ = here;
    return here == 0 || all <= wire_.options.all_bodies;
}

void HttpSession::read_body() {
    enter(State::body, wire_.options.body);
    read_more();
}

void HttpSession::read_more() {
    http::async_read_some(socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, std::size_t) {
        if (self->state_ == State::closed) return;
        if (!error && !self->charge()) return self->respond(self->too_much(), false);
        if (error || self->parser_->is_done()) return self->on_body(error);
        self->read_more();
    });
}

void HttpSession::on_body(ErrorCode error) {
    if (error) return broken(error);
    since_ = Clock::now();
    if (refusal_) return respond(std::move(*refusal_), keep_);
    compute();
}

void HttpSession::compute() {
    enter(State::computing, std::chrono::milliseconds(0));
    exchange_ = std::make_shared<Exchange>();
    exchange_->request = request_;
    exchange_->request.body = std::move(parser_->get().body());
    exchange_->id = id_;
    exchange_->received = since_;
    // Weak: the wire holds this object, and nobody may let go of it on another thread.
    exchange_->reply = [io = wire_.io, session = weak_from_this()](HttpResponse response) {
        asio::post(*io, [session, response = std::move(response)]() mutable {
            const auto self = session.lock();
            if (self && self->state_ == State::computing) self->respond(std::move(response), self->keep_);
        });
    };
    wire_.service.handle(exchange_);
    watch_client();
}

void HttpSession::watch_client() {
    watching_ = true;
    socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
        self->watching_ = false;
        if (error || self->state_ != State::computing) return;
        char byte = 0;
        const ssize_t got = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        // More bytes are the next request, sent early. An end is taken for the client's going, as proxies take it.
        if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
        self->exchange_->gone = true;
        self->keep_ = false;
    });
}

void HttpSession::respond(HttpResponse response, bool keep) {
    if (watching_) {
        ErrorCode ignored;
        socket_.cancel(ignored);
    }
    keep = keep && !end_after_ && !wire_.draining;
    wire_.service.answered(request_, client_, response, id_,
                           std::chrono::duration<double>(Clock::now() - since_).count(), exchange_.get());
    const bool gone = exchange_ && exchange_->gone;
    exchange_.reset();
    wire_.service.wire().body_bytes -= held_;
    held_ = 0;
    if (gone) return close();
    head_ = head_of(response, id_, keep);
    body_ = request_.method == "HEAD" ? std::string() : std::move(response.body);
    since_ = Clock::now();
    enter(State::answering, wire_.options.answer);
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_)};
    asio::async_write(socket_, parts, [self = shared_from_this(), keep](ErrorCode error, std::size_t) {
        if (self->state_ != State::closed) self->on_written(error, keep);
    });
}

void HttpSession::on_written(ErrorCode error, bool keep) {
    if (error) {
        wire_.service.event(timed_out_ ? "client_does_not_read" : "connection_broken", client_, error.message());
        return close();
    }
    std::string().swap(body_);
    if (keep && !end_after_) return wait_for_request();
    linger();
}

/// Closing a socket with unread bytes throws away what was written: the client would not see why it was refused.
void HttpSession::linger() {
    ErrorCode ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    enter(State::lingering, linger_time);
    buffer_.clear();
    discard();
}

void HttpSession::discard() {
    socket_.async_read_some(buffer_.prepare(16 << 10), [self = shared_from_this()](ErrorCode error, std::size_t) {
        if (self->state_ == State::closed) return;
        if (error) return self->close();
        self->discard();
    });
}

}  // namespace vglaw::serve
