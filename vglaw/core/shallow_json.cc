#include "vglaw/core/shallow_json.h"

#include "vglaw/core/error.h"

namespace vglaw {

Json parse_shallow_json(std::string_view text) {
    constexpr int deepest = 64, most_keys = 20'000;
    int keys = 0;
    const auto watch = [&](int depth, Json::parse_event_t event, Json&) {
        if (depth > deepest) fail(ErrorCode::corrupt_data, "the JSON nests deeper than {}", deepest);
        if (event == Json::parse_event_t::key && ++keys > most_keys) {
            fail(ErrorCode::corrupt_data, "the JSON has more than {} keys", most_keys);
        }
        return true;
    };
    return Json::parse(text, watch);
}

Json try_shallow_json(std::string_view text) {
    try {
        return parse_shallow_json(text);
    } catch (const nlohmann::json::exception&) {
        return Json(Json::value_t::discarded);
    } catch (const Error&) {
        return Json(Json::value_t::discarded);
    }
}

}  // namespace vglaw
