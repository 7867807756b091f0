// A data set from files: a table of annotations, its pictures read when they are asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset.h"

namespace vglaw {

/// One example an expression, in the files' order. Pixels are read by get(), as stored (EXIF ignored: boxes and masks
/// are in that orientation). The last few pictures are kept, since a picture's expressions follow each other in the
/// files.
class AnnotatedDataset : public Dataset {
public:
    /// Keeps what can be used. Throws not_found when something cannot and skip_missing is false, or when nothing can;
    /// the message counts them and says why the first.
    AnnotatedDataset(AnnotationTable table, bool skip_missing);

    [[nodiscard]] std::size_t size() const override { return table_.expressions.size(); }
    /// Throws invalid_argument out of range, and for its picture what load_image throws, or corrupt_data when it is not
    /// of the size the annotations were made for; the message names the path.
    [[nodiscard]] Example get(std::size_t index) const override;
    /// False when the annotations hold boxes only.
    [[nodiscard]] bool has_masks() const override { return table_.has_masks; }
    [[nodiscard]] std::string name() const override { return table_.name; }

    /// Expressions left out under skip_missing, and why the first of them was ("" when none was).
    [[nodiscard]] std::size_t skipped() const { return skipped_; }
    [[nodiscard]] const std::string& skipped_reason() const { return skipped_reason_; }
    /// What a person should know before using the set: expressions left out, masks that are not there; "" for nothing.
    [[nodiscard]] std::string note() const;
    [[nodiscard]] std::size_t references() const { return table_.targets.size(); }
    [[nodiscard]] std::size_t images() const;
    /// The picture and the words of an example, without reading pixels.
    [[nodiscard]] const std::filesystem::path& image_path(std::size_t index) const;
    [[nodiscard]] const std::string& expression(std::size_t index) const { return item(index).text; }
    [[nodiscard]] const AnnotationTable& table() const { return table_; }

private:
    [[nodiscard]] const TableExpression& item(std::size_t index) const;
    [[nodiscard]] std::shared_ptr<const Image> picture(std::uint32_t picture) const;

    AnnotationTable table_;
    std::size_t skipped_ = 0;
    std::string skipped_reason_;

    struct Kept {
        std::uint32_t picture = 0;
        std::shared_ptr<const Image> image;
    };
    mutable std::mutex kept_mutex_;
    mutable std::array<Kept, 8> kept_;  // more than the threads that share a picture, small beside a batch
    mutable std::size_t next_kept_ = 0;
};

/// The mask of a target at its picture's size; empty when it has none. Throws corrupt_data when it does not fit, and
/// for a mask in a file what load_image throws.
[[nodiscard]] Mask paint_mask(const TableTarget& target, int height, int width);

}  // namespace vglaw
