#include "vglaw/scenes/refer/refer_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/pickle_builder.h"
#include "vglaw/format/pickle_writer.h"
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

/// Writes a long JSON list item by item: the annotations of a large set need not be in memory as one document.
class ListWriter {
public:
    explicit ListWriter(AtomicFile& file) : file_(file) {}
    void open(std::string_view key) {
        file_.write(key);
        first_ = true;
    }
    void add(const json& item) {
        file_.write(first_ ? "\n" : ",\n");
        file_.write(item.dump());
        first_ = false;
    }

private:
    AtomicFile& file_;
    bool first_ = true;
};

void write_instances(const std::filesystem::path& path, const ReferSetKind& kind, const std::vector<Record>& records) {
    AtomicFile file(path);
    ListWriter list(file);
    list.open(
        R"({"info": {"description": "RefScenes: generated scenes", "version": "1.0"}, "licenses": [], "images": [)");
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto id = refer_image_id(kind, int(i));
        list.add({{"id", id},
                  {"file_name", refer_image_name(kind, id)},
                  {"width", records[i].width},
                  {"height", records[i].height}});
    }
    list.open("\n], \"annotations\": [");
    std::int64_t ann_id = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (json annotation : records[i].annotations) {
            annotation["id"] = ++ann_id;
            annotation["image_id"] = refer_image_id(kind, int(i));
            list.add(annotation);
        }
    }
    list.open("\n], \"categories\": [");
    for (std::size_t i = 0; i < shape_names.size(); ++i) {
        list.add({{"id", i + 1},
                  {"name", std::string(shape_names[i])},
                  {"supercategory", is_round(Shape(i)) ? "round" : "straight"}});
    }
    file.write("\n]}\n");
    file.commit();
}

/// The order of the keys is the one found in the published files.
class RefsBuilder {
public:
    explicit RefsBuilder(const ReferSetKind& kind) : kind_(kind), builder_("refs") {}

    void add(const Record& record, std::size_t number, std::int64_t first_annotation, ReferSetSummary& summary) {
        const auto image_id = refer_image_id(kind_, int(number));
        const std::string stem = std::filesystem::path(refer_image_name(kind_, image_id)).stem().string();
        for (const ReferReference& reference : record.references) {
            const auto ann_id = first_annotation + reference.object;
            const auto ref = builder_.add_dict();
            const auto ids = builder_.add_list(), sentences = builder_.add_list();
            for (const Expression& expression : reference.expressions) {
                const int sent_id = summary.sentences++;
                builder_.append(ids, builder_.add_int(sent_id));
                builder_.append(sentences, sentence(expression.text, sent_id));
            }
            put(ref, "sent_ids", ids);
            put(ref, "file_name", builder_.add_string(fmt::format("{}_{}.jpg", stem, ann_id)));
            put(ref, "ann_id", builder_.add_int(ann_id));
            put(ref, "ref_id", builder_.add_int(summary.refs++));
            put(ref, "image_id", builder_.add_int(image_id));
            put(ref, "split", builder_.add_string(refer_split(kind_, int(number))));
            put(ref, "sentences", sentences);
            const int category = record.annotations[std::size_t(reference.object)]["category_id"].get<int>();
            put(ref, "category_id", builder_.add_int(category));
            refs_.push_back(ref);
        }
    }

    void write(const std::filesystem::path& path) {
        const PickleDocument document = builder_.finish(builder_.add_list(refs_));
        write_pickle(path, document.root());
    }

private:
    using Id = PickleBuilder::Id;
    void put(Id dict, std::string_view key, Id value) { builder_.set(dict, builder_.add_string(key), value); }
    Id sentence(const std::string& text, int sent_id) {
        const Id tokens = builder_.add_list(), out = builder_.add_dict();
        std::istringstream words(text);
        for (std::string word; words >> word;) builder_.append(tokens, builder_.add_string(word));
        put(out, "tokens", tokens);
        put(out, "raw", builder_.add_string(text));
        put(out, "sent_id", builder_.add_int(sent_id));
        put(out, "sent", builder_.add_string(text));
        return out;
    }

    const ReferSetKind& kind_;
    PickleBuilder builder_;
    std::vector<Id> refs_;
};

/// Ids run on as in RefsBuilder: pictures, references and sentences in the same order.
void write_scenes(const std::filesystem::path& path, const ReferSetKind& kind, const ReferSetOptions& options,
                  const std::vector<Record>& records) {
    AtomicFile file(path);
    ListWriter list(file);
    file.write(
        fmt::format(R"({{"dataset": "{}", "split_by": "{}", "seed": {}, )", kind.dataset, kind.split_by, options.seed));
    list.open(R"("scenes": [)");
    for (std::size_t i = 0; i < records.size(); ++i) {
        const Record& record = records[i];
        list.add({{"image_id", refer_image_id(kind, int(i))},
                  {"width", record.width},
                  {"height", record.height},
                  {"objects", record.objects}});
    }
    list.open("\n], \"expressions\": [");
    std::int64_t first_annotation = 1, ref_id = 0, sent_id = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (const ReferReference& reference : records[i].references) {
            for (const Expression& expression : reference.expressions) {
                list.add({{"sent_id", sent_id++},
                          {"ref_id", ref_id},
                          {"image_id", refer_image_id(kind, int(i))},
                          {"ann_id", first_annotation + reference.object},
                          {"object", reference.object},
                          {"sent", expression.text},
                          {"program", to_json(expression.program)}});
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
    RefsBuilder refs(kind);
    for (std::size_t i = 0; i < records.size(); ++i) {
        refs.add(records[i], i, summary.annotations + 1, summary);
        summary.annotations += int(records[i].annotations.size());
    }
    const auto set = folder / kind.dataset;
    write_instances(set / "instances.json", kind, records);
    write_scenes(set / "scenes.json", kind, options, records);
    refs.write(set / fmt::format("refs({}).p", kind.split_by));
    return summary;
}

}  // namespace vglaw
