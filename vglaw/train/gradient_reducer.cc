#include "vglaw/train/gradient_reducer.h"

#include <torch/csrc/autograd/utils/lambda_post_hook.h>

namespace vglaw::train {

GradientReducer::GradientReducer(ProcessGroup& group, const std::vector<torch::Tensor>& parameters,
                                 std::int64_t bucket_elements)
    : group_(group) {
    if (group.alone()) return;
    std::vector<std::int64_t> sizes;
    for (auto value = parameters.rbegin(); value != parameters.rend(); ++value) {
        if (sizes.empty() || sizes.back() >= bucket_elements) {
            sizes.push_back(0);
            buckets_.emplace_back();
        }
        Parameter parameter;
        parameter.value = *value;
        parameter.bucket = buckets_.size() - 1;
        parameter.offset = sizes.back();
        sizes.back() += value->numel();
        ++buckets_.back().members;
        parameters_.push_back(std::move(parameter));
    }
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i].flat = torch::zeros({sizes[i]});
    // The hooks hold addresses, so only now that the list no longer moves. They run behind the node that adds a
    // gradient to the others of its parameter, once a backward pass, however often the parameter is used.
    for (Parameter& parameter : parameters_) {
        parameter.accumulator = torch::autograd::impl::grad_accumulator(parameter.value);
        parameter.hook = parameter.accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
            [this, &parameter](const torch::autograd::variable_list& outputs, const torch::autograd::variable_list&) {
                if (armed_) take(parameter);
                return outputs;
            }));
    }
}

GradientReducer::~GradientReducer() {
    for (Parameter& parameter : parameters_) parameter.accumulator->del_post_hook(parameter.hook);
}

void GradientReducer::arm() {
    if (group_.alone()) return;
    armed_ = true;
    next_ = overlapped_ = 0;
    for (Bucket& bucket : buckets_) bucket.missing = bucket.members;
}

void GradientReducer::take(Parameter& parameter) {
    const torch::NoGradGuard no_grad;
    Bucket& bucket = buckets_[parameter.bucket];
    bucket.flat.slice(0, parameter.offset, parameter.offset + parameter.value.numel())
        .copy_(parameter.value.grad().flatten());
    --bucket.missing;
    while (next_ < buckets_.size() && buckets_[next_].missing == 0) start_next();
}

void GradientReducer::start_next() {
    Bucket& bucket = buckets_[next_++];
    bucket.sum = group_.start_add(bucket.flat);
}

void GradientReducer::finish() {
    if (!armed_) return;
    armed_ = false;
    overlapped_ = next_;
    const torch::NoGradGuard no_grad;
    if (next_ < buckets_.size()) {
        // What has no gradient adds 0 to the sum; behind the bucket it waited in others may be full.
        for (const Parameter& parameter : parameters_) {
            if (parameter.value.grad().defined()) continue;
            buckets_[parameter.bucket]
                .flat.slice(0, parameter.offset, parameter.offset + parameter.value.numel())
                .zero_();
        }
        while (next_ < buckets_.size()) start_next();
    }
    for (Bucket& bucket : buckets_) {
        group_.finish(bucket.sum);
        bucket.sum = nullptr;
    }
    for (Parameter& parameter : parameters_) {
        if (!parameter.value.grad().defined()) continue;
        parameter.value.mutable_grad().copy_(
            buckets_[parameter.bucket]
                .flat.slice(0, parameter.offset, parameter.offset + parameter.value.numel())
                .view_as(parameter.value));
    }
}

}  // namespace vglaw::train
