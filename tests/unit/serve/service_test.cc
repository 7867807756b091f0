#include "vglaw/serve/service.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "tests/unit/serve/toy_service.h"
#include "vglaw/core/files.h"

namespace vglaw::serve {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class ServiceTest : public testing::Test {
protected:
    ServiceTest() { ToyModels::write(model_, 1); }

    std::unique_ptr<Service> service(const ServiceOptions& options) {
        return std::make_unique<Service>(options, [this](const std::string& line) {
            const std::lock_guard lock(mutex_);
            log_ += line + "\n";
        });
    }
    std::string log() {
        const std::lock_guard lock(mutex_);
        return log_;
    }

    struct Answer {
        std::shared_ptr<Exchange> exchange;
        std::future<HttpResponse> response;
    };
    static Answer ask(Service& service, HttpRequest request) {
        const auto promise = std::make_shared<std::promise<HttpResponse>>();
        Answer answer{std::make_shared<Exchange>(), promise->get_future()};
        answer.exchange->request = std::move(request);
        answer.exchange->id = "id-1";
        answer.exchange->received = std::chrono::steady_clock::now();
        answer.exchange->reply = [promise](HttpResponse response) { promise->set_value(std::move(response)); };
        service.handle(answer.exchange);
        return answer;
    }
    static HttpRequest ground(const Image& image, const std::string& expression) {
        return {"POST", "/v1/ground?expression=" + expression, {{"Content-Type", "image/png"}}, png_of(image)};
    }

