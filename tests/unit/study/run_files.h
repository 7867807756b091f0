// Folders of runs as small as the tests of this room need them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {

struct TestFolder {
    TestFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "vglaw-study-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~TestFolder() { std::filesystem::remove_all(path); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path / name; }
    std::filesystem::path path;
};

/// A file and the folders above it.
inline void put(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    write_text(path, text);
}

inline constexpr const char* kMetrics =
    R"({"step":10,"epoch":0.5,"loss":4.5,"focal":0.0,"learning_rate":0.001,"samples_per_second":80.0,"data_wait":0.25})"
    "\n"
    R"({"step":10,"val_prec@0.5":0.25,"val_box_iou":0.3,"val_miou":0.5,"val_oiou":0.4,"val_prec@0.5_1-5_words":0.5,"val_seconds":2.0})"
    "\n"
    R"({"step":2000,"epoch":1.0,"loss":3.5,"focal":0.0,"learning_rate":0.0005,"samples_per_second":120.0,"data_wait":0.75})"
    "\n"
    R"({"step":2000,"val_prec@0.5":0.125,"val_box_iou":0.3,"val_miou":0.25,"val_oiou":null,"val_seconds":4.0})"
    "\n";

inline void put_run(const std::filesystem::path& folder, const std::string& config = R"({"train":{"batch":8}})",
                    const std::string& metrics = kMetrics) {
    put(folder / "config.json", config);
    put(folder / "metrics.jsonl", metrics);
}

/// The message of the Error that something must fail with; empty when it did not fail.
template <typename Body>
std::string failure(const Body& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace vglaw
