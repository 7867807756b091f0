// The message an action is refused with.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "vglaw/core/error.h"
#include "vglaw/data/open_dataset.h"

namespace vglaw {

/// Runs it; it must throw an Error of that kind, whose message is one line.
inline std::string refusal_of(auto action, ErrorCode code) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(int(error.code()), int(code)) << error.what();
        const std::string message = error.what();
        EXPECT_EQ(message.find('\n'), message.npos) << message;
        return message;
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

/// Annotations that must be refused as corrupt; the message names the file.
inline std::string corruption_of(const DatasetSpec& spec, const std::string& file) {
    const std::string message = refusal_of([&] { (void)read_annotations(spec); }, ErrorCode::corrupt_data);
    EXPECT_NE(message.find(file), message.npos) << message;
    return message;
}

}  // namespace vglaw
