#include "vglaw/data/join_masks.h"

#include <unordered_set>

#include "vglaw/core/error.h"
#include "vglaw/data/instances.h"

namespace vglaw {

void join_masks(AnnotationTable& table, const std::filesystem::path& path) {
    std::unordered_set<std::int64_t> wanted;
    for (const TableTarget& target : table.targets) wanted.insert(target.annotation_id);
    const Instances instances = read_instances(path, wanted, {});
    bool any = false;
    for (TableTarget& target : table.targets) {
        const auto annotation = instances.annotations.find(target.annotation_id);
        if (annotation == instances.annotations.end() || !target.segmentation.empty()) continue;
        const std::int64_t image = table.pictures[target.picture].id;
        if (annotation->second.image_id != image) {
            fail(ErrorCode::corrupt_data,
                 "{}: annotation {} is of image {}, but {} has it in image {}; take the file "
                 "the data set was made from",
                 path.string(), target.annotation_id, annotation->second.image_id, table.name, image);
        }
        target.segmentation = annotation->second.segmentation;
        any = any || !target.segmentation.empty();
    }
    if (!any) fail(ErrorCode::not_found, "{} holds no mask for {}", path.string(), table.name);
    table.has_masks = true;
}

}  // namespace vglaw
