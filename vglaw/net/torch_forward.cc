#include "vglaw/net/torch_forward.h"

#include <thread>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/net/compat.h"
#include "vglaw/net/network_forward.h"
#include "vglaw/net/weights.h"

namespace vglaw::net {
namespace {

void copy_out(const torch::Tensor& tensor, std::vector<float>& out) {
    if (!tensor.defined()) return out.clear();
    const auto values = tensor.to(torch::kCPU, torch::kFloat).contiguous();
    out.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
}

/// While it lives the network is in evaluation mode and fp32 (figures are of the fp32 weights); then as it was, also
/// after an error: the trainer goes on with the same network.
class EvaluationMode {
public:
    explicit EvaluationMode(NetworkImpl& network)
        : network_(network), was_training_(network.is_training()), was_bf16_(std::exchange(network.bf16, false)) {
        network_.eval();
    }
    EvaluationMode(const EvaluationMode&) = delete;
    EvaluationMode& operator=(const EvaluationMode&) = delete;
    ~EvaluationMode() {
        network_.train(was_training_);
        network_.bf16 = was_bf16_;
    }

private:
    NetworkImpl& network_;
    bool was_training_, was_bf16_;
};

}  // namespace

void NetworkForward::run(const ForwardInput& input, ForwardOutput& output) {
    torch::NoGradGuard no_grad;
    const EvaluationMode mode(*network_);
    const auto device = network_->parameters().front().device();
    const std::int64_t batch = input.batch, size = config().image.size, tokens = input.tokens;
    const std::int64_t pictures = input.one_image ? 1 : batch;
    const auto images = torch::from_blob(const_cast<float*>(input.images), {pictures, 3, size, size}, torch::kFloat);
    auto ids = torch::from_blob(const_cast<std::int64_t*>(input.ids), {batch, tokens}, torch::kLong);
    auto mask = torch::from_blob(const_cast<std::uint8_t*>(input.token_mask), {batch, tokens}, torch::kByte);
    torch::Tensor span, owner;
    if (input.span_mask != nullptr)
        span = torch::from_blob(const_cast<std::uint8_t*>(input.span_mask), {batch, tokens}, torch::kByte)
                   .to(device, torch::kBool);
    if (input.one_image && batch > 1) {
        owner = torch::zeros({batch}, torch::dtype(torch::kLong).device(device));
        if (input.one_text()) {
            ids = ids.slice(0, 0, 1);
            mask = mask.slice(0, 0, 1);
        }
    }
    try {
        const auto result = network_(images.to(device), ids.to(device), mask.to(device, torch::kBool), span, owner);
        copy_out(result.boxes_cxcywh, output.boxes_cxcywh);
        copy_out(result.mask_logits, output.mask_logits);
        copy_out(result.pool_attention, output.pool_attention);
        copy_out(result.token_attention, output.token_attention);
    } catch (const std::exception& error) {
        if (is_out_of_memory(error)) {
            fail(ErrorCode::io,
                 "out of memory in the forward pass of {} expressions at {} px and {} tokens; take fewer at a time "
                 "(--batch; in training train.batch / train.accumulate)",
                 batch, size, tokens);
        }
        if (const auto* torch_error = dynamic_cast<const c10::Error*>(&error))
            fail(ErrorCode::internal, "LibTorch failed in the forward pass: {}", torch_error->what_without_backtrace());
        throw;
    }
}

std::unique_ptr<Forward> make_torch_forward(const ModelBundle& bundle, int threads) {
    set_threads(threads);
    Network network(bundle.config);
    load_weights(*network, bundle);
    return std::make_unique<NetworkForward>(network);
}

void set_threads(int threads) {
    const int all = static_cast<int>(std::thread::hardware_concurrency());
    torch::set_num_threads(threads > 0 ? threads : (all > 0 ? all : 1));
}

}  // namespace vglaw::net
