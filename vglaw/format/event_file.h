// TensorBoard's event files: scalars over steps, as tensorboard reads them from a run's folder.
//
// A file is a series of TFRecords (length, masked CRC-32C of it, bytes, masked CRC-32C of those), each one Event
// message in protobuf's wire format. The messages are encoded by hand: four of them with eight fields in all, unchanged
// for ten years, whose .proto files no Debian package brings; protoc and its library would be the first dependency of
// the minimal build that is more than headers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace vglaw {

struct Scalar {
    std::string tag;  ///< "train/loss": what stands before the slash is the group TensorBoard shows it in
    double value = 0;
};

/// Appends to a file of its own, a record at a time, so that TensorBoard can follow and a kill loses at most the last.
///
///     EventFile events("runs/mine", 1, seconds_since_1970());
///     events.add(200, std::vector<Scalar>{{"train/loss", 4.2}}, seconds_since_1970());
class EventFile {
public:
    /// Makes FOLDER/events.out.tfevents.SECONDS.vglaw, named to be read after every event file already there. It opens
    /// with a session start at `first_step`: TensorBoard then forgets what earlier files say of that step and later
    /// ones, which is how a resumed run takes back steps that a kill had cut off from their checkpoint. Throws io.
    EventFile(const std::filesystem::path& folder, std::int64_t first_step, double wall_time);

    /// One event. wall_time: seconds since 1970. Nothing is written for no scalars. Throws io.
    void add(std::int64_t step, std::span<const Scalar> scalars, double wall_time) const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The system's clock.
[[nodiscard]] double seconds_since_1970();

}  // namespace vglaw