    ToyModels models_;
    std::filesystem::path model_ = models_.file("model");
    std::mutex mutex_;
    std::string log_;
};

TEST_F(ServiceTest, AnswersTheSameInABatchAndAlone) {
    ServiceOptions options = toy_options(model_);
    options.model.batch = {.max_batch = 8, .max_wait = milliseconds(200)};
    const auto server = service(options);
    const std::string expressions[] = {"the", "red", "the+red+ball", "left+balls"};
    std::vector<Answer> answers;
    for (int i = 0; i < 24; ++i) answers.push_back(ask(*server, ground(noise(i), expressions[i % 4])));
    std::size_t together = 0;
    for (int i = 0; i < 24; ++i) {
        const HttpResponse response = answers[std::size_t(i)].response.get();
        ASSERT_EQ(response.status, 200) << response.body;
        const Json result = Json::parse(response.body).at("results").at(0);
        std::string expression = expressions[i % 4];
        std::ranges::replace(expression, '+', ' ');
        EXPECT_EQ(result["expression"], expression);
        const Grounding expected = alone(model_, noise(i), expression);
        EXPECT_TRUE(near(result["box"], expected.box_px, batched_px)) << i << ": " << result["box"];
        EXPECT_NEAR(result["mask_area"].get<double>(), double(area(expected.mask)), 2) << "pixels on the threshold";
        together += std::size_t(answers[std::size_t(i)].exchange->batch > 1);
    }
    EXPECT_GT(together, 12U) << "most of them were computed with others";
}

TEST_F(ServiceTest, CountsWhatItDoes) {
    const auto server = service(toy_options(model_));
    EXPECT_EQ(ask(*server, ground(noise(1), "red")).response.get().status, 200);
    const std::string metrics = ask(*server, {"GET", "/metrics", {}, ""}).response.get().body;
    EXPECT_THAT(metrics, HasSubstr("vglaw_batch_expressions_sum{model=\"toy\"} 1\n"));
    EXPECT_THAT(metrics, HasSubstr("vglaw_queue_expressions{model=\"toy\"} 0\n"));
    EXPECT_THAT(metrics, HasSubstr("vglaw_stage_seconds_count{stage=\"prepare\"} 1\n"));
}

TEST_F(ServiceTest, ComputesInThePrecisionItWasToldAndSaysWhich) {
    std::map<std::string, Json> answers;
    for (const std::string precision : {"fp32", "int8"}) {
        ServiceOptions options = toy_options(model_);
        options.model.precision = precision;
        const auto server = service(options);
        const auto models = Json::parse(ask(*server, {"GET", "/v1/models", {}, ""}).response.get().body);
        EXPECT_EQ(models.at("models").at(0).at("precision"), precision);
        answers[precision] = Json::parse(ask(*server, ground(noise(1), "red")).response.get().body);
    }
    EXPECT_NE(answers["fp32"].at("results").at(0).at("box"), answers["int8"].at("results").at(0).at("box"));
}

TEST_F(ServiceTest, RefusesWhatItCanBeforeTheBody) {
    write_text(models_.file("tokens"), "secret\n");
    ServiceOptions options = toy_options(model_);
    options.token_file = models_.file("tokens");
    const auto server = service(options);
    const auto status = [&](const HttpRequest& head) {
        const auto response = server->refuse_early(head, "id");
        return response ? response->status : 0;
    };
    EXPECT_EQ(status({"POST", "/v1/ground", {}, ""}), 401);
    EXPECT_EQ(status({"POST", "/v1/ground", {{"Authorization", "Bearer secret"}}, ""}), 0);
    EXPECT_EQ(status({"GET", "/healthz", {}, ""}), 0);
    EXPECT_EQ(status({"GET", "/nowhere", {}, ""}), 404) << "before it asks for a token";
    EXPECT_EQ(status({"PUT", "/v1/ground", {}, ""}), 405);
    EXPECT_EQ(status({"GET", "/%zz", {}, ""}), 400);
    server->stop_being_ready();
    EXPECT_EQ(status({"POST", "/v1/ground", {{"Authorization", "Bearer secret"}}, ""}), 503);
    EXPECT_EQ(ask(*server, {"GET", "/readyz", {}, ""}).response.get().status, 503);
    EXPECT_EQ(ask(*server, {"GET", "/healthz", {}, ""}).response.get().status, 200);
}

TEST_F(ServiceTest, RefusesWhenTheHouseIsFull) {
    ServiceOptions options = toy_options(model_);
    options.model.batch = {.max_batch = 1, .max_wait = milliseconds(0), .queue = 1};
    options.pool_threads = 1;
    const auto server = service(options);
    std::vector<Answer> answers;
    std::size_t refused = 0;
    for (int i = 0; i < 200; ++i) {
        HttpRequest request = ground(noise(i), "red");
        if (const auto early = server->refuse_early(request, "id")) {
            EXPECT_EQ(early->status, 503);
            ++refused;
        } else {
            answers.push_back(ask(*server, std::move(request)));
        }
    }
    EXPECT_GT(refused, 0U);
    for (auto& answer : answers) {
        const int status = answer.response.get().status;
        EXPECT_TRUE(status == 200 || status == 503) << status;
    }
    EXPECT_EQ(ask(*server, ground(noise(1), "red")).response.get().status, 200) << "and is itself again";
}

TEST_F(ServiceTest, KeepsTheOldModelWhenTheNewFileIsBroken) {
    const auto server = service(toy_options(model_));
    const auto box = [&] {
        return Json::parse(ask(*server, ground(noise(3), "red")).response.get().body)["results"][0]["box"];
    };
    const Json first = box();
    write_text(model_, "no model");
    server->reload();
    EXPECT_THAT(log(), HasSubstr("\"event\":\"reload_failed\",\"model\":\"toy\""));
    EXPECT_THAT(log(), HasSubstr("the old one stays"));
    EXPECT_THAT(log(), Not(HasSubstr("/proc/self/fd")));
    EXPECT_EQ(box(), first);
    ToyModels::write(model_, 2);
    server->reload();
    EXPECT_THAT(log(), HasSubstr("\"event\":\"reloaded\""));
    EXPECT_TRUE(near(box(), alone(model_, noise(3), "red").box_px, 0));
    EXPECT_NE(box(), first);
}

TEST_F(ServiceTest, AnswersEveryRequestBeforeItEnds) {
    ServiceOptions options = toy_options(model_);
    options.model.batch = {.max_batch = 4, .max_wait = milliseconds(100)};
    auto server = service(options);
    std::vector<Answer> answers;
    for (int i = 0; i < 6; ++i) answers.push_back(ask(*server, ground(noise(i), "red")));
    server.reset();
    for (auto& answer : answers) {
        ASSERT_EQ(answer.response.wait_for(milliseconds(0)), std::future_status::ready);
        EXPECT_EQ(answer.response.get().status, 200);
    }
}

TEST_F(ServiceTest, ForgetsWhoIsGone) {
    ServiceOptions options = toy_options(model_);
    options.model.batch = {.max_batch = 8, .max_wait = milliseconds(100)};
    const auto server = service(options);
    auto answer = ask(*server, ground(noise(1), "red"));
    answer.exchange->gone = true;
    EXPECT_EQ(answer.response.get().error, "client_gone");
    EXPECT_THAT(ask(*server, {"GET", "/metrics", {}, ""}).response.get().body,
                Not(HasSubstr("vglaw_batch_expressions_count{")));
}

TEST_F(ServiceTest, NeedsNamesThatFitAnAddress) {
    ServiceOptions options = toy_options(model_);
    options.models = {{"a b", model_}};
    EXPECT_THROW(service(options), Error);
    options.models = {{"a", model_}, {"a", model_}};
    EXPECT_THROW(service(options), Error);
    options.models = {};
    EXPECT_THROW(service(options), Error);
    options.models = {{"a", "/no/such/model"}};
    EXPECT_THROW(service(options), Error);
}

}  // namespace
}  // namespace vglaw::serve
