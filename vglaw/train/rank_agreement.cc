#include "vglaw/train/rank_agreement.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "vglaw/train/resume.h"

namespace vglaw::train {
namespace {

constexpr std::string_view own_keys[] = {"train.threads", "train.loader_threads", "train.rendezvous_timeout",
                                         "train.out",     "train.start",          "data.vocabulary"};

bool may_differ(const std::string& key) {
    return key.ends_with("root") || key.ends_with(".instances") ||
           std::ranges::find(own_keys, key) != std::end(own_keys);
}

}  // namespace

void check_agreement(ProcessGroup& group, const Json& config, const Standing& standing) {
    if (group.alone()) return;
    const auto from_leader = [&group](const Json& own) {
        return Json::parse(group.from_leader(own.dump(-1, ' ', false, Json::error_handler_t::replace)));
    };
    auto keys = changed_keys(from_leader(config), config);
    std::erase_if(keys, may_differ);
    if (!keys.empty()) {
        fail(ErrorCode::invalid_argument, "rank {} was started with another {} than rank 0; give all ranks one config",
             group.rank(), fmt::join(keys, ", "));
    }
    const Json own{
        {"step", standing.step}, {"sizes", standing.sizes}, {"state", standing.state}, {"threads", standing.threads}};
    const Json leading = from_leader(own);
    const auto differs = [&](const char* key) { return leading.at(key) != own.at(key); };
    if (differs("step")) {
        fail(ErrorCode::invalid_argument,
             "rank {} stands after step {}, rank 0 after step {}; train.out must be one folder that all ranks see",
             group.rank(), standing.step, leading.at("step").dump());
    }
    if (differs("sizes")) {
        fail(ErrorCode::invalid_argument,
             "rank {} has other data than rank 0: {} examples for training and validation here, {} there; give all "
             "ranks the same",
             group.rank(), standing.sizes.dump(), leading.at("sizes").dump());
    }
    if (differs("state")) {
        fail(ErrorCode::invalid_argument,
             "rank {} begins with other weights than rank 0; give all ranks the same train.start and one train.out",
             group.rank());
    }
    if (differs("threads")) {
        fail(ErrorCode::invalid_argument,
             "rank {} computes with {} threads, rank 0 with {}, and would sum in another order; set train.threads, the "
             "same for all ranks",
             group.rank(), standing.threads, leading.at("threads").dump());
    }
}

}  // namespace vglaw::train
