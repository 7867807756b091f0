// vglaw.jsonl, our own layout.
#include "vglaw/data/vglaw_jsonl.h"

#include "tests/fuzz/annotation_layouts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vglaw::fuzz::read_layout({data, size}, vglaw::read_vglaw_jsonl, "mine", "");
    return 0;
}
