#include "vglaw/data/dataset_check.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/data/annotated_dataset.h"
#include "vglaw/image/decode.h"

namespace vglaw {

namespace {

constexpr float kBoxSlack = 1;        // pixels; COCO's own boxes pass their pictures' edges by rounding
constexpr float kLeastBoxIou = 0.5F;  // of the box and the mask's bounding box
constexpr std::size_t kExamples = 5;

struct Size {
    int height = 0, width = 0;
};

// The ones' bounding box, without unfolding the mask; no area for an empty one.
BoxXyxy bounding_box(const Rle& rle) {
    BoxXyxy box{float(rle.width), float(rle.height), 0, 0};
    const auto height = std::size_t(rle.height);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rle.counts.size(); ++i) {
        const std::size_t end = begin + rle.counts[i];
        if (i % 2 == 1 && end > begin) {
            const std::size_t first = begin / height, last = (end - 1) / height;
            const bool one_column = first == last;
            box.x0 = std::min(box.x0, float(first));
            box.x1 = std::max(box.x1, float(last + 1));
            box.y0 = std::min(box.y0, one_column ? float(begin % height) : 0.0F);
            box.y1 = std::max(box.y1, one_column ? float((end - 1) % height + 1) : float(height));
        }
        begin = end;
    }
    return box;
}

class Checker {
public:
    Checker(const AnnotationTable& table, const DatasetSpec& spec, const CheckOptions& options)
        : table_(table), spec_(spec), options_(options), sizes_(table.pictures.size()) {
        report_.name = table.name;
        report_.has_masks = table.has_masks;
    }

    CheckReport run() {
        for (const Refusal& refusal : table_.refused) add(std::string(name_of(refusal.flaw)), refusal.reason);
        check_pictures();
        for (std::size_t i = 0; i < table_.targets.size(); ++i) check_target(i);
        check_ids();
        check_words();
        check_splits();
        count();
        return std::move(report_);
    }

private:
    void add(const std::string& what, const std::string& example, bool wrong = true) {
        auto known = std::ranges::find(report_.findings, what, &Finding::what);
        if (known == report_.findings.end()) {
            report_.findings.push_back({what, wrong});
            known = report_.findings.end() - 1;
        }
        ++known->count;
        if (known->examples.size() < kExamples) known->examples.push_back(example);
    }

    void check_pictures() {
        for (std::size_t i = 0; i < table_.pictures.size(); ++i) {
            const TablePicture& picture = table_.pictures[i];
            sizes_[i] = {picture.height, picture.width};
            // Without a size in the annotations only the picture itself can say whether boxes and masks fit.
            if (picture.path.empty() || (picture.width != 0 && !options_.read_pictures)) continue;
            try {
                const Image image = load_image(picture.path, {.apply_exif = false});
                if (picture.width != 0 && (image.width != picture.width || image.height != picture.height)) {
                    add("picture of another size",
                        fmt::format("{} is {}x{} pixels, the annotations say {}x{}", picture.path.string(), image.width,
                                    image.height, picture.width, picture.height));
                } else {
                    sizes_[i] = {image.height, image.width};
                }
            } catch (const Error& error) {
                add("damaged picture", error.what());
            }
            if (options_.progress) options_.progress(i + 1, table_.pictures.size());
        }
    }

    void check_target(std::size_t index) {
        const TableTarget& target = table_.targets[index];
        if (const auto refusal = flaw_of(table_, index)) {
            add(std::string(name_of(refusal->flaw)), refusal->reason);
            if (refusal->flaw != Flaw::no_picture) return;
        }
        const Size size = sizes_[target.picture];
        if (size.width == 0) return;
        const BoxXyxy& box = target.box_px;
        const std::string who =
            fmt::format("reference {} in {}", target.ref_id, table_.pictures[target.picture].file_name);
        const auto width = float(size.width), height = float(size.height);
        if (box.x0 < -kBoxSlack || box.y0 < -kBoxSlack || box.x1 > width + kBoxSlack || box.y1 > height + kBoxSlack) {
            add("box outside its picture", fmt::format("{}: x {} to {}, y {} to {} in {}x{}", who, box.x0, box.x1,
                                                       box.y0, box.y1, size.width, size.height));
        }
        if (table_.has_masks) check_mask(target, size, who);
    }

    void check_mask(const TableTarget& target, Size size, const std::string& who) {
        try {
            const Rle mask = target.mask_file.empty() ? target.segmentation.encode(size.height, size.width)
                                                      : encode(paint_mask(target, size.height, size.width));
            const BoxXyxy around = bounding_box(mask);
            if (area(around) <= 0) {
                add("empty mask", fmt::format("{}: annotation {}", who, target.annotation_id));
            } else if (const float overlap = iou(around, target.box_px); overlap < kLeastBoxIou) {
                add("mask and box disagree",
                    fmt::format("{}: the mask's box has IoU {:.2f} with the box", who, overlap));
            }
        } catch (const Error& error) {
            add("unusable mask", fmt::format("{}: {}", who, error.what()));
        }
    }

