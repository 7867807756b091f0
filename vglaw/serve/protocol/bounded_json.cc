#include "vglaw/serve/protocol/bounded_json.h"

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {

Json parse_bounded(std::string_view text, const JsonLimits& limits) {
    std::size_t values = 0;
    const auto watch = [&](int depth, Json::parse_event_t event, Json&) {
        using Event = Json::parse_event_t;
        if ((event == Event::object_start || event == Event::array_start) && depth >= limits.depth)
            refuse(400, "bad_json", "the JSON is nested more than {} deep", limits.depth);
        if (event != Event::object_end && event != Event::array_end && ++values > limits.values)
            refuse(400, "bad_json", "the JSON has more than {} values", limits.values);
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const Json::parse_error& error) {
        // Its message quotes what it read last, which may be a picture.
        refuse(400, "bad_json", "the body is not JSON: wrong at byte {}", error.byte);
    } catch (const Json::exception& error) {  // a number that no type holds
        refuse(400, "bad_json", "the JSON cannot be read: {}", error.what());
    }
}

}  // namespace vglaw::serve
