// How fast does a data set of RefCOCO's size open, in how much memory, and how many examples a second does the loader
// make of 640x480 JPEGs on a canvas of 448 with masks? The targets are 3 seconds, 600 MB and twice what Pillow and
// numpy make.
//
//     python3 tools/compare/refcoco_sized.py /tmp/sized
//     build/benchmarks/refcoco_sized /tmp/sized && python3 tools/compare/loader.py /tmp/sized
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include "vglaw/core/error.h"
#include "vglaw/data/dataset_views.h"
#include "vglaw/data/loader.h"
#include "vglaw/data/open_dataset.h"
#include "vglaw/scenes/scene_vocabulary.h"

namespace vglaw {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Of all threads: what a busy machine does not stretch.
double core_seconds() {
    struct rusage usage {};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double peak_megabytes() {
    struct rusage usage {};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_maxrss) / 1024;  // Linux counts kilobytes
}

std::shared_ptr<const AnnotatedDataset> open_and_time(const std::string& folder, const std::string& split) {
    const double worked = core_seconds();
    const auto start = std::chrono::steady_clock::now();
    std::shared_ptr<const AnnotatedDataset> data =
        open_dataset({.data_root = folder, .dataset = "refcoco", .split_by = "unc", .split = split});
    fmt::print(
        "opened {}: {} references, {} expressions, {} pictures in {:.2f} s, {:.2f} s of them on a core, peak "
        "memory {:.0f} MB\n",
        data->name(), data->references(), data->size(), data->images(), seconds_since(start), core_seconds() - worked,
        peak_megabytes());
    return data;
}

void load_and_time(const Dataset& data, int threads) {
    const Tokenizer tokenizer(scene_vocabulary(1000));
    Loader loader(data, tokenizer, {.size = 448}, std::nullopt, {.batch_size = 16, .threads = threads});
    (void)loader.next();  // the threads start outside the clock
    (void)loader.next();
    loader.seek({});
    const double worked = core_seconds();
    const auto start = std::chrono::steady_clock::now();
    std::size_t count = 0;
    while (const auto batch = loader.next()) count += batch->count;
    const double seconds = seconds_since(start);
    fmt::print("{} examples in {:.2f} s: {:.1f} a second, {} threads; {:.2f} ms of a core each\n", count, seconds,
               double(count) / seconds, threads, 1000 * (core_seconds() - worked) / double(count));
}

int run(const std::string& folder, const std::string& split, std::size_t limit) {
    (void)open_and_time(folder, "");  // every split: the largest there can be
    const auto data = open_and_time(folder, split);
    // The first ones, in order, as the Python side takes them.
    std::vector<std::size_t> first(std::min(limit, data->size()));
    for (std::size_t i = 0; i < first.size(); ++i) first[i] = i;
    load_and_time(SubsetDataset(data, first), 2);
    return 0;
}

}  // namespace
}  // namespace vglaw

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: {} FOLDER [SPLIT [EXPRESSIONS]]; tools/compare/refcoco_sized.py writes FOLDER\n",
                   argv[0]);
        return 2;
    }
    try {
        return vglaw::run(argv[1], argc > 2 ? argv[2] : "val", argc > 3 ? std::stoul(argv[3]) : 640);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
