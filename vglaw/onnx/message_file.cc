#include "vglaw/onnx/message_file.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>
#include <exception>
#include <span>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw::onnx {
namespace {

/// protobuf is not written for exceptions: what went wrong waits until it has returned.
class FileStream : public google::protobuf::io::CopyingOutputStream {
public:
    explicit FileStream(AtomicFile& file) : file_(file) {}
    bool Write(const void* buffer, int size) override {
        try {
            file_.write(std::span(static_cast<const std::uint8_t*>(buffer), std::size_t(size)));
            return true;
        } catch (...) {
            failure_ = std::current_exception();
            return false;
        }
    }
    void rethrow() const {
        if (failure_ != nullptr) std::rethrow_exception(failure_);
    }

private:
    AtomicFile& file_;
    std::exception_ptr failure_;
};

}  // namespace

void write_message(const google::protobuf::Message& message, const std::filesystem::path& path) {
    AtomicFile file(path);
    FileStream stream(file);
    bool written = false;
    {
        google::protobuf::io::CopyingOutputStreamAdaptor pieces(&stream, 1 << 20);
        written = message.SerializeToZeroCopyStream(&pieces) && pieces.Flush();
    }
    stream.rethrow();
    if (!written) fail(ErrorCode::internal, "cannot serialise {}; please report it", path.string());
    file.commit();
}

}  // namespace vglaw::onnx
