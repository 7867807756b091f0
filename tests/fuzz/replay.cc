// What libFuzzer does when it is given files, for builds without it: runs the target once on each. Folders are walked.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
    namespace fs = std::filesystem;
    try {
        std::vector<fs::path> files;
        for (int i = 1; i < count; ++i) {
            if (!fs::is_directory(arguments[i])) {
                files.emplace_back(arguments[i]);
                continue;
            }
            for (const auto& entry : fs::recursive_directory_iterator(arguments[i])) {
                if (entry.is_regular_file()) files.push_back(entry.path());
            }
        }
        std::sort(files.begin(), files.end());
        for (const fs::path& file : files) {
            std::fprintf(stderr, "%s\n", file.c_str());  // first, so that a crash has a name
            const std::vector<std::uint8_t> bytes = vglaw::read_file(file);
            (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
        }
        std::fprintf(stderr, "%zu cases replayed\n", files.size());
        return files.empty() ? 1 : 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "replay: %s\n", error.what());
        return 1;
    }
}
