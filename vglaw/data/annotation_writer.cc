#include "vglaw/data/annotation_writer.h"

#include <cmath>
#include <map>
#include <system_error>
#include <unordered_set>

#include "vglaw/core/error.h"
#include "vglaw/data/mask_file.h"

namespace vglaw {

using nlohmann::json;

namespace {

// Whether every id is there and none twice.
bool usable_ids(const auto& records, auto id_of) {
    std::unordered_set<std::int64_t> seen;
    for (const auto& record : records) {
        const std::int64_t id = id_of(record);
        if (id == 0 || !seen.insert(id).second) return false;
    }
    return true;
}

// Annotations may be shared, so they are usable when an id always means the same object.
bool usable_annotations(const AnnotationTable& table) {
    std::map<std::int64_t, const TableTarget*> seen;
    for (const TableTarget& target : table.targets) {
        if (target.annotation_id == 0) return false;
        const auto [known, is_new] = seen.try_emplace(target.annotation_id, &target);
        if (!is_new && (known->second->picture != target.picture || !(known->second->box_px == target.box_px))) {
            return false;
        }
    }
    return true;
}

double rounded(double value) { return std::round(value * 100) / 100; }

// A length that, added to `start` as readers do, ends at `end` again.
std::pair<double, double> side(float start, float end) {
    const double short_start = rounded(start), short_length = rounded(double(end) - double(start));
    if (float(short_start) == start && float(short_start + short_length) == end) return {short_start, short_length};
    return {start, double(end) - double(start)};
}

json run_lengths(const Rle& rle) { return {{"size", {rle.height, rle.width}}, {"counts", to_coco_string(rle)}}; }

}  // namespace

std::vector<WrittenReference> written_references(const AnnotationTable& table) {
    // 0 is REFER's first ref_id, so one reference of a set may have it; in other layouts it means "none".
    const bool own_refs = usable_ids(table.targets, [](const TableTarget& target) { return target.ref_id + 1; });
    const bool own_annotations = usable_annotations(table);
    const bool own_sentences =
        usable_ids(table.expressions, [](const TableExpression& said) { return said.sentence_id + 1; });
    std::vector<WrittenReference> references(table.targets.size());
    for (std::size_t i = 0; i < references.size(); ++i) {
        const TableTarget& target = table.targets[i];
        references[i].target = &target;
        references[i].picture = &table.pictures[target.picture];
        references[i].split = &table.splits[target.split];
        references[i].ref_id = own_refs ? target.ref_id : std::int64_t(i) + 1;
        references[i].annotation_id = own_annotations ? target.annotation_id : std::int64_t(i) + 1;
    }
    for (const TableExpression& said : table.expressions) references[said.target].expressions.push_back(&said);
    if (!own_sentences) {
        std::int64_t next = 1;
        for (WrittenReference& reference : references) {
            reference.first_sentence = next;
            next += std::int64_t(reference.expressions.size());
        }
    }
    return references;
}

json box_json(const BoxXyxy& box) {
    const auto [x, width] = side(box.x0, box.x1);
    const auto [y, height] = side(box.y0, box.y1);
    return {x, y, width, height};
}

json mask_json(const TableTarget& target) {
    if (!target.mask_file.empty()) return run_lengths(encode(read_mask_file(target.mask_file)));
    const Segmentation& mask = target.segmentation;
    if (mask.empty()) return nullptr;
    if (mask.polygons.empty() && mask.runs.size() == 1) return run_lengths(mask.runs.front());
    json parts = json::array();
    for (const Polygon& polygon : mask.polygons) parts.push_back(polygon);
    for (const Rle& runs : mask.runs) parts.push_back(run_lengths(runs));
    return parts;
}

std::string to_line(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

void prepare_to_write(const std::filesystem::path& path) {
    if (std::filesystem::exists(path)) {
        fail(ErrorCode::invalid_argument, "{} is there already; name another folder or remove it first", path.string());
    }
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) fail(ErrorCode::io, "cannot make the folder {}: {}", path.parent_path().string(), error.message());
}

}  // namespace vglaw
