#include "vglaw/data/refer.h"

#include <filesystem>
#include <unordered_set>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/instances.h"
#include "vglaw/data/refer_files.h"
#include "vglaw/data/refer_references.h"

namespace vglaw {

namespace {

class Joiner {
public:
    Joiner(std::string name, Instances instances) : builder_(std::move(name)), instances_(std::move(instances)) {}

    void add(Reference& reference) {
        const auto annotation = instances_.annotations.find(reference.ann_id);
        if (annotation == instances_.annotations.end()) {
            return refuse(reference, Flaw::unknown_annotation,
                          fmt::format("names annotation {}, which instances.json does not hold", reference.ann_id));
        }
        if (annotation->second.image_id != reference.image_id) {
            return refuse(reference, Flaw::other_image,
                          fmt::format("is of image {}, but its annotation {} of image {}", reference.image_id,
                                      reference.ann_id, annotation->second.image_id));
        }
        const auto image = instances_.images.find(reference.image_id);
        if (image == instances_.images.end()) {
            return refuse(reference, Flaw::unknown_image,
                          fmt::format("names image {}, which instances.json does not hold", reference.image_id));
        }
        TableTarget target;
        target.picture =
            builder_.picture(reference.image_id, image->second.file_name, image->second.width, image->second.height);
        target.split = builder_.split(reference.label);
        target.ref_id = reference.ref_id;
        target.annotation_id = reference.ann_id;
        target.category_id = annotation->second.category_id;
        target.box_px = annotation->second.box_px;
        target.segmentation = annotation->second.segmentation;  // copied: references may share an annotation
        const std::uint32_t position = builder_.target(std::move(target));
        for (ReferSentence& sentence : reference.sentences) {
            builder_.expression(position, sentence.sentence_id, std::move(sentence.text));
        }
    }
    AnnotationTable finish() { return builder_.finish(); }

private:
    void refuse(const Reference& reference, Flaw flaw, const std::string& reason) {
        builder_.refuse(flaw, reference.ref_id, reference.sentences.size(), reason);
    }

    TableBuilder builder_;
    Instances instances_;
};

}  // namespace

AnnotationTable read_refer(const DatasetSpec& spec) {
    const ReferFiles files = find_refer_files(spec.data_root, spec.dataset, spec.split_by);
    std::vector<Reference> references = read_references(files.references, spec.split, spec.text);
    std::unordered_set<std::int64_t> annotation_ids, image_ids;
    for (const Reference& reference : references) {
        annotation_ids.insert(reference.ann_id);
        image_ids.insert(reference.image_id);
    }
    Joiner joiner(describe(spec), read_instances(files.instances, annotation_ids, image_ids));
    for (Reference& reference : references) joiner.add(reference);
    AnnotationTable table = joiner.finish();
    table.without_masks = fmt::format("{} has boxes only", files.instances.string());
    table.generated = std::filesystem::exists(files.instances.parent_path() / "scenes.json");
    return table;
}

}  // namespace vglaw
