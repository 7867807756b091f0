#include "vglaw/study/evaluation_folder.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <system_error>

#include "vglaw/core/files.h"
#include "vglaw/core/shallow_json.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t max_report_bytes = std::size_t{1} << 22, max_lines_bytes = std::size_t{1} << 30;

std::vector<EvaluationPicture> pictures_of(const fs::path& folder) {
    std::vector<EvaluationPicture> pictures;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".png") pictures.push_back({entry.path(), "", ""});
    }
    std::ranges::sort(pictures, {}, &EvaluationPicture::file);
    return pictures;
}

/// "hits/000012.png" is the expression of index 12.
std::int64_t index_of(const fs::path& picture) {
    const std::string stem = picture.stem().string();
    std::int64_t index = 0;
    for (const char c : stem) {
        if (c < '0' || c > '9' || index > 1'000'000'000'000) return -1;
        index = index * 10 + (c - '0');
    }
    return index;
}

std::string ious_of(const Json& record) {
    const Json frame = record.value("original", Json());
    if (!frame.is_object() || !frame.value("box_iou", Json()).is_number()) return "";
    std::string out = fmt::format("box IoU {:.2f}", frame["box_iou"].get<double>());
    if (frame.value("mask_iou", Json()).is_number()) {
        out += fmt::format(", mask IoU {:.2f}", frame["mask_iou"].get<double>());
    }
    return out;
}

/// Captions are a convenience: a line that does not tell leaves a picture without one.
void add_captions(const fs::path& lines_file, EvaluationFolder& evaluation) {
    std::map<std::int64_t, std::vector<EvaluationPicture*>> wanted;
    for (auto* pictures : {&evaluation.hits, &evaluation.misses}) {
        for (EvaluationPicture& picture : *pictures) wanted[index_of(picture.file)].push_back(&picture);
    }
    std::error_code error;
    if (wanted.empty() || !fs::is_regular_file(lines_file, error)) return;
    std::istringstream lines(read_text(lines_file, max_lines_bytes));
    for (std::string line; std::getline(lines, line);) {
        const Json record = try_shallow_json(line);
        if (!record.is_object() || !record.value("index", Json()).is_number_integer()) continue;
        const auto found = wanted.find(record["index"].get<std::int64_t>());
        if (found == wanted.end()) continue;
        for (EvaluationPicture* picture : found->second) {
            const Json expression = record.value("expression", Json());
            if (expression.is_string()) picture->expression = expression.get<std::string>();
            picture->ious = ious_of(record);
        }
    }
}

}  // namespace

EvaluationFolder read_evaluation(const fs::path& folder) {
    EvaluationFolder evaluation;
    evaluation.folder = folder;
    evaluation.figures = try_shallow_json(read_text(folder / "report.json", max_report_bytes));
    if (!evaluation.figures.is_object() || !evaluation.figures.value("canvas", Json()).is_object()) {
        fail(ErrorCode::corrupt_data, "{} is not a report of vglaw eval", (folder / "report.json").string());
    }
    evaluation.hits = pictures_of(folder / "hits");
    evaluation.misses = pictures_of(folder / "misses");
    add_captions(folder / "per_expression.jsonl", evaluation);
    return evaluation;
}

std::vector<EvaluationFolder> find_evaluations(const fs::path& folder) {
    std::vector<fs::path> folders{folder};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.is_directory(error)) folders.push_back(entry.path());
    }
    std::sort(folders.begin() + 1, folders.end());
    std::vector<EvaluationFolder> found;
    for (const fs::path& candidate : folders) {
        if (fs::is_regular_file(candidate / "report.json", error)) found.push_back(read_evaluation(candidate));
    }
    return found;
}

}  // namespace vglaw
