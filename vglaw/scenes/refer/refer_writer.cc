#include "vglaw/scenes/refer/refer_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/data/json_list_writer.h"
#include "vglaw/data/refer_pickle.h"
#include "vglaw/image/encode.h"
#include "vglaw/scenes/refer/outline.h"
#include "vglaw/scenes/refer/refer_picture.h"
#include "vglaw/scenes/scene_json.h"

namespace vglaw {
namespace {

using nlohmann::json;

/// What is kept of a picture once its JPEG is written. Ids are given in the end, in the order of the pictures.
struct Record {
    int width = 0, height = 0;
    json objects;                   // of scenes.json
    std::vector<json> annotations;  // without ids
    std::vector<ReferReference> references;
};

json segmentation_of(const Mask& mask, bool run_lengths) {
    if (!run_lengths) return outline_polygons(mask);
    return json::array({{{"size", {mask.height, mask.width}}, {"counts", to_coco_string(encode(mask))}}});
}

Record record_of(const ReferSetKind& kind, ReferPicture&& picture) {
    Record record{picture.scene.width,
                  picture.scene.height,
                  to_json(picture.scene)["objects"],
                  {},
                  std::move(picture.references)};
    for (int i = 0; i < int(picture.scene.objects.size()); ++i) {
        const Mask mask = picture.rendering.visible_mask(i);
        const BoxXyxy box = picture.rendering.visible_box_px(i);
        record.annotations.push_back({{"segmentation", segmentation_of(mask, kind.run_lengths)},
                                      {"area", double(area(mask))},
                                      {"iscrowd", 0},
                                      {"bbox", {box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0}},
                                      {"category_id", int(picture.scene.objects[std::size_t(i)].shape) + 1}});
    }
    return record;
}

std::vector<Record> make_pictures(const std::filesystem::path& folder, const ReferSetKind& kind,
                                  const ReferSetOptions& options) {
    const LayoutOptions layout{options.min_objects, options.max_objects, options.min_side, options.max_side};
    std::vector<Record> records(std::size_t(options.images));
    std::atomic<int> next{0};
    std::mutex guard;  // of `failure`, `done` and the caller's progress
    std::exception_ptr failure;
    int done = 0;
    const auto work = [&] {
        try {
            for (int i = next++; i < options.images; i = next++) {
                ReferPicture picture = make_refer_picture(kind, layout, options.seed, i);
                save_jpeg(folder / refer_image_folder(kind) / refer_image_name(kind, refer_image_id(kind, i)),
                          picture.rendering.image, options.jpeg_quality);
                records[std::size_t(i)] = record_of(kind, std::move(picture));
                const std::lock_guard lock(guard);
                ++done;
                if (options.progress) options.progress(done);
            }
        } catch (...) {
            const std::lock_guard lock(guard);
            if (!failure) failure = std::current_exception();
            next = options.images;
        }
    };
    const int wanted = options.threads > 0 ? options.threads : std::max(1, int(std::thread::hardware_concurrency()));
    {
        std::vector<std::jthread> threads;
        for (int i = 1; i < std::min(wanted, options.images); ++i) threads.emplace_back(work);
        work();
    }
    if (failure) std::rethrow_exception(failure);
    return records;
}

void write_instances(const std::filesystem::path& path, const ReferSetKind& kind, const std::vector<Record>& records) {
    AtomicFile file(path);
    JsonListWriter list(file);
    list.open(
        R"({"info": {"description": "RefScenes: generated scenes", "version": "1.0"}, "licenses": [], "images": [)");
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto id = refer_image_id(kind, int(i));
        const json image = {{"id", id},
                            {"file_name", refer_image_name(kind, id)},
                            {"width", records[i].width},
                            {"height", records[i].height}};
        list.add(image.dump());
    }
    list.open("\n], \"annotations\": [");
    std::int64_t ann_id = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (json annotation : records[i].annotations) {
            annotation["id"] = ++ann_id;
            annotation["image_id"] = refer_image_id(kind, int(i));
            list.add(annotation.dump());
        }
    }
    list.open("\n], \"categories\": [");
    for (std::size_t i = 0; i < shape_names.size(); ++i) {
        const json category = {{"id", i + 1},
                               {"name", std::string(shape_names[i])},
                               {"supercategory", is_round(Shape(i)) ? "round" : "straight"}};
        list.add(category.dump());
    }
    file.write("\n]}\n");
    file.commit();
}

