// SeqTR's instances.json.
#include "vglaw/data/seqtr.h"

#include "tests/fuzz/annotation_layouts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vglaw::fuzz::read_layout({data, size}, vglaw::read_seqtr, "refcoco", "");
    return 0;
}
