// How fast are training examples made? One thread; the target is 250 a second and thread at 224 pixels, so that two
// cores give 500.
#include <benchmark/benchmark.h>

#include "vglaw/scenes/render.h"
#include "vglaw/scenes/scene_dataset.h"

namespace vglaw {
namespace {

SceneOptions options_at(const benchmark::State& state) {
    SceneOptions options;
    options.style = "mixed";
    options.min_side = options.max_side = int(state.range(0));
    return options;
}

/// Scene, expression, pixels and mask: what a training step asks for. Argument: the long side in pixels.
void make_example(benchmark::State& state) {
    const SceneDataset dataset(options_at(state), 1, 1000000);
    std::size_t index = 0;
    for (auto _ : state) benchmark::DoNotOptimize(dataset.get(index++));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(make_example)->Arg(224)->Arg(448)->Unit(benchmark::kMicrosecond);

/// The scene and the expression without pixels.
void make_words(benchmark::State& state) {
    const SceneOptions options = options_at(state);
    std::uint64_t index = 0;
    for (auto _ : state) benchmark::DoNotOptimize(make_situation(options, 1, index++));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(make_words)->Arg(224)->Unit(benchmark::kMicrosecond);

/// The pixels alone, of 64 scenes in turn.
void draw(benchmark::State& state) {
    std::vector<Scene> scenes;
    for (std::uint64_t i = 0; i < 64; ++i) scenes.push_back(make_situation(options_at(state), 1, i).scene);
    std::size_t index = 0;
    for (auto _ : state) benchmark::DoNotOptimize(render(scenes[index++ % scenes.size()]));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(draw)->Arg(224)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vglaw

BENCHMARK_MAIN();
