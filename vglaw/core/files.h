// Whole files: read with a bound, write beside and rename, map read-only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

/// Reads a whole file. Throws not_found / io, and unsupported when it is larger than max_bytes.
[[nodiscard]] std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                                  std::size_t max_bytes = std::size_t{1} << 32);
[[nodiscard]] std::string read_text(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{1} << 32);

/// Writes a file so that readers see the old content or the whole new one, never a part: written beside, flushed to
/// disk, renamed. A link's target is written, the link stays. Throws io and leaves nothing behind when the disk is
/// full, the folder is missing, or the path is a folder, a device or a pipe.
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path path);
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();  ///< without commit(): the temporary file is removed

    void write(std::span<const std::uint8_t> bytes);
    void write(std::string_view text);
    void commit();

private:
    std::filesystem::path path_, temporary_;
    int descriptor_ = -1;
};

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

/// A file mapped read-only; bytes() stays valid as long as the object lives.
class MappedFile {
public:
    explicit MappedFile(const std::filesystem::path& path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

private:
    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Gives the pages that lie wholly inside `bytes` of a read-only mapped file back to the operating system; they are
/// read from the file again when touched. A hint: failure is no error.
void drop_pages(std::span<const std::uint8_t> bytes);

}  // namespace vglaw
