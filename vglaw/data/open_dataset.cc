#include "vglaw/data/open_dataset.h"

#include <filesystem>
#include <system_error>

#include "vglaw/core/error.h"
#include "vglaw/data/image_finder.h"
#include "vglaw/data/mdetr.h"
#include "vglaw/data/refer.h"
#include "vglaw/data/referit.h"
#include "vglaw/data/seqtr.h"
#include "vglaw/data/transvg.h"
#include "vglaw/data/vglaw_jsonl.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

struct Layout {
    std::string_view name;
    AnnotationTable (*read)(const DatasetSpec& spec);
    // Names in our own lines are meant exactly; those of the published layouts are looked for as people unpack them.
    bool exact_names;
};

constexpr Layout kLayouts[] = {
    {"refer", read_refer, false}, {"referit", read_referit, false}, {"seqtr", read_seqtr, false},
    {"mdetr", read_mdetr, false}, {"transvg", read_transvg, false}, {"jsonl", read_vglaw_jsonl, true},
};

const Layout& layout_of(const DatasetSpec& spec) {
    std::string known;
    for (const Layout& layout : kLayouts) {
        if (layout.name == spec.layout) return layout;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", layout.name);
    }
    fail(ErrorCode::invalid_argument, "'{}' is no layout of data sets; there are: {}", spec.layout, known);
}

fs::path folder_of(const fs::path& root) {
    std::error_code ignored;
    if (!fs::is_regular_file(root, ignored)) return root;
    return root.has_parent_path() ? root.parent_path() : fs::path(".");
}

void find_exactly(AnnotationTable& table, const fs::path& folder) {
    for (TablePicture& picture : table.pictures) {
        std::error_code ignored;
        if (fs::path path = folder / picture.file_name; fs::is_regular_file(path, ignored)) {
            picture.path = std::move(path);
        }
    }
    table.picture_folders = folder.string();
}

void find_pictures(AnnotationTable& table, ImageFinder finder) {
    for (TablePicture& picture : table.pictures) {
        if (auto path = finder.find(picture.id, picture.file_name)) picture.path = std::move(*path);
    }
    table.picture_folders = finder.describe();
}

}  // namespace

std::string describe(const DatasetSpec& spec) {
    const std::string split = spec.split.empty() ? "" : " " + spec.split;
    // "data/mine" and "data/mine/" are both named mine.
    if (spec.layout == "jsonl") return (spec.data_root / "").parent_path().filename().string() + split;
    return fmt::format("{}({}){}", spec.dataset, spec.split_by, split);
}

AnnotationTable read_annotations(const DatasetSpec& spec) {
    const Layout& layout = layout_of(spec);
    AnnotationTable table = layout.read(spec);
    const fs::path folder = folder_of(spec.data_root);
    if (layout.exact_names) {
        find_exactly(table, spec.image_root.empty() ? folder : spec.image_root);
    } else {
        const bool saiapr = layout.name == "referit" || has_saiapr_pictures(spec.dataset);
        find_pictures(table, ImageFinder(folder, spec.image_root, saiapr ? "refclef" : spec.dataset));
    }
    table.pictures_looked_for = true;
    return table;
}

std::unique_ptr<AnnotatedDataset> open_dataset(const DatasetSpec& spec) {
    return std::make_unique<AnnotatedDataset>(read_annotations(spec), spec.skip_missing);
}

}  // namespace vglaw
