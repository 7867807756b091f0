// What the annotation files of any layout say, joined: pictures, the objects meant in them, and the words for those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vglaw/data/segmentation.h"
#include "vglaw/geometry/boxes.h"

namespace vglaw {

struct TablePicture {
    std::int64_t id = 0;
    std::string file_name;         ///< as the annotations give it: relative, without ".."
    int width = 0, height = 0;     ///< pixels; 0 when the annotations do not say
    std::filesystem::path path{};  ///< where it was found; empty: not looked for, or not there
};

/// An object that is referred to.
struct TableTarget {
    std::uint32_t picture = 0;                                    ///< in AnnotationTable::pictures
    std::uint32_t split = 0;                                      ///< in AnnotationTable::splits
    std::int64_t ref_id = 0, annotation_id = 0, category_id = 0;  ///< the files' own; 0 when they have none
    BoxXyxy box_px{};
    Segmentation segmentation{};
    std::string mask_file{};  ///< instead of a segmentation: a picture that is not black where the object is
};

struct TableExpression {
    std::uint32_t target = 0;  ///< in AnnotationTable::targets
    std::int64_t sentence_id = 0;
    std::string text;
};

/// Why a reference cannot be used.
enum class Flaw {
    unknown_annotation,  ///< it names an annotation that is not in the files
    unknown_image,       ///< it, or its annotation, names an image that is not in the files
    other_image,         ///< its annotation is of another image
    bad_box,             ///< not a number, or without area
    box_outside,         ///< no part of it is in the picture
    no_mask,             ///< the set has masks, this object has none
    bad_mask,            ///< its file is not there, or its run lengths are of another size than the picture
    no_picture,          ///< the picture's file was not found
};
[[nodiscard]] std::string_view name_of(Flaw flaw);

struct Refusal {
    Flaw flaw = Flaw::unknown_annotation;
    std::int64_t ref_id = 0;
    std::size_t expressions = 0;  ///< lost with it
    std::string reason;           ///< "reference 7 names annotation 3, which ..."
};

struct AnnotationTable {
    std::string name;                 ///< "refcoco(unc) train"
    std::vector<std::string> splits;  ///< labels as the files have them
    std::vector<TablePicture> pictures;
    std::vector<TableTarget> targets;
    std::vector<TableExpression> expressions;  ///< in the files' order
    bool has_masks = false;
    std::string without_masks{};       ///< why a set without masks has none, for a note; "" when nothing is to be said
    std::vector<Refusal> refused;      ///< references that did not join
    std::string picture_folders{};     ///< where pictures were looked for
    bool pictures_looked_for = false;  ///< so that an empty TablePicture::path means "not there"
    bool generated = false;            ///< written by `vglaw scenes`: published counts are not expected
};

/// What is wrong with a target that did join: its box, its mask, its picture.
[[nodiscard]] std::optional<Refusal> flaw_of(const AnnotationTable& table, std::size_t target);

/// Fills a table: pictures and split labels are entered once.
class TableBuilder {
public:
    explicit TableBuilder(std::string name) { table_.name = std::move(name); }

    /// The position of the picture with that id. Throws corrupt_data when it was entered under another name.
    std::uint32_t picture(std::int64_t id, const std::string& file_name, int width, int height);
    std::uint32_t split(std::string_view label);
    std::uint32_t target(TableTarget target);
    void expression(std::uint32_t target, std::int64_t sentence_id, std::string text);
    void refuse(Flaw flaw, std::int64_t ref_id, std::size_t expressions, const std::string& reason);
    [[nodiscard]] const TableTarget& target_at(std::uint32_t target) const { return table_.targets[target]; }
    [[nodiscard]] std::size_t targets() const { return table_.targets.size(); }
    /// The table, has_masks set when any target has one. The builder is empty afterwards.
    [[nodiscard]] AnnotationTable finish();

private:
    AnnotationTable table_;
    std::unordered_map<std::int64_t, std::uint32_t> by_id_;
};

}  // namespace vglaw
