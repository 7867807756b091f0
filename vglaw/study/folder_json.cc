#include "vglaw/study/folder_json.h"

#include "vglaw/core/files.h"

namespace vglaw {

Json parse_folder_json(const std::string& text) {
    constexpr int deepest = 64;
    bool too_deep = false;
    const auto watch = [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest;
        return !too_deep;  // what is below is skipped, not built
    };
    Json json = Json::parse(text, watch, false);
    return too_deep ? Json(Json::value_t::discarded) : json;
}

Json read_folder_json(const std::filesystem::path& path, std::size_t max_bytes) {
    return parse_folder_json(read_text(path, max_bytes));
}

}  // namespace vglaw
