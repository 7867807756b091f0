// COCO's instances.json: pictures, boxes, polygons and run lengths.
#include "vglaw/data/instances.h"

#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    static const std::unordered_set<std::int64_t> ids = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const fuzz::MemoryFile memory({data, size});
    fuzz::read_or_refuse([&] {
        const Instances instances = read_instances(memory.path(), ids, ids);
        for (const auto& [id, annotation] : instances.annotations) {
            fuzz::require(ids.contains(id), "only what was asked for is read");
            const auto image = instances.images.find(annotation.image_id);
            if (image == instances.images.end()) continue;
            const int height = image->second.height, width = image->second.width;
            if (height < 1 || std::int64_t(height) * width > 1 << 20) continue;
            fuzz::read_or_refuse([&, &segmentation = annotation.segmentation] {
                const Rle rle = segmentation.encode(height, width);
                fuzz::require(area(decode(rle)) == area(rle), "a mask has the area of its runs");
            });
        }
    });
    return 0;
}
