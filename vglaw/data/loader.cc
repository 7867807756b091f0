#include "vglaw/data/loader.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/batch_order.h"

namespace vglaw {

namespace {

constexpr int kMaxThreads = 256;

void check(const LoaderOptions& options) {
    if (options.batch_size == 0 || options.batch_size > std::size_t{1} << 20) {
        fail(ErrorCode::invalid_argument, "batch size {} is outside 1 to 2^20", options.batch_size);
    }
    if (options.threads < 0 || options.threads > kMaxThreads) {
        fail(ErrorCode::invalid_argument, "{} loader threads are outside 0 to {}", options.threads, kMaxThreads);
    }
    if (options.prefetch == 0) fail(ErrorCode::invalid_argument, "prefetch must be at least 1 batch");
    if (options.world < 1 || options.rank < 0 || options.rank >= options.world) {
        fail(ErrorCode::invalid_argument, "rank {} is not one of {} processes", options.rank, options.world);
    }
}

BatchOrder make_order(const Dataset& dataset, const LoaderOptions& options) {
    check(options);
    return BatchOrder(dataset.size(), {.batch_size = options.batch_size,
                                       .shuffle = options.shuffle,
                                       .drop_last = options.drop_last,
                                       .seed = options.seed,
                                       .rank = std::size_t(options.rank),
                                       .world = std::size_t(options.world)});
}

// One batch being made. Rows are claimed and counted under the loader's mutex and filled without it. The builder is
// made by the first worker to arrive, outside the mutex as well: its arrays are hundreds of megabytes for a large
// batch.
struct Job {
    std::size_t batch = 0, rows = 0;
    std::size_t claimed = 0, done = 0;
    std::once_flag allocated;
    std::unique_ptr<BatchBuilder> builder;
    std::exception_ptr error;
    std::size_t error_row = std::numeric_limits<std::size_t>::max();

    // The first row's error wins, so that the message does not depend on who was faster.
    void record(std::exception_ptr raised, std::size_t row) {
        if (!raised || row >= error_row) return;
        error = std::move(raised);
        error_row = row;
    }
};

}  // namespace

class Loader::Impl {
public:
    Impl(const Dataset& dataset, const Tokenizer& tokenizer, const PrepareOptions& prepare,
         std::optional<Augmentation> augmentation, const LoaderOptions& options, LoaderState start)
        : dataset_(dataset),
          tokenizer_(tokenizer),
          prepare_(prepare),
          augmentation_(std::move(augmentation)),
          options_(options),
          order_(make_order(dataset, options)) {
        if (order_.batches() == 0) {
            fail(ErrorCode::invalid_argument,
                 "data set {} has {} examples, no batch of {} for rank {} of {}; make the batch smaller",
                 dataset.name(), dataset.size(), options.batch_size, options.rank, options.world);
        }
        seek(start);
        try {
            for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { work(); });
        } catch (...) {
            stop();
            throw;
        }
    }

    ~Impl() { stop(); }

    std::optional<Batch> next() {
        const auto begin = std::chrono::steady_clock::now();
        struct Clock {
            Impl& impl;
            std::chrono::steady_clock::time_point begin;
            ~Clock() {
                impl.waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            }
        } clock{*this, begin};

        if (position_.batch == order_.batches()) {
            // Nobody is working now: all batches of the epoch were taken. The next one is opened by the next call, so
            // that a validation between two epochs has the processor for itself.
            position_ = {position_.epoch + 1, 0};
            pending_open_ = true;
            return std::nullopt;
        }
        open_pending();
        const std::shared_ptr<Job> job = options_.threads == 0 ? make_here() : await_front();
        ++position_.batch;
        if (job->error) std::rethrow_exception(job->error);
        return job->builder->finish();
    }

    void seek(LoaderState position) {
        if (position.batch > order_.batches()) {
            fail(ErrorCode::invalid_argument, "cannot start at batch {} of an epoch of {} batches", position.batch,
                 order_.batches());
        }
        std::unique_lock lock(mutex_);
        // Workers keep the jobs they are in alive; nothing new is claimed while the queue is closed.
        jobs_.clear();
        next_job_ = order_.batches();
        idle_.wait(lock, [this] { return working_ == 0; });
        position_ = position;
        pending_open_ = true;
    }

    [[nodiscard]] LoaderState state() const { return position_; }
    [[nodiscard]] std::size_t batches() const { return order_.batches(); }
    [[nodiscard]] double wait_seconds() const { return waited_; }

private:
    void open_pending() {
        if (!pending_open_) return;
        pending_open_ = false;
        const std::lock_guard lock(mutex_);
        order_.open(position_.epoch);
        next_job_ = position_.batch;
        work_available_.notify_all();
    }

