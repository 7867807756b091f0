// RefCOCO, RefCOCO+, RefCOCOg, RefCLEF and every data set stored in their layout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/data/refer_references.h"
#include "vglaw/data/segmentation.h"

namespace vglaw {

struct ReferOptions {
    std::filesystem::path data_root{};   ///< holds refcoco/, refcoco+/, ... (see find_refer_files)
    std::filesystem::path image_root{};  ///< the pictures; empty: found under data_root (see ImageFinder)
    std::string dataset = "refcoco";     ///< refcoco, refcoco+, refcocog, refclef, or a folder of that layout
    std::string split_by = "unc";        ///< unc, google, umd, berkeley: the part in refs(<split_by>).p
    std::string split = "train";         ///< train, val, test, testA, testB, testC (see in_split)
    bool skip_missing = false;  ///< leave out expressions without annotation or picture instead of refusing the set
    ReferText text = ReferText::sent;  ///< which wording is the expression
};

/// One example an expression, in the file's order. Opening reads the annotations and looks for every picture; pixels
/// are read by get(), as stored (EXIF ignored: boxes and masks are in that orientation). The last few pictures are
/// kept, since a picture's expressions follow each other in the files.
///
///     ReferDataset dataset({.data_root = "data", .dataset = "refcocog", .split_by = "umd", .split = "val"});
///     Example example = dataset.get(0);
class ReferDataset : public Dataset {
public:
    /// Throws not_found (folder, file, split, annotation, picture), corrupt_data (naming file and record) and io.
    explicit ReferDataset(ReferOptions options);

    [[nodiscard]] std::size_t size() const override { return items_.size(); }
    /// Throws invalid_argument out of range, and for its picture what load_image throws, or corrupt_data when it is not
    /// of the size the annotations were made for; the message names the path.
    [[nodiscard]] Example get(std::size_t index) const override;
    /// False when the annotations hold boxes only.
    [[nodiscard]] bool has_masks() const override { return has_masks_; }
    [[nodiscard]] std::string name() const override;

    /// Expressions left out under skip_missing, and why the first of them was ("" when none was).
    [[nodiscard]] std::size_t skipped() const { return skipped_; }
    [[nodiscard]] const std::string& skipped_reason() const { return skipped_reason_; }
    [[nodiscard]] std::size_t references() const { return targets_.size(); }
    [[nodiscard]] std::size_t images() const { return pictures_.size(); }
    /// The picture and the words of an example, without reading pixels.
    [[nodiscard]] const std::filesystem::path& image_path(std::size_t index) const;
    [[nodiscard]] const std::string& expression(std::size_t index) const;

private:
    struct Picture {
        std::filesystem::path path;
        std::int64_t id = 0;
        int width = 0, height = 0;  // 0: the annotations do not say
    };
    struct Target {
        std::size_t picture = 0;
        std::int64_t ref_id = 0;
        BoxXyxy box_px;
        Segmentation segmentation;
    };
    struct Item {
        std::size_t target = 0;
        std::int64_t sentence_id = 0;
        std::string text;
    };
    struct Joiner;

    [[nodiscard]] const Item& item(std::size_t index) const;
    [[nodiscard]] std::shared_ptr<const Image> picture(std::size_t picture) const;

    ReferOptions options_;
    std::vector<Picture> pictures_;
    std::vector<Target> targets_;
    std::vector<Item> items_;
    bool has_masks_ = false;
    std::size_t skipped_ = 0;
    std::string skipped_reason_;

    struct Kept {
        std::size_t picture = 0;
        std::shared_ptr<const Image> image;
    };
    mutable std::mutex kept_mutex_;
    mutable std::array<Kept, 8> kept_;  // more than the threads that share a picture, small beside a batch
    mutable std::size_t next_kept_ = 0;
};

}  // namespace vglaw
