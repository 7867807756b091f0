// TransVG's index files.
#include "vglaw/data/transvg.h"

#include "tests/fuzz/annotation_layouts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vglaw::fuzz::read_layout({data, size}, vglaw::read_transvg, "refcoco", "");
    return 0;
}
