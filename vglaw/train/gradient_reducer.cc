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
    const auto device = parameters.front().device();
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        buckets_[i].gathered = torch::zeros({sizes[i]}, torch::dtype(torch::kFloat).device(device));
        buckets_[i].flat = group.sums_on(device) ? buckets_[i].gathered : torch::zeros({sizes[i]}).pin_memory();
    }
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

torch::Tensor GradientReducer::place(const Parameter& parameter) const {
    return buckets_[parameter.bucket]
        .gathered.slice(0, parameter.offset, parameter.offset + parameter.value.numel())
        .view_as(parameter.value);
}

void GradientReducer::arm() {
    if (group_.alone()) return;
    armed_ = true;
    next_ = overlapped_ = 0;
    for (Bucket& bucket : buckets_) bucket.missing = bucket.members;
    for (Parameter& parameter : parameters_) parameter.taken = false;
}

void GradientReducer::take(Parameter& parameter) {
    const torch::NoGradGuard no_grad;
    place(parameter).copy_(parameter.value.grad());
    parameter.taken = true;
    --buckets_[parameter.bucket].missing;
    while (next_ < buckets_.size() && buckets_[next_].missing == 0) start_next();
}

void GradientReducer::start_next() {
    Bucket& bucket = buckets_[next_++];
    if (!bucket.flat.is_same(bucket.gathered)) bucket.flat.copy_(bucket.gathered);  // waits for the GPU, once a bucket
    bucket.sum = group_.start_add(bucket.flat);
}

void GradientReducer::finish() {
    if (!armed_) return;
    armed_ = false;
    overlapped_ = next_;
    const torch::NoGradGuard no_grad;
    // What the armed pass did not reach kept its bucket from starting. It adds what earlier passes gave it, or 0.
    for (const Parameter& parameter : parameters_) {
        if (parameter.taken) continue;
        const auto& gradient = parameter.value.grad();
        if (gradient.defined()) {
            place(parameter).copy_(gradient);
        } else {
            place(parameter).zero_();
        }
    }
    while (next_ < buckets_.size()) start_next();
    for (Bucket& bucket : buckets_) {
        group_.finish(bucket.sum);
        bucket.sum = nullptr;
        if (!bucket.flat.is_same(bucket.gathered)) bucket.gathered.copy_(bucket.flat, true);
    }
    for (Parameter& parameter : parameters_) {
        if (parameter.value.grad().defined()) parameter.value.mutable_grad().copy_(place(parameter));
    }
}

}  // namespace vglaw::train
