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

void check_agreement(ProcessGroup& group, const Json& config, std::int64_t step) {
    if (group.alone()) return;
    const auto text = config.dump(-1, ' ', false, Json::error_handler_t::replace);
    auto keys = changed_keys(Json::parse(group.from_leader(text)), config);
    std::erase_if(keys, may_differ);
    if (!keys.empty()) {
        fail(ErrorCode::invalid_argument, "rank {} was started with another {} than rank 0; give all ranks one config",
             group.rank(), fmt::join(keys, ", "));
    }
    if (const auto leading = group.from_leader(std::to_string(step)); leading != std::to_string(step)) {
        fail(ErrorCode::invalid_argument,
             "rank {} stands after step {}, rank 0 after step {}; train.out must be one folder that all ranks see",
             group.rank(), step, leading);
    }
}

}  // namespace vglaw::train