    std::shared_ptr<Job> make_job(std::size_t batch) const {
        auto job = std::make_shared<Job>();
        job->batch = batch;
        job->rows = order_.batch(batch).size();
        return job;
    }

    // Fills one row; what goes wrong is translated so that the message names the example.
    std::exception_ptr fill(Job& job, std::size_t row) const {
        const std::size_t index = order_.batch(job.batch)[row];
        try {
            std::call_once(job.allocated,
                           [&] { job.builder = std::make_unique<BatchBuilder>(job.rows, prepare_.size); });
            Rng rng(order_.sample_seed(job.batch, row));
            Sample sample =
                prepare(dataset_.get(index), tokenizer_, prepare_, augmentation_ ? &*augmentation_ : nullptr, rng);
            sample.index = index;
            job.builder->put(row, std::move(sample));
        } catch (const Error& error) {
            return wrap(error.code(), index, error.what());
        } catch (const std::bad_alloc&) {
            return wrap(ErrorCode::io, index, "out of memory; use a smaller batch, fewer threads or less prefetch");
        } catch (const std::exception& error) {
            return wrap(ErrorCode::internal, index, error.what());
        }
        return nullptr;
    }

    std::exception_ptr wrap(ErrorCode code, std::size_t index, const char* what) const {
        return std::make_exception_ptr(Error(code, fmt::format("example {} of {}: {}", index, dataset_.name(), what)));
    }

    std::shared_ptr<Job> make_here() {
        auto job = make_job(position_.batch);
        for (std::size_t row = 0; row < job->rows && !job->error; ++row) job->record(fill(*job, row), row);
        return job;
    }

    std::shared_ptr<Job> await_front() {
        std::unique_lock lock(mutex_);
        batch_ready_.wait(lock, [this] { return !jobs_.empty() && jobs_.front()->done == jobs_.front()->rows; });
        std::shared_ptr<Job> job = std::move(jobs_.front());
        jobs_.pop_front();
        work_available_.notify_all();
        return job;
    }

    // The earliest row nobody makes yet, opening a new batch when the bound allows; nothing when there is none.
    std::shared_ptr<Job> claim(std::size_t& row) {
        std::shared_ptr<Job> found;
        for (const auto& job : jobs_) {
            if (job->claimed < job->rows) {
                found = job;
                break;
            }
        }
        if (!found && jobs_.size() < options_.prefetch && next_job_ < order_.batches()) {
            found = jobs_.emplace_back(make_job(next_job_++));
        }
        if (found) row = found->claimed++;
        return found;
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            std::size_t row = 0;
            std::shared_ptr<Job> job;
            work_available_.wait(lock, [&] { return stopping_ || (job = claim(row)) != nullptr; });
            if (stopping_) return;
            ++working_;
            lock.unlock();
            std::exception_ptr error = fill(*job, row);
            lock.lock();
            job->record(std::move(error), row);
            if (++job->done == job->rows) batch_ready_.notify_one();
            if (--working_ == 0) idle_.notify_all();
        }
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        work_available_.notify_all();
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }

    const Dataset& dataset_;
    const Tokenizer& tokenizer_;
    const PrepareOptions prepare_;
    const std::optional<Augmentation> augmentation_;
    const LoaderOptions options_;
    BatchOrder order_;  // changed only while no worker reads it

    LoaderState position_;
    bool pending_open_ = true;
    double waited_ = 0;

    std::mutex mutex_;
    std::condition_variable work_available_, batch_ready_, idle_;
    std::deque<std::shared_ptr<Job>> jobs_;
    std::size_t next_job_ = 0, working_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

Loader::Loader(const Dataset& dataset, const Tokenizer& tokenizer, const PrepareOptions& prepare,
               std::optional<Augmentation> augmentation, const LoaderOptions& options, LoaderState start)
    : impl_(std::make_unique<Impl>(dataset, tokenizer, prepare, std::move(augmentation), options, start)) {}

Loader::~Loader() = default;
std::optional<Batch> Loader::next() { return impl_->next(); }
LoaderState Loader::state() const { return impl_->state(); }
void Loader::seek(LoaderState position) { impl_->seek(position); }
std::size_t Loader::batches() const { return impl_->batches(); }
double Loader::wait_seconds() const { return impl_->wait_seconds(); }

}  // namespace vglaw
