#include "vglaw/format/quote.h"

#include <nlohmann/json.hpp>

namespace vglaw {

std::string quote(std::string_view text) {
    constexpr std::size_t longest = 120;  // enough to recognise a tensor, short enough for one line
    const nlohmann::json shown(std::string(text.substr(0, longest)));
    return shown.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + (text.size() > longest ? "..." : "");
}

}  // namespace vglaw
