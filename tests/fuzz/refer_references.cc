// REFER's refs(*.p).
#include "vglaw/data/refer_references.h"

#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    const fuzz::MemoryFile memory({data, size});
    for (const ReferText text : {ReferText::sent, ReferText::raw}) {
        fuzz::read_or_refuse([&] {
            for (const Reference& reference : read_references(memory.path(), "", text)) {
                const std::string split = reference.label;
                fuzz::read_or_refuse([&] {
                    if (split == "train") (void)read_references(memory.path(), split, text);
                });
            }
        });
    }
    return 0;
}
