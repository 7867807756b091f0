// Names from untrusted files, made fit for an error message.
#pragma once

#include <string>
#include <string_view>

namespace vglaw {

/// Quoted, control characters escaped, bytes that are not UTF-8 replaced, cut after 120 bytes: the message stays one
/// readable line.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace vglaw
