#include "vglaw/serve/server_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vglaw::serve {
namespace {

using testing::HasSubstr;

TEST(Histogram, CountsUnderEachBound) {
    Histogram histogram({1, 2});
    for (const double value : {0.5, 1.0, 1.5, 7.0}) histogram.add(value);
    std::string out;
    histogram.write(out, "h", "a=\"b\"");
    EXPECT_EQ(out,
              "h_bucket{a=\"b\",le=\"1\"} 2\nh_bucket{a=\"b\",le=\"2\"} 3\nh_bucket{a=\"b\",le=\"+Inf\"} 4\n"
              "h_sum{a=\"b\"} 10\nh_count{a=\"b\"} 4\n");
}

TEST(ServerMetrics, SaysWhatWasCounted) {
    ServerMetrics metrics;
    metrics.request("/v1/ground", 200, 0.002);
    metrics.request("/v1/ground", 200, 0.2);
    metrics.request("/v1/ground", 503, 0);
    metrics.error("over\"loaded");
    metrics.pass("m", 8, 0.01);
    metrics.reload(true);
    const std::string text = metrics.text({.connections = 3, .in_flight = 2, .ready = true, .models = {{"m", 5, 1.5}}});
    for (const char* line : {"vglaw_requests_total{route=\"/v1/ground\",code=\"200\"} 2\n",
                             "vglaw_requests_total{route=\"/v1/ground\",code=\"503\"} 1\n",
                             "vglaw_errors_total{kind=\"over\\\"loaded\"} 1\n",
                             "vglaw_request_seconds_bucket{route=\"/v1/ground\",le=\"0.0025\"} 2\n",
                             "vglaw_batch_expressions_sum{model=\"m\"} 8\n", "vglaw_queue_expressions{model=\"m\"} 5\n",
                             "vglaw_model_reloads_total{result=\"done\"} 1\n", "vglaw_connections 3\n",
                             "vglaw_requests_in_flight 2\n", "vglaw_ready 1\n"})
        EXPECT_THAT(text, HasSubstr(line));
}

TEST(ServerMetrics, DescribesEachFamilyOnce) {
    ServerMetrics metrics;
    metrics.request("/a", 200, 1);
    metrics.request("/b", 200, 1);
    metrics.stage("queue", 1);
    metrics.pass("m", 1, 1);
    const std::string text = metrics.text({});
    std::size_t families = 0;
    for (std::size_t at = text.find("# TYPE "); at != std::string::npos; at = text.find("# TYPE ", at + 1)) {
        ++families;
        const std::string line = text.substr(at, text.find('\n', at) - at);
        EXPECT_EQ(text.find(line, at + 1), std::string::npos) << line;
    }
    EXPECT_GT(families, 10U);
}

}  // namespace
}  // namespace vglaw::serve
