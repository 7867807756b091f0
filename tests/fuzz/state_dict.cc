// Weights in whatever container the first bytes say.
#include "vglaw/format/state_dict.h"

#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    const fuzz::MemoryFile memory({data, size});
    fuzz::read_or_refuse([&] {
        const StateDict weights =
            StateDict::open(memory.path(), {.max_entries = 1000, .free_bytes = 1 << 20, .ratio = 64});
        for (const std::string& name : weights.names()) {
            fuzz::require(weights.contains(name), "a listed name is there");
            fuzz::read_or_refuse([&] { (void)weights.at(name).view.numel(); });
        }
    });
    return 0;
}
