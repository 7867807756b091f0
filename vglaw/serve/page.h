// Files that are part of the program: vglaw/serve/page/, made into bytes by cmake/embed.cmake.
#pragma once

#include <string_view>

namespace vglaw::serve {

[[nodiscard]] std::string_view page();      ///< index.html, UTF-8
[[nodiscard]] std::string_view open_api();  ///< openapi.json

}  // namespace vglaw::serve
