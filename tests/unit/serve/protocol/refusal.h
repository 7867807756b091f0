// What a call is refused with: status, code and line, as one text to match.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {

template <typename Call>
std::string refusal_of(Call call) {
    try {
        call();
    } catch (const Refusal& refusal) {
        EXPECT_FALSE(std::string(refusal.what()).empty());
        return fmt::format("{} {}: {}", refusal.status(), refusal.code(), refusal.what());
    }
    return "it is not refused";
}

}  // namespace vglaw::serve
