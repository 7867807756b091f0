// Writes refs(*.p): references as REFER's authors pickled them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "vglaw/format/pickle_builder.h"

namespace vglaw {

/// A reference as the file has it.
struct ReferRecord {
    std::int64_t ref_id = 0, annotation_id = 0, image_id = 0, category_id = 0;
    std::string image_name;  ///< of its picture; the file's own file_name is made of it and the annotation's id
    std::string split;
    std::vector<std::pair<std::int64_t, std::string>> sentences;  ///< id, words; they serve as `sent` and `raw`
};

/// Protocol 0, keys in the order of the published files. The same records give the same bytes.
class ReferPickle {
public:
    ReferPickle() : builder_("refs") {}
    void add(const ReferRecord& record);
    /// Writes beside and renames. To be called once. Throws io.
    void write(const std::filesystem::path& path);

private:
    using Id = PickleBuilder::Id;
    void put(Id dict, std::string_view key, Id value) { builder_.set(dict, builder_.add_string(key), value); }
    [[nodiscard]] Id sentence(std::int64_t id, const std::string& text);

    PickleBuilder builder_;
    std::vector<Id> references_;
};

}  // namespace vglaw
