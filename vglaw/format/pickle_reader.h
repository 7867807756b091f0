// A restricted reader of Python pickles, protocols 0 to 5 (formats.md 1.3, 6.2, 6.5). It builds plain data and never
// looks up, calls or imports anything: a class or a call becomes an inert node that says what was asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "vglaw/format/pickle_builder.h"
#include "vglaw/format/pickle_value.h"

namespace vglaw {

struct PickleOptions {
    PickleLimits limits;
    bool allow_globals = true;  ///< false: data only; a class, call or persistent id is refused by its name
};

/// Maps the file and reads it; the document keeps the mapping. Throws not_found, io, corrupt_data (naming byte and
/// reason) or unsupported (an integer beyond 64 bits, an extension registry, a limit).
[[nodiscard]] PickleDocument open_pickle(const std::filesystem::path& path, const PickleOptions& options = {});

/// The same over bytes in memory. Strings point into them: they must outlive the document, or be kept by `owner`. Bytes
/// behind STOP are not looked at; see PickleDocument::consumed().
[[nodiscard]] PickleDocument parse_pickle(std::span<const std::uint8_t> bytes, const std::string& origin,
                                          const PickleOptions& options = {},
                                          std::shared_ptr<const void> owner = nullptr);

}  // namespace vglaw
