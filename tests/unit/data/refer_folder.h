// A REFER data set in a temporary folder, with every kind of segmentation: what the reader's tests read.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vglaw/geometry/masks.h"
#include "vglaw/image/encode.h"

namespace vglaw {

class TemporaryFolder {
public:
    TemporaryFolder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("vglaw_data_test_" + std::to_string(getpid()) + "_" + std::to_string(count++));
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Writes a file and the folders it lies in.
    void write(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        // Not write_text: it waits for the disk, and the truncation tests write a file for every length.
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

private:
    std::filesystem::path path_;
};

inline constexpr int kPictureWidth = 16, kPictureHeight = 12;

/// Ones in columns [x0, x1), rows [y0, y1) of a picture of the test's size.
inline Mask block_mask(int x0, int y0, int x1, int y1) {
    Mask mask(kPictureHeight, kPictureWidth);
    for (int y = y0; y < y1; ++y) {
        for (int x = x0; x < x1; ++x) mask.at(y, x) = 1;
    }
    return mask;
}

/// {"size": ..., "counts": "..."} or, not compressed, {"size": ..., "counts": [...]}.
inline std::string run_length_json(const Mask& mask, bool compressed) {
    const Rle rle = encode(mask);
    std::string counts;
    if (compressed) {
        counts = "\"";
        for (const char c : to_coco_string(rle)) counts += c == '\\' ? std::string("\\\\") : std::string(1, c);
        counts += "\"";
    } else {
        for (const auto count : rle.counts) counts += (counts.empty() ? "[" : ",") + std::to_string(count);
        counts += "]";
    }
    return "{\"size\":[" + std::to_string(mask.height) + "," + std::to_string(mask.width) + "],\"counts\":" + counts +
           "}";
}

inline std::string annotation_json(int id, int image_id, const std::string& box, const std::string& segmentation) {
    return "{\"segmentation\":" + segmentation +
           ",\"area\":1.5,\"iscrowd\":0,\"image_id\":" + std::to_string(image_id) + ",\"bbox\":" + box +
           ",\"category_id\":1,\"id\":" + std::to_string(id) + "}";
}

/// The annotations that belong to tests/golden/data/refs_protocol*.p, one of each kind, and one nobody refers to.
inline std::vector<std::string> golden_annotations() {
    return {
        annotation_json(999, 1, "\"not read\"", "17"),
        // Two overlapping rectangles: columns 2 to 6 and 4 to 9, rows 3 to 7.
        annotation_json(101, 1, "[2,3,7.5,4]", "[[2,3,6,3,6,7,2,7],[4,3,9,3,9,7,4,7]]"),
        annotation_json(102, 2, "[1,1,4,5]",
                        "[" + run_length_json(block_mask(1, 1, 3, 6), true) + "," +
                            run_length_json(block_mask(2, 1, 5, 2), true) + "]"),
        annotation_json(103, 1, "[0,0,16,12]", run_length_json(block_mask(0, 0, 16, 12), true)),
        annotation_json(104, 2, "[5,5,2,2]", run_length_json(block_mask(5, 5, 7, 7), false)),
        annotation_json(105, 2, "[5,5,2,2]", "[[5,5,7,5,7,7,5,7],[1,1,2,2]]"),
    };
}

inline std::string instances_json(const std::vector<std::string>& annotations) {
    std::string text = "{\"info\":{\"version\":\"1\"},\"images\":[";
    for (int id = 1; id <= 2; ++id) {
        text += std::string(id == 1 ? "" : ",") + "{\"license\":1,\"file_name\":\"COCO_train2014_00000000000" +
                std::to_string(id) + ".jpg\",\"height\":" + std::to_string(kPictureHeight) +
                ",\"width\":" + std::to_string(kPictureWidth) + ",\"id\":" + std::to_string(id) + "}";
    }
    text += "],\"licenses\":[],\"annotations\":[";
    for (std::size_t i = 0; i < annotations.size(); ++i) text += (i == 0 ? "" : ",") + annotations[i];
    return text + "],\"categories\":[{\"id\":1,\"name\":\"box\"}]}";
}

inline Image test_picture(int id) {
    Image image(kPictureWidth, kPictureHeight);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = std::uint8_t(i * 7 + std::size_t(id) * 50);
    return image;
}

inline std::string as_text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// Pictures whose names end in .jpg and whose bytes are PNG, so that pixels can be compared exactly.
inline void write_pictures(const TemporaryFolder& folder, const std::string& where) {
    for (int id = 1; id <= 2; ++id) {
        folder.write(where + "/COCO_train2014_00000000000" + std::to_string(id) + ".jpg",
                     as_text(encode_png(test_picture(id))));
    }
}

/// refcoco/ with refs(unc).p of that pickle protocol, instances.json and REFER's own image folder.
inline void write_refer_folder(const TemporaryFolder& folder, int protocol = 0) {
    folder.write("refcoco/instances.json", instances_json(golden_annotations()));
    std::filesystem::copy_file(std::filesystem::path(VGLAW_SOURCE_DIR) / "tests/golden/data" /
                                   ("refs_protocol" + std::to_string(protocol) + ".p"),
                               folder.path() / "refcoco/refs(unc).p");
    write_pictures(folder, "images/mscoco/images/train2014");
}

}  // namespace vglaw