/// Adds a picture's references; their ids run on in `summary`.
void add_references(ReferPickle& refs, const ReferSetKind& kind, const Record& record, int number,
                    ReferSetSummary& summary) {
    const auto image_id = refer_image_id(kind, number);
    for (const ReferReference& reference : record.references) {
        ReferRecord out;
        out.ref_id = summary.refs++;
        out.annotation_id = summary.annotations + 1 + reference.object;
        out.image_id = image_id;
        out.category_id = record.annotations[std::size_t(reference.object)]["category_id"].get<std::int64_t>();
        out.image_name = refer_image_name(kind, image_id);
        out.split = refer_split(kind, number);
        for (const Expression& expression : reference.expressions) {
            out.sentences.emplace_back(summary.sentences++, expression.text);
        }
        refs.add(out);
    }
}

/// Ids run on as in add_references: pictures, references and sentences in the same order.
void write_scenes(const std::filesystem::path& path, const ReferSetKind& kind, const ReferSetOptions& options,
                  const std::vector<Record>& records) {
    AtomicFile file(path);
    JsonListWriter list(file);
    file.write(
        fmt::format(R"({{"dataset": "{}", "split_by": "{}", "seed": {}, )", kind.dataset, kind.split_by, options.seed));
    list.open(R"("scenes": [)");
    for (std::size_t i = 0; i < records.size(); ++i) {
        const Record& record = records[i];
        const json scene = {{"image_id", refer_image_id(kind, int(i))},
                            {"width", record.width},
                            {"height", record.height},
                            {"objects", record.objects}};
        list.add(scene.dump());
    }
    list.open("\n], \"expressions\": [");
    std::int64_t first_annotation = 1, ref_id = 0, sent_id = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (const ReferReference& reference : records[i].references) {
            for (const Expression& expression : reference.expressions) {
                const json line = {{"sent_id", sent_id++},
                                   {"ref_id", ref_id},
                                   {"image_id", refer_image_id(kind, int(i))},
                                   {"ann_id", first_annotation + reference.object},
                                   {"object", reference.object},
                                   {"sent", expression.text},
                                   {"program", to_json(expression.program)}};
                list.add(line.dump());
            }
            ++ref_id;
        }
        first_annotation += std::int64_t(records[i].annotations.size());
    }
    file.write("\n]}\n");
    file.commit();
}

void make_folders(const std::filesystem::path& folder, const ReferSetKind& kind, int images) {
    std::error_code error;
    std::filesystem::create_directories(folder / kind.dataset, error);
    const auto pictures = folder / refer_image_folder(kind);
    for (int i = 0; i < images && !error; i += kind.style == Style::refclef ? 1 : images) {
        const auto parent = (pictures / refer_image_name(kind, refer_image_id(kind, i))).parent_path();
        std::filesystem::create_directories(parent, error);
    }
    if (error) fail(ErrorCode::io, "cannot make the folders of a data set in {}: {}", folder.string(), error.message());
}

}  // namespace

ReferSetSummary write_refer_layout(const std::filesystem::path& folder, const ReferSetOptions& options) {
    const ReferSetKind kind = refer_set_kind(options.dataset);
    if (options.images < 1 || options.images > 999999) {
        fail(ErrorCode::invalid_argument, "a generated data set has 1 to 999999 images, not {}", options.images);
    }
    check(LayoutOptions{options.min_objects, options.max_objects, options.min_side, options.max_side});
    make_folders(folder, kind, options.images);
    const auto records = make_pictures(folder, kind, options);

    ReferSetSummary summary;
    summary.split_by = kind.split_by;
    summary.images = options.images;
    ReferPickle refs;
    for (std::size_t i = 0; i < records.size(); ++i) {
        add_references(refs, kind, records[i], int(i), summary);
        summary.annotations += int(records[i].annotations.size());
    }
    const auto set = folder / kind.dataset;
    write_instances(set / "instances.json", kind, records);
    write_scenes(set / "scenes.json", kind, options, records);
    refs.write(set / fmt::format("refs({}).p", kind.split_by));
    return summary;
}

}  // namespace vglaw
