// safetensors files: the header's JSON and its promises about the data.
#include "vglaw/format/safetensors.h"

#include "tests/fuzz/contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    fuzz::read_or_refuse([&] {
        const Safetensors file = Safetensors::parse({data, size}, "input");
        std::size_t bytes = 0;
        for (const auto& [name, tensor] : file.tensors()) {
            fuzz::require(tensor.bytes.size() == tensor.numel() * size_of(tensor.dtype),
                          "a tensor has as many bytes as its shape says");
            bytes += tensor.bytes.size();
            fuzz::read_or_refuse([&, &view = tensor] {
                fuzz::require(view.to_float().size() == view.numel(), "each element becomes a float");
            });
        }
        fuzz::require(bytes <= size, "tensors lie in the file, apart from each other");
    });
    return 0;
}
