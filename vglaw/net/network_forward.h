// A Network behind the Forward interface; the trainer uses it to evaluate the weights it is training.
#pragma once

#include "vglaw/model/forward.h"
#include "vglaw/net/network.h"

namespace vglaw::net {

class NetworkForward final : public Forward {
public:
    explicit NetworkForward(Network network) : network_(std::move(network)) {}
    [[nodiscard]] const ModelConfig& config() const override { return network_->config; }
    void run(const ForwardInput& input, ForwardOutput& output) override;

private:
    Network network_;
};

}  // namespace vglaw::net
