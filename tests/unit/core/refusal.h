// The message of an expected Error, so that a test can look into it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "vglaw/core/error.h"

namespace vglaw {

/// "accepted" when nothing was thrown. Every message is one line and ends without a full stop.
template <typename Action>
std::string refusal(ErrorCode expected, Action action) {
    try {
        action();
    } catch (const Error& error) {
        const std::string message = error.what();
        EXPECT_EQ(error.code(), expected) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        EXPECT_FALSE(message.ends_with('.')) << message;
        return message;
    }
    return "accepted";
}

}  // namespace vglaw
