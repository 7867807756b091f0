// Model files. The input is the data's size and the header; the data itself is zeros, which no reader looks at.
#include "vglaw/model/bundle.h"

#include <algorithm>

#include "tests/fuzz/input_bytes.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    fuzz::InputBytes input(data, size);
    const std::size_t data_bytes = input.take<std::uint32_t>() % (1U << 22);
    const std::span header = input.rest();
    std::vector<std::uint8_t> file(8 + header.size() + data_bytes);
    for (std::size_t i = 0; i < 8; ++i) file[i] = std::uint8_t(header.size() >> (8 * i));
    std::copy(header.begin(), header.end(), file.begin() + 8);
    const fuzz::MemoryFile memory(file);
    fuzz::read_or_refuse([&] {
        const ModelBundle bundle = read_bundle(memory.path());
        for (const auto& [name, shape] : tensor_shapes(bundle.config)) {
            fuzz::require(bundle.tensor(name).shape == shape, "every tensor has the shape of its configuration");
            fuzz::require(bundle.values(name).size() == bundle.tensor(name).numel(), "every tensor becomes floats");
        }
        fuzz::require(bundle.vocabulary.size() == std::size_t(bundle.config.text.vocab_size),
                      "the vocabulary has the size of its configuration");
    });
    return 0;
}
