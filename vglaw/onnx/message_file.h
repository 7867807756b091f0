// A protobuf message as a file.
#pragma once

#include <google/protobuf/message.h>

#include <filesystem>

namespace vglaw::onnx {

/// Beside, then renamed, a piece at a time: the serialised message is never in memory as a whole. Throws io.
void write_message(const google::protobuf::Message& message, const std::filesystem::path& path);

}  // namespace vglaw::onnx