    void check_ids() {
        // Only REFER's ids are unique in a whole set; the other layouts' are made up by split or shared by design.
        if (spec_.layout != "refer") return;
        std::unordered_set<std::int64_t> seen;
        for (const TableTarget& target : table_.targets) {
            if (!seen.insert(target.ref_id).second) add("ref_id used twice", fmt::format("{}", target.ref_id));
        }
    }

    [[nodiscard]] const std::string& split_of(const TableTarget& target) const { return table_.splits[target.split]; }

    void check_words() {
        std::unordered_map<std::string, std::uint32_t> first_split;
        for (const TableExpression& said : table_.expressions) {
            const TableTarget& target = table_.targets[said.target];
            if (said.text.find_first_not_of(" \t\r\n") == std::string::npos) {
                add("expression without words",
                    fmt::format("sentence {} of reference {}", said.sentence_id, target.ref_id), false);
            }
            const BoxXyxy& box = target.box_px;
            std::string key = fmt::format("{} {} {} {} {} {}", table_.pictures[target.picture].id, box.x0, box.y0,
                                          box.x1, box.y1, said.text);
            const auto [known, is_new] = first_split.try_emplace(std::move(key), target.split);
            if (!is_new && known->second != target.split) {
                add("same words for the same object in two splits",
                    fmt::format("'{}' (reference {}) in {} and {}", said.text, target.ref_id,
                                table_.splits[known->second], split_of(target)));
            }
        }
    }

    void check_splits() {
        std::vector<bool> in_train(table_.pictures.size());
        for (const TableTarget& target : table_.targets) {
            if (split_of(target) == "train") in_train[target.picture] = true;
        }
        std::vector<bool> told(table_.pictures.size());
        for (const TableTarget& target : table_.targets) {
            if (split_of(target).starts_with("train") || !in_train[target.picture] || told[target.picture]) continue;
            told[target.picture] = true;
            add(divides_objects(spec_.split_by) ? "picture of train in another split (this split divides objects)"
                                                : "picture of train in another split",
                fmt::format("{} is in train and in {}", table_.pictures[target.picture].file_name, split_of(target)),
                !divides_objects(spec_.split_by));
        }
    }

    void count() {
        const bool refer = spec_.layout == "refer", referit = spec_.layout == "referit";
        const std::string dataset = referit ? "referit" : spec_.dataset,
                          split_by = referit ? "berkeley" : spec_.split_by;
        const bool expected = options_.expect_published && !table_.generated && spec_.layout != "jsonl";
        std::vector<std::string> splits;
        if (expected) splits = published_splits(dataset, split_by);
        const bool by_rule = refer && !splits.empty();  // REFER's: testA takes testAB too
        for (const std::string& label : table_.splits) {
            const bool covered = std::ranges::any_of(
                splits, [&](const std::string& split) { return by_rule ? in_split(label, split) : label == split; });
            if (!covered) splits.push_back(label);
        }
        for (const std::string& split : splits) {
            CheckedSplit checked{split, counts_of(split, by_rule), std::nullopt};
            if (expected) checked.published = published_counts(dataset, split_by, split);
            if (checked.published) {
                // What other layouts call a reference is not what REFER's authors counted.
                if (!refer) checked.published->references = 0;
                compare(checked);
            }
            report_.splits.push_back(std::move(checked));
        }
    }

    [[nodiscard]] SplitCounts counts_of(const std::string& split, bool by_rule) const {
        SplitCounts counts;
        std::vector<bool> wanted(table_.splits.size()), pictures(table_.pictures.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            wanted[i] = by_rule ? in_split(table_.splits[i], split) : table_.splits[i] == split;
        }
        for (const TableTarget& target : table_.targets) {
            if (!wanted[target.split]) continue;
            ++counts.references;
            pictures[target.picture] = true;
        }
        for (const TableExpression& said : table_.expressions) {
            if (wanted[table_.targets[said.target].split]) ++counts.expressions;
        }
        counts.pictures = std::size_t(std::ranges::count(pictures, true));
        return counts;
    }

    void compare(const CheckedSplit& checked) {
        const SplitCounts &found = checked.found, &published = *checked.published;
        const auto one = [&](std::size_t is, std::size_t should, const char* what) {
            if (should == 0 || is == should) return;
            add("count other than published", fmt::format("{}: {} {}, published {}", checked.split, is, what, should));
        };
        one(found.references, published.references, "references");
        one(found.expressions, published.expressions, "expressions");
        one(found.pictures, published.pictures, "pictures");
    }

    const AnnotationTable& table_;
    const DatasetSpec& spec_;
    const CheckOptions& options_;
    std::vector<Size> sizes_;
    CheckReport report_;
};

}  // namespace

bool CheckReport::wrong() const { return std::ranges::any_of(findings, &Finding::wrong); }

CheckReport check_dataset(const AnnotationTable& table, const DatasetSpec& spec, const CheckOptions& options) {
    return Checker(table, spec, options).run();
}

}  // namespace vglaw
