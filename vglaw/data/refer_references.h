// refs(*.p), the pickled list of references of a REFER data set (formats.md 1.2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

struct ReferSentence {
    std::int64_t sentence_id = 0;
    std::string text;
};

/// One object and what people said of it. Box and mask are in instances.json, under ann_id.
struct Reference {
    std::int64_t ref_id = 0, ann_id = 0, image_id = 0;
    std::string label;  ///< its split, as the file has it: "train", "testAB", ...
    std::vector<ReferSentence> sentences;
};

/// Which of a sentence's texts is the expression.
enum class ReferText {
    sent,  ///< cleaned: lower case, no punctuation; what most papers use
    raw,   ///< as typed
};

/// REFER's rule: testA, testB, testC mean "the label holds that letter" (refclef has labels like testAB), test means
/// "the label holds the word test", any other split is the label itself.
[[nodiscard]] bool in_split(std::string_view label, std::string_view split);

/// The references of one split ("": of all), in the file's order. Keys beyond those needed are ignored. Throws
/// not_found for a split nobody belongs to (listing the labels there are), corrupt_data for a missing key or a value of
/// the wrong type (naming the reference), and what the pickle reader throws.
[[nodiscard]] std::vector<Reference> read_references(const std::filesystem::path& path, std::string_view split,
                                                     ReferText text);

}  // namespace vglaw
