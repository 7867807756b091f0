#include "apps/vglaw/check_forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw::app {
namespace {

void compare(const std::vector<float>& got, const std::vector<float>& wanted, CheckForward::Stage& stage) {
    if (got.size() != wanted.size())
        fail(ErrorCode::internal, "{}: {} values against {}", stage.name, got.size(), wanted.size());
    double apart = 0, largest = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double difference = std::abs(double(got[i]) - double(wanted[i]));
        // max would pass a NaN over
        apart = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(apart, difference);
        largest = std::max(largest, std::abs(double(wanted[i])));
    }
    if (stage.relative && largest > 0) apart /= largest;
    stage.largest = std::max(stage.largest, apart);
    stage.values += static_cast<long long>(got.size());
}

}  // namespace

void CheckForward::run(const ForwardInput& input, ForwardOutput& output) {
    tested_->run(input, output);
    reference_->run(input, expected_);
    compare(output.token_attention, expected_.token_attention, stages_[0]);
    compare(output.pool_attention, expected_.pool_attention, stages_[1]);
    compare(output.boxes_cxcywh, expected_.boxes_cxcywh, stages_[2]);
    compare(output.mask_logits, expected_.mask_logits, stages_[3]);
}

void report(const CheckForward& check) {
    for (const auto& stage : check.stages()) {
        if (stage.values == 0) continue;  // the passive baseline listens to no tokens
        fmt::print(stderr, "check: {:<28} engine and LibTorch at most {:.1e} apart{} in {} values, allowed {:.0e}\n",
                   stage.name, stage.largest, stage.relative ? " (of the largest)" : "", stage.values, stage.tolerance);
    }
    for (const auto& stage : check.stages()) {
        if (!(stage.largest <= stage.tolerance)) {
            fail(ErrorCode::internal, "the engine and LibTorch disagree on the {}: {:.1e} apart, allowed are {:.0e}",
                 stage.name, stage.largest, stage.tolerance);
        }
    }
}

}  // namespace vglaw::app
