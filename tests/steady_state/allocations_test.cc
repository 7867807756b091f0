// "A run allocates nothing": of the engine's own, once it has planned. What oneDNN 2.6 allocates in every product is
// its own business (its C interface copies the arguments into a map), and is written out.
#include <gtest/gtest.h>

#include <vector>

#include "tests/steady_state/allocation_count.h"
#include "vglaw/engine/engine_forward.h"

namespace vglaw {
namespace {

/// `batch` expressions of `length` tokens over one picture.
struct Question {
    std::vector<float> image;
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> mask;
    ForwardInput input;

    Question(const ModelConfig& config, int batch, int length)
        : image(3 * std::size_t(config.image.size) * std::size_t(config.image.size), 0.5F),
          ids(std::size_t(batch) * std::size_t(length), 7),
          mask(ids.size(), 1) {
        input = {.batch = batch,
                 .tokens = length,
                 .images = image.data(),
                 .ids = ids.data(),
                 .token_mask = mask.data(),
                 .one_image = true};
    }
};

class Allocations : public ::testing::TestWithParam<int> {
protected:
    ModelBundle bundle_ = read_bundle(VGLAW_SOURCE_DIR "/models/scenes-small.safetensors");
    std::shared_ptr<const engine::PackedModel> model_ = engine::pack_model(bundle_);
};

TEST_P(Allocations, ASteadyRunMakesNone) {
    engine::EngineForward forward(model_, GetParam());
    // One expression; one of another length that shares its plan; a batch that needs two passes.
    const Question one(bundle_.config, 1, 12), other(bundle_.config, 1, 14), several(bundle_.config, 6, 12);
    ForwardOutput for_one, for_other, for_several;
    const auto run = [&] {
        forward.run(one.input, for_one);
        forward.run(other.input, for_other);
        forward.run(several.input, for_several);
    };
    for (int i = 0; i < 3; ++i) run();
    constexpr std::size_t repeats = 10;
    CountAllocations counting;
    for (std::size_t i = 0; i < repeats; ++i) run();
    const auto count = counting.stop();
    EXPECT_EQ(count.ours, 0u);
    EXPECT_EQ(count.openmp, 0u);
    EXPECT_EQ(count.others, 0u);

    CountAllocations counting_one;
    for (std::size_t i = 0; i < repeats; ++i) forward.run(one.input, for_one);
    const auto alone = counting_one.stop();
    RecordProperty("onednn_allocations_a_run", int(alone.onednn / repeats));
    std::printf("oneDNN: %zu allocations, %zu bytes in a run of one expression, %d thread(s)\n", alone.onednn / repeats,
                alone.onednn_bytes / repeats, GetParam());
}

TEST_P(Allocations, TheFirstRunMakesSome) {  // or the counter does not count
    engine::EngineForward forward(model_, GetParam());
    const Question one(bundle_.config, 1, 12);
    ForwardOutput output;
    CountAllocations counting;
    forward.run(one.input, output);
    const auto count = counting.stop();
    EXPECT_GT(count.ours, 20u);
    EXPECT_GT(count.onednn, 20u);
}

INSTANTIATE_TEST_SUITE_P(Threads, Allocations, ::testing::Values(1, 2));

}  // namespace
}  // namespace vglaw
