// The escaped texts of protocol 0.
#pragma once

#include <string>
#include <string_view>

namespace vglaw {

/// The argument of STRING: a Python 2 repr in either kind of quotes. False when it is not one. Without a backslash in
/// it, `view` is set to what stands between the quotes; otherwise `unfolded` holds the bytes and view points there.
[[nodiscard]] bool unfold_python_repr(std::string_view repr, std::string& unfolded, std::string_view& view);

/// The argument of UNICODE, raw-unicode-escape: \uXXXX and \UXXXXXXXX are escapes, every other byte is Latin-1. False
/// for a cut escape, a lone surrogate or a number above U+10FFFF. Plain ASCII without a backslash stays where it is.
[[nodiscard]] bool unfold_raw_unicode(std::string_view raw, std::string& unfolded, std::string_view& view);

}  // namespace vglaw
