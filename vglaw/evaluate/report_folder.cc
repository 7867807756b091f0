#include "vglaw/evaluate/report_folder.h"

#include <string>

#include "vglaw/core/files.h"
#include "vglaw/evaluate/gallery.h"

namespace vglaw {

void write_report(const std::filesystem::path& folder, const Evaluation& evaluation, const Dataset& dataset,
                  const ReportTitle& title) {
    const Gallery hits = write_gallery(folder, "hits", evaluation.hits, dataset);
    const Gallery misses = write_gallery(folder, "misses", evaluation.misses, dataset);
    AtomicFile lines(folder / "per_expression.jsonl");
    for (const ExpressionRecord& record : evaluation.records) lines.write(record_json(record) + '\n');
    lines.commit();
    write_text(folder / "report.json", report_json(evaluation.metrics, title) + '\n');
    std::string page = report_markdown(evaluation.metrics, title);
    page += "\nA hit is a box IoU of at least 0.5 on the canvas.\n";
    page += gallery_markdown("Hits", hits);
    page += gallery_markdown("Misses", misses);
    write_text(folder / "report.md", page);
}

}  // namespace vglaw
