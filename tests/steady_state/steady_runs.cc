// Runs the C interface again and again: steady_runs MODEL RUNS [WARM_UP]
// Four expressions and two pictures in turn, on one thread; a new grounder every hundred runs. After WARM_UP runs (200)
// and at the end it looks at its memory; prints both, the growth, and what it was made with and computes by. RUNS and
// WARM_UP in eights see the same at both. The first two runs share a plan, so that the second is a steady one already.
#include <malloc.h>
#include <unistd.h>
#include <vglaw/interface/vglaw.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

#define VGLAW_TEXT_OF(x) #x
#define VGLAW_TEXT(macro) VGLAW_TEXT_OF(macro)

namespace {

#if defined(__clang__)
constexpr const char* compiled_by = "clang-" VGLAW_TEXT(__clang_major__);
#else
constexpr const char* compiled_by = "gcc-" VGLAW_TEXT(__GNUC__);
#endif

struct Memory {
    std::size_t resident_kb = 0, heap_bytes = 0;
};

Memory memory_now() {
    std::size_t pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    const auto info = mallinfo2();
    return {resident * std::size_t(sysconf(_SC_PAGESIZE)) / 1024, info.uordblks + info.hblkhd};
}

/// Coloured stripes: something to look at, the same on every machine.
std::vector<std::uint8_t> picture(int width, int height) {
    std::vector<std::uint8_t> rgb(std::size_t(width) * std::size_t(height) * 3);
    for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = std::uint8_t((i * 7 + i / 97 * 13) % 256);
    return rgb;
}

void done_or_exit(vglaw_status status) {
    if (status == VGLAW_OK) return;
    std::fprintf(stderr, "steady_runs: %s\n", vglaw_last_error());
    std::exit(1);
}

}  // namespace

/// One run. Its name is what tools/instruction_count.sh tells callgrind, so nothing may inline or rename it.
extern "C" __attribute__((noinline)) void one_steady_run(vglaw_grounder* grounder, const vglaw_image* image,
                                                         const char* words) {
    vglaw_result* result = nullptr;
    const char* counts = nullptr;
    done_or_exit(vglaw_ground(grounder, image, &words, 1, &result));
    done_or_exit(vglaw_result_rle(result, 0, &counts));
    vglaw_result_destroy(result);
}

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: steady_runs MODEL RUNS [WARM_UP]\n");
        return 2;
    }
    const int runs = std::atoi(argv[2]), warm_up = argc > 3 ? std::atoi(argv[3]) : 200;
    constexpr int runs_a_grounder = 100;
    const char* const words[] = {"the red ball", "ball", "the small blue cube on the left of the big star",
                                 "the second green cube from the right that is not behind the large yellow triangle"};
    const auto first = picture(160, 120), second = picture(75, 200);
    const vglaw_image pictures[] = {{first.data(), 160, 120, 3, 0}, {second.data(), 75, 200, 3, 0}};

    const vglaw_model_options model_options = {sizeof(model_options), 1};
    const vglaw_grounder_options options = {sizeof(options), 1, 0};
    vglaw_model* model = nullptr;
    done_or_exit(vglaw_model_open(argv[1], &model_options, &model));
    vglaw_model_info info{};
    info.struct_size = sizeof(info);
    done_or_exit(vglaw_model_get(model, &info));
    vglaw_grounder* grounder = nullptr;
    Memory before;
    for (int i = 0; i < runs; ++i) {
        if (i == warm_up) before = memory_now();
        if (i % runs_a_grounder == 0) {
            vglaw_grounder_destroy(grounder);
            done_or_exit(vglaw_grounder_create(model, &options, &grounder));
        }
        one_steady_run(grounder, &pictures[i / 4 % 2], words[i % 4]);
    }
    const Memory after = memory_now();
    std::printf("instruction_set %s\nproducts_by %s\ncompiled_by %s\n", info.instruction_set, info.products_by,
                compiled_by);
    if (runs > warm_up) {
        std::printf("resident_kb %zu %zu\nheap_bytes %zu %zu\n", before.resident_kb, after.resident_kb,
                    before.heap_bytes, after.heap_bytes);
    }
    vglaw_grounder_destroy(grounder);
    vglaw_model_destroy(model);
    return 0;
}
