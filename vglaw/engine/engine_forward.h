// The network without LibTorch behind model/forward.h.
//
//     const auto model = engine::pack_model(read_bundle("models/scenes-small.safetensors"));
//     Grounder grounder(model->bundle, std::make_unique<engine::EngineForward>(model, 2));
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "vglaw/engine/heads.h"
#include "vglaw/engine/packed_model.h"
#include "vglaw/engine/stage_times.h"
#include "vglaw/engine/text_encoder.h"
#include "vglaw/engine/visual_encoder.h"
#include "vglaw/model/forward.h"

namespace vglaw::engine {

/// One caller's buffers and plans over a shared model. The first run of a size plans and allocates; the next ones of
/// that size, into the same ForwardOutput, allocate nothing of ours and lock nothing. One thread at a time; several
/// objects may share a model and run at the same time.
class EngineForward final : public Forward {
public:
    /// threads: 0 is every core.
    EngineForward(std::shared_ptr<const PackedModel> model, int threads);
    ~EngineForward() override;

    [[nodiscard]] const ModelConfig& config() const override { return model_->config(); }
    /// Throws invalid_argument for a batch or length below 1, a null buffer, or an id outside the vocabulary.
    void run(const ForwardInput& input, ForwardOutput& output) override;

    [[nodiscard]] int threads() const { return threads_; }
    [[nodiscard]] Arithmetic arithmetic() const { return model_->arithmetic; }  ///< fp32 or int8
    [[nodiscard]] StageTimes& times() { return times_; }                        ///< summed over runs until cleared
    [[nodiscard]] std::size_t bytes() const;                                    ///< of its buffers, without the model's
    [[nodiscard]] double operations() const;  ///< of the products of the last plan used, for one run of it

private:
    struct VisualPlan;
    struct Lane;
    void ask(const ForwardInput& input, const float* words, std::size_t row);
    TextEncoder& text_for(int rows);
    static VisualPlan& visual_for(std::list<VisualPlan>& plans, const PackedModel& model, int samples, int threads);
    std::size_t run_apart(const ForwardInput& input, std::size_t first, const float* phi, ForwardOutput& output);

    std::shared_ptr<const PackedModel> model_;
    int threads_;
    StageTimes times_;
    std::list<TextEncoder> texts_;  // most recently used first
    std::list<VisualPlan> visuals_;
    std::vector<std::unique_ptr<Lane>> lanes_;  // none, or one a thread
    Floats phi_, queries_, law_scratch_;
    const VisualPlan* last_ = nullptr;
};

/// pack_model and EngineForward in one, as Grounder wants it.
[[nodiscard]] std::unique_ptr<Forward> make_engine_forward(const ModelBundle& bundle, int threads,
                                                           const EngineOptions& options = {});

}  // namespace vglaw::engine
