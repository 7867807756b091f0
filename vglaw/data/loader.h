// Batches in a fixed order from many threads: what the trainer and the evaluator loop over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "vglaw/data/augment.h"
#include "vglaw/data/dataset.h"
#include "vglaw/data/prepare.h"
#include "vglaw/data/sample.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {

struct LoaderOptions {
    std::size_t batch_size = 16;  ///< examples a batch and process, at least 1
    int threads = 2;              ///< worker threads, 0 to 256; 0 makes each batch inside next()
    std::size_t prefetch = 3;     ///< batches held or under way at most, at least 1: the bound of the memory
    bool shuffle = false;         ///< a new order each epoch
    bool drop_last = false;       ///< leave out a last batch that is not full
    std::uint64_t seed = 0;       ///< of the order and of the augmentation
    int rank = 0, world = 1;      ///< this process and their number: rank r takes every world-th batch of the one order
};

/// A position: batch `batch` of epoch `epoch` comes next. What a checkpoint stores.
struct LoaderState {
    std::size_t epoch = 0, batch = 0;
    friend bool operator==(const LoaderState&, const LoaderState&) = default;
};

/// Batch k of epoch e is a pure function of (data set, options, e, k): not of the number of threads, nor of what came
/// before, so a loader opened at a stored state continues exactly. Not thread-safe itself.
///
///     Loader loader(dataset, tokenizer, {.size = 448}, Augmentation({}), {.batch_size = 32, .shuffle = true});
///     for (int epoch = 0; epoch < 90; ++epoch)
///         while (auto batch = loader.next()) step(*batch);
class Loader {
public:
    /// The data set and the tokenizer must outlive the loader. Throws invalid_argument for options out of range, a
    /// start beyond the epoch, or an epoch without batches. With world > 1 only drop_last gives every rank equally
    /// many.
    Loader(const Dataset& dataset, const Tokenizer& tokenizer, const PrepareOptions& prepare,
           std::optional<Augmentation> augmentation, const LoaderOptions& options, LoaderState start = {});
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;
    ~Loader();  ///< waits for the samples under way, no longer

    /// The next batch, or nothing at the end of an epoch; the call after that opens the next epoch. An exception met
    /// while making a batch is thrown here, in the batch's turn, and names the example; the call after it goes on
    /// behind it.
    [[nodiscard]] std::optional<Batch> next();
    /// The position of the batch that next() returns next.
    [[nodiscard]] LoaderState state() const;
    /// Continues at another position; what was prefetched is thrown away.
    void seek(LoaderState position);
    /// Batches of one epoch for this rank.
    [[nodiscard]] std::size_t batches() const;
    /// Seconds that next() has made its caller wait, in all: over the run's duration, the share lost to data.
    [[nodiscard]] double wait_seconds() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vglaw
