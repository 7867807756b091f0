// MDETR's finetune_*.json.
#include "vglaw/data/mdetr.h"

#include "tests/fuzz/annotation_layouts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vglaw::fuzz::read_layout({data, size}, vglaw::read_mdetr, "refcoco", "");
    return 0;
}
