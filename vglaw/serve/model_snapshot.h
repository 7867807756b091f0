// A model file as it was when it was opened, whatever happens to the file afterwards.
#pragma once

#include <filesystem>

#include "vglaw/model/bundle.h"

namespace vglaw::serve {

/// read_bundle over a copy without a name, in the folder for temporary files or, where that cannot be written, in
/// memory. A mapped file that somebody shortens ends the process that reads it (SIGBUS); a server's models are replaced
/// while it runs. Throws as read_bundle does, naming `path`, and io.
[[nodiscard]] ModelBundle snapshot_bundle(const std::filesystem::path& path);

}  // namespace vglaw::serve
