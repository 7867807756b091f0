#include "vglaw/data/convert_dataset.h"

#include <algorithm>
#include <map>
#include <set>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/data/annotation_writer.h"
#include "vglaw/data/json_list_writer.h"
#include "vglaw/data/refer_pickle.h"
#include "vglaw/data/seqtr.h"

namespace vglaw {

namespace fs = std::filesystem;
using nlohmann::json;
using References = std::vector<WrittenReference>;

namespace {

void add_size(json& record, const TablePicture& picture) {
    if (picture.width == 0) return;
    record["width"] = picture.width;
    record["height"] = picture.height;
}

// The mask's pixels; of an object without mask, or whose picture's size nobody knows, the box's.
double area_px(const WrittenReference& reference) {
    const TablePicture& picture = *reference.picture;
    const Segmentation& mask = reference.target->segmentation;
    if (mask.empty() || picture.width == 0) return double(area(reference.target->box_px));
    return double(area(mask.encode(picture.height, picture.width)));
}

void write_instances(const fs::path& path, const AnnotationTable& table, const References& references) {
    AtomicFile file(path);
    JsonListWriter list(file);
    list.open(R"({"info": {"description": "converted by vglaw"}, "licenses": [], "images": [)");
    std::set<std::uint32_t> used;
    for (const TableTarget& target : table.targets) used.insert(target.picture);
    for (const std::uint32_t position : used) {
        const TablePicture& picture = table.pictures[position];
        json record = {{"id", picture.id}, {"file_name", picture.file_name}};
        add_size(record, picture);
        list.add(to_line(record));
    }
    list.open("\n], \"annotations\": [");
    std::set<std::int64_t> written, categories;
    for (const WrittenReference& reference : references) {
        if (!written.insert(reference.annotation_id).second) continue;
        json mask = mask_json(*reference.target);
        categories.insert(reference.target->category_id);
        list.add(to_line({{"id", reference.annotation_id},
                          {"image_id", reference.picture->id},
                          {"bbox", box_json(reference.target->box_px)},
                          {"segmentation", mask.is_null() ? json::array() : std::move(mask)},
                          {"area", area_px(reference)},
                          {"iscrowd", 0},
                          {"category_id", reference.target->category_id}}));
    }
    // The categories' names are not kept by every layout; their numbers are.
    list.open("\n], \"categories\": [");
    for (const std::int64_t category : categories) {
        list.add(to_line({{"id", category}, {"name", fmt::format("category {}", category)}, {"supercategory", ""}}));
    }
    file.write("\n]}\n");
    file.commit();
}

fs::path write_refer(const AnnotationTable& table, const References& references, const ConvertTarget& target) {
    const fs::path folder = target.folder / target.dataset;
    const fs::path pickle = folder / fmt::format("refs({}).p", target.split_by);
    prepare_to_write(pickle);
    prepare_to_write(folder / "instances.json");
    write_instances(folder / "instances.json", table, references);
    ReferPickle refs;
    for (const WrittenReference& reference : references) {
        ReferRecord record{reference.ref_id,
                           reference.annotation_id,
                           reference.picture->id,
                           reference.target->category_id,
                           reference.picture->file_name,
                           *reference.split,
                           {}};
        for (std::size_t i = 0; i < reference.expressions.size(); ++i) {
            record.sentences.emplace_back(reference.sentence_id(i), reference.expressions[i]->text);
        }
        refs.add(record);
    }
    refs.write(pickle);
    return pickle;
}

// SeqTR's files have no names, only numbers.
void check_number_is_enough(const TablePicture& picture) {
    const std::string name = fs::path(picture.file_name).filename().string();
    for (const std::string& form : {fmt::format("COCO_train2014_{:012}.jpg", picture.id),
                                    fmt::format("{:012}.jpg", picture.id), fmt::format("{}.jpg", picture.id)}) {
        if (name == form) return;
    }
    fail(ErrorCode::unsupported,
         "picture {} has the number {}: SeqTR's layout finds pictures by number alone, so it cannot name this one; "
         "convert to jsonl or refer",
         picture.file_name, picture.id);
}

fs::path write_seqtr(const AnnotationTable& table, const References& references, const ConvertTarget& target) {
    for (const WrittenReference& reference : references) check_number_is_enough(*reference.picture);
    const fs::path path = target.folder / seqtr_folder(target.dataset, target.split_by) / "instances.json";
    prepare_to_write(path);
    AtomicFile file(path);
    JsonListWriter list(file);
    const char* before = "{";
    for (const std::string& split : table.splits) {
        list.open(fmt::format("{}{}: [", before, to_line(split)));
        before = "\n],\n";
        for (const WrittenReference& reference : references) {
            if (*reference.split != split) continue;
            json record = {{"image_id", reference.picture->id}, {"bbox", box_json(reference.target->box_px)}};
            if (json mask = mask_json(*reference.target); !mask.is_null()) record["mask"] = std::move(mask);
            add_size(record, *reference.picture);
            json texts = json::array();
            for (const TableExpression* said : reference.expressions) texts.push_back(said->text);
            if (split == "train") {
                record["expressions"] = std::move(texts);
                list.add(to_line(record));
                continue;
            }
            for (const json& text : texts) {
                record["expressions"] = json::array({text});
                list.add(to_line(record));
            }
        }
    }
    file.write(table.splits.empty() ? "{}\n" : "\n]}\n");
    file.commit();
    return path;
}

fs::path write_jsonl(const AnnotationTable&, const References& references, const ConvertTarget& target) {
    const fs::path path = target.folder / "vglaw.jsonl";
    prepare_to_write(path);
    AtomicFile file(path);
    for (const WrittenReference& reference : references) {
        json record = {{"image", reference.picture->file_name},
                       {"image_id", reference.picture->id},
                       {"split", *reference.split},
                       {"box", box_json(reference.target->box_px)},
                       {"ref_id", reference.ref_id},
                       {"annotation_id", reference.annotation_id},
                       {"category_id", reference.target->category_id}};
        if (json mask = mask_json(*reference.target); !mask.is_null()) record["mask"] = std::move(mask);
        add_size(record, *reference.picture);
        for (std::size_t i = 0; i < reference.expressions.size(); ++i) {
            record["expression"] = reference.expressions[i]->text;
            record["sentence_id"] = reference.sentence_id(i);
            file.write(to_line(record));
            file.write("\n");
        }
    }
    file.commit();
    return path;
}

}  // namespace

Converted convert_dataset(const AnnotationTable& table, const ConvertTarget& target) {
    using Write = fs::path (*)(const AnnotationTable&, const References&, const ConvertTarget&);
    const std::map<std::string, Write> writers = {
        {"refer", write_refer}, {"seqtr", write_seqtr}, {"jsonl", write_jsonl}};
    const auto writer = writers.find(target.layout);
    if (writer == writers.end()) {
        fail(ErrorCode::invalid_argument, "'{}' is no layout that can be written; there are refer, seqtr and jsonl",
             target.layout);
    }
    const References references = written_references(table);
    Converted converted;
    converted.file = writer->second(table, references, target);
    converted.references = references.size();
    converted.expressions = table.expressions.size();
    std::vector<bool> used(table.pictures.size());
    for (const TableTarget& object : table.targets) used[object.picture] = true;
    converted.pictures = std::size_t(std::ranges::count(used, true));
    return converted;
}

}  // namespace vglaw
