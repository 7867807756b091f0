#include "vglaw/serve/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/core/refusal.h"
#include "tests/unit/serve/toy_service.h"

namespace vglaw::serve {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

/// A client's connection, as crude as it gets.
class Connection {
public:
    explicit Connection(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(std::uint16_t(std::stoi(address.substr(address.rfind(':') + 1))));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        open_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(socket_); }
    [[nodiscard]] bool open() const { return open_; }
    void send(const std::string& bytes) const {
        for (std::size_t done = 0; done < bytes.size();) {
            const ssize_t sent = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
            if (sent <= 0) return;
            done += std::size_t(sent);
        }
    }
    /// One answer: its head and its body.
    std::pair<std::string, std::string> receive() {
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return {buffer_, ""};
        }
        const std::string head = buffer_.substr(0, end + 2);
        const std::size_t length = std::stoul(head.substr(head.find("Content-Length: ") + 16));
        while (buffer_.size() < end + 4 + length) {
            if (!more()) break;
        }
        std::string body = buffer_.substr(end + 4, length);
        buffer_.erase(0, end + 4 + length);
        return {head, body};
    }
    /// Everything until the server closes.
    std::string rest() {
        while (more()) {
        }
        return buffer_;
    }

private:
    bool more() {
        char bytes[4096];
        const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) return false;
        buffer_.append(bytes, std::size_t(got));
        return true;
    }
    int socket_;
    bool open_ = false;
    std::string buffer_;
};

std::string post(const Image& image, const std::string& expression, const std::string& more = "") {
    const std::string body = png_of(image);
    return "POST /v1/ground?expression=" + expression + " HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class HttpServerTest : public testing::Test {
protected:
    HttpServerTest() { ToyModels::write(model_, 1); }
    ~HttpServerTest() override { end(); }

    void begin(const ServiceOptions& options, WireOptions wire = {}) {
        wire.port = 0;
        service_ = std::make_unique<Service>(options,
                                             [](const std::string& line) { EXPECT_TRUE(Json::accept(line)) << line; });
        server_ = std::make_unique<HttpServer>(*service_, wire);
        thread_ = std::jthread([this] { server_->run(); });
    }
    void end() {
        if (!server_) return;
        server_->drain();
        thread_.join();
        server_.reset();
        service_.reset();
    }

    ToyModels models_;
    std::filesystem::path model_ = models_.file("model");
    std::unique_ptr<Service> service_;
    std::unique_ptr<HttpServer> server_;
    std::jthread thread_;
};

/// The load test that the sanitizers watch: clients that stay, clients that leave, reloads and metrics, all at once.
TEST_F(HttpServerTest, GivesEachOfManyClientsItsOwnAnswerWhileModelsAreReplaced) {
    ServiceOptions options = toy_options(model_);
    options.model.batch = {.max_batch = 8, .max_wait = milliseconds(1), .queue = 1000};
    options.model.workers = 2;
    options.deadline = std::chrono::minutes(2);  // under a sanitizer all is slow
    begin(options);
    constexpr int clients = 64, rounds = 3;
    std::vector<Grounding> expected;
    for (int i = 0; i < clients; ++i) expected.push_back(alone(model_, noise(i), "red"));
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < clients; ++i) {
            threads.emplace_back([&, i] {
                Connection connection(server_->address());
                for (int round = 0; round < rounds; ++round) {
                    connection.send(post(noise(i), "red"));
                    const auto [head, body] = connection.receive();
                    ASSERT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n")) << body;
                    const Json result = Json::parse(body)["results"][0];
                    EXPECT_TRUE(near(result["box"], expected[std::size_t(i)].box_px, batched_px)) << i;
                    ++right;
                }
            });
        }
        threads.emplace_back([&] {
            for (int i = 0; i < 30; ++i) Connection(server_->address()).send(post(noise(i), "red"));  // and away
        });
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) service_->reload();
        });
        threads.emplace_back([&] {
            Connection connection(server_->address());
            for (int i = 0; i < 20; ++i) {
                connection.send("GET /metrics HTTP/1.1\r\n\r\n");
                EXPECT_THAT(connection.receive().second, HasSubstr("vglaw_connections"));
            }
        });
    }
    EXPECT_EQ(right, clients * rounds);
    end();
}

