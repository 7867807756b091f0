#include "vglaw/train/process_group.h"

#include <charconv>
#include <cstdlib>
#include <string>

#include "vglaw/core/error.h"

#ifdef VGLAW_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace vglaw::train {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

int number(const char* name, int low, int high) {
    const std::string text = variable(name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
        fail(ErrorCode::invalid_argument,
             "{} is '{}', but with WORLD_SIZE set it must be a number from {} to {}; set it", name, text, low, high);
    }
    return value;
}

}  // namespace

#ifdef VGLAW_GLOO

struct ProcessGroup::Impl {
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

ProcessGroup::ProcessGroup() {
    if (variable("WORLD_SIZE").empty()) return;
    world_ = number("WORLD_SIZE", 1, 65536);
    rank_ = number("RANK", 0, world_ - 1);
    if (world_ == 1) return;
    const int port = number("MASTER_PORT", 1, 65535);
    const std::string address = variable("MASTER_ADDR");
    if (address.empty()) fail(ErrorCode::invalid_argument, "WORLD_SIZE is {} but MASTER_ADDR is not set", world_);
    try {
        c10d::TCPStoreOptions options;
        options.port = std::uint16_t(port);
        options.isServer = rank_ == 0;
        options.numWorkers = std::size_t(world_);
        options.timeout = std::chrono::minutes(5);
        auto store = c10::make_intrusive<c10d::TCPStore>(address, options);
        auto gloo = c10d::ProcessGroupGloo::Options::create(std::chrono::minutes(30));
        const std::string interface = variable("GLOO_SOCKET_IFNAME");
        const bool local = address == "localhost" || address.starts_with("127.");
        gloo->devices.push_back(!interface.empty() ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                                : local            ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                                   : c10d::ProcessGroupGloo::createDefaultDevice());
        impl_ = std::make_unique<Impl>();
        impl_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank_, world_, gloo);
    } catch (const std::exception& error) {
        const std::string reason = error.what();
        fail(ErrorCode::io,
             "rank {} of {} could not meet the others at {}:{} ({}); start every rank within five minutes", rank_,
             world_, address, port, reason.substr(0, reason.find('\n')));
    }
}

void ProcessGroup::add_over_ranks(torch::Tensor& values) {
    try {
        std::vector<torch::Tensor> list{values};
        impl_->gloo->allreduce(list)->wait();
    } catch (const std::exception& error) {
        const std::string reason = error.what();
        fail(ErrorCode::io, "rank {}: another rank is gone ({}); look at its log, then start all of them with --resume",
             rank_, reason.substr(0, reason.find('\n')));
    }
}

void ProcessGroup::average_gradients(const std::vector<torch::Tensor>& parameters) {
    if (world_ == 1) return;
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> parts;
    for (const auto& parameter : parameters) {
        if (parameter.grad().defined()) parts.push_back(parameter.grad().flatten());
    }
    auto sums = torch::cat(parts);  // one message instead of a hundred
    add_over_ranks(sums);
    std::int64_t at = 0;
    for (const auto& parameter : parameters) {
        if (!parameter.grad().defined()) continue;
        const auto size = parameter.numel();
        parameter.mutable_grad().copy_(sums.slice(0, at, at + size).view_as(parameter).div_(world_));
        at += size;
    }
}

bool ProcessGroup::any(bool flag) {
    if (world_ == 1) return flag;
    auto votes = torch::full({1}, flag ? 1.0F : 0.0F);
    add_over_ranks(votes);
    return votes.item<float>() > 0;
}

#else

struct ProcessGroup::Impl {};

ProcessGroup::ProcessGroup() {
    if (variable("WORLD_SIZE").empty() || number("WORLD_SIZE", 1, 65536) == 1) return;
    fail(ErrorCode::unsupported, "WORLD_SIZE is {}, but this build has no Gloo; install libgloo-dev and build again",
         variable("WORLD_SIZE"));
}

void ProcessGroup::average_gradients(const std::vector<torch::Tensor>&) {}
bool ProcessGroup::any(bool flag) { return flag; }

#endif

ProcessGroup::~ProcessGroup() = default;

}  // namespace vglaw::train
