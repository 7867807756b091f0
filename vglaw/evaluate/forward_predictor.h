// Evaluates any implementation of the network behind model/forward.h.
#pragma once

#include <string>
#include <vector>

#include "vglaw/evaluate/prediction.h"
#include "vglaw/model/forward.h"

namespace vglaw {

class ForwardPredictor final : public BatchPredictor {
public:
    /// `forward` must outlive this object.
    ForwardPredictor(Forward& forward, std::string name) : forward_(forward), name_(std::move(name)) {}
    void predict(const Batch& batch, std::vector<Prediction>& out) override;
    [[nodiscard]] std::string name() const override { return name_; }

private:
    Forward& forward_;
    std::string name_;
    ForwardOutput output_;
};

}  // namespace vglaw
