#include "vglaw/train/validation.h"

#include <cstdint>
#include <vector>

#include "vglaw/evaluate/forward_predictor.h"
#include "vglaw/evaluate/model_options.h"
#include "vglaw/net/network_forward.h"

namespace vglaw::train {

Metrics validate(net::Network network, const Dataset& data, const Tokenizer& tokenizer, std::size_t batch,
                 ProcessGroup& group) {
    EvaluateOptions options = evaluate_options(network->config);
    options.batch_size = batch;
    options.keep = 0;
    options.rank = group.rank();
    options.world = group.world();
    net::NetworkForward forward(std::move(network));
    ForwardPredictor predictor(forward, "LibTorch");
    const auto share = evaluate(data, tokenizer, predictor, options).metrics;
    const std::vector<std::int64_t> counters(share.counters().begin(), share.counters().end());
    auto sums = torch::tensor(counters);
    group.add(sums);
    const auto* first = sums.data_ptr<std::int64_t>();
    return Metrics::from_counters(std::vector<std::uint64_t>(first, first + sums.numel()));
}

double score_of(const Metrics& metrics, const std::string& tasks) {
    const auto figures = metrics.figures(Frame::canvas);
    const double box = figures.rec ? figures.rec->precision[0] : 0;
    const double mask = figures.res ? figures.res->miou : 0;
    if (tasks == "box" || !figures.res) return box;
    return tasks == "mask" ? mask : (box + mask) / 2;
}

}  // namespace vglaw::train