TEST_F(HttpServerTest, AnswersRequestsSentAheadInTurn) {
    begin(toy_options(model_));
    Connection connection(server_->address());
    connection.send(post(noise(1), "red", "X-Request-Id: first\r\n") +
                    "GET /healthz HTTP/1.1\r\nX-Request-Id: second\r\n\r\n" +
                    post(noise(2), "the", "X-Request-Id: third\r\nConnection: close\r\n"));
    EXPECT_THAT(connection.receive().first, HasSubstr("X-Request-Id: first\r\n"));
    EXPECT_THAT(connection.receive().first, HasSubstr("X-Request-Id: second\r\n"));
    EXPECT_THAT(connection.receive().first, HasSubstr("X-Request-Id: third\r\n"));
    EXPECT_EQ(connection.rest(), "");
}

TEST_F(HttpServerTest, AnswersWhatIsThereWhenItDrains) {
    ServiceOptions options = toy_options(model_);
    options.model.batch = {.max_batch = 8, .max_wait = milliseconds(150)};
    begin(options);
    Connection idle(server_->address()), waiting(server_->address());
    waiting.send(post(noise(1), "red"));
    while (service_->wire().connections < 2 || service_->wire().body_bytes == 0) std::this_thread::yield();
    const std::string address = server_->address();
    server_->drain();
    const auto [head, body] = waiting.receive();
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(idle.rest(), "");
    thread_.join();
    EXPECT_FALSE(Connection(address).open());
    thread_ = std::jthread([] {});
}

TEST_F(HttpServerTest, GivesUpOnWhoIsSlow) {
    WireOptions wire;
    wire.head = wire.body = milliseconds(100);
    wire.idle = milliseconds(150);
    begin(toy_options(model_), wire);
    Connection silent(server_->address()), head(server_->address()), body(server_->address());
    head.send("GET / HTTP/1.1\r\n");
    body.send("POST /v1/ground HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(silent.rest(), "");
    EXPECT_THAT(head.rest(), StartsWith("HTTP/1.1 408"));
    EXPECT_THAT(body.rest(), StartsWith("HTTP/1.1 408"));
}

TEST_F(HttpServerTest, GivesUpOnWhoDoesNotRead) {
    WireOptions wire;
    wire.answer = milliseconds(100);
    begin(toy_options(model_), wire);
    Connection deaf(server_->address());
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += "GET /openapi.json HTTP/1.1\r\n\r\n";  // 25 MB of answers: no socket holds them
    deaf.send(many);
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (service_->wire().connections > 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    EXPECT_EQ(service_->wire().connections, 0U);
}

TEST_F(HttpServerTest, BoundsHeadsBodiesAndConnections) {
    WireOptions wire;
    wire.max_head = 1000;
    wire.max_body = 2000;
    wire.connections = 2;
    begin(toy_options(model_), wire);
    {
        Connection connection(server_->address());
        connection.send("GET / HTTP/1.1\r\nX: " + std::string(2000, 'a') + "\r\n\r\n");
        EXPECT_THAT(connection.rest(), StartsWith("HTTP/1.1 431"));
    }
    {
        Connection connection(server_->address());
        connection.send("POST /v1/ground HTTP/1.1\r\nContent-Length: 2001\r\n\r\n");
        EXPECT_THAT(connection.rest(), StartsWith("HTTP/1.1 413"));
    }
    while (service_->wire().connections > 0) std::this_thread::yield();
    Connection first(server_->address()), second(server_->address());
    while (service_->wire().connections < 2) std::this_thread::yield();
    Connection third(server_->address());
    EXPECT_THAT(third.rest(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("too_many_connections")));
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
    begin(toy_options(model_));
    WireOptions wire;
    wire.port = std::uint16_t(std::stoi(server_->address().substr(server_->address().rfind(':') + 1)));
    EXPECT_THAT(refusal(ErrorCode::io, [&] { HttpServer again(*service_, wire); }),
                HasSubstr("cannot listen on 127.0.0.1 port"));
    wire.host = "192.0.2.1";  // of nobody: RFC 5737
    EXPECT_THAT(refusal(ErrorCode::io, [&] { HttpServer elsewhere(*service_, wire); }),
                HasSubstr("cannot listen on 192.0.2.1"));
}

}  // namespace
}  // namespace vglaw::serve
