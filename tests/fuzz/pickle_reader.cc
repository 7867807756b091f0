// Pickles of any protocol, with and without globals.
#include "vglaw/format/pickle_reader.h"

#include "tests/fuzz/pickle_walk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    const std::span bytes(data, size);
    bool read_freely = false, read_as_data = false;
    fuzz::read_or_refuse([&] {
        const PickleDocument document = parse_pickle(bytes, "input");
        read_freely = true;
        fuzz::require(document.consumed() <= size, "no byte beyond the end is consumed");
        fuzz::look_at_all(document);
    });
    fuzz::read_or_refuse([&] {
        const PickleDocument document = parse_pickle(bytes, "input", {.limits = {}, .allow_globals = false});
        read_as_data = true;
        for (std::uint32_t i = 0; i < document.node_count(); ++i) {
            const PickleKind kind = document.value(i).kind();
            fuzz::require(kind != PickleKind::global && kind != PickleKind::object && kind != PickleKind::persistent,
                          "a pickle read as data alone holds no class, call or persistent id");
        }
    });
    fuzz::require(read_freely || !read_as_data, "what is plain data is also a pickle");
    return 0;
}
