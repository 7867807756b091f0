#include "apps/vglaw/ground_list.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "apps/vglaw/list_answers.h"
#include "apps/vglaw/progress_bar.h"
#include "vglaw/core/resumable_lines.h"
#include "vglaw/core/shallow_json.h"
#include "vglaw/format/md5.h"
#include "vglaw/image/decode.h"

namespace vglaw::app {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Of one call of the network; the grounder's own passes have as many.
constexpr std::size_t expressions_a_group = 16;

struct Tally {
    std::int64_t before = 0;       ///< lines that were there when this process began
    std::int64_t wrong = 0;        ///< lines that could not be answered, those before included
    std::int64_t expressions = 0;  ///< answered by this process
    std::string first_wrong;
};

/// What decides the bytes of an answer, beside FILE as FILE.job: an output is not gone on with by another model or
/// list.
Json identity(const GroundingList& list, const ModelOptions& options, const ModelBundle& bundle) {
    Json job;
    job["vglaw.job"] = 1;
    job["list"] = list.digest();
    job["model"] = md5_hex(MappedFile(bundle.path).bytes());
    job["backend"] = backend_of(options, bundle.config);
    job["precision"] = options.precision;
    return job;
}

void check_identity(const fs::path& output, const std::string& shard, Json job, bool fresh) {
    job["shard"] = shard;
    const fs::path file = output.string() + ".job";
    if (fresh) return write_text(file, job.dump() + "\n");
    std::error_code none;
    if (!fs::exists(file, none)) {
        fail(ErrorCode::invalid_argument,
             "{} holds lines already, and there is no {} that says of what; name another file", output.string(),
             file.string());
    }
    constexpr std::size_t most = 1 << 16;
    const Json before = try_shallow_json(read_text(file, most));
    for (const auto& [key, value] : job.items()) {
        if (!before.is_object() || !before.contains(key) || before[key] != value) {
            fail(ErrorCode::invalid_argument,
                 "{} was begun with another {}, see {}; name another file, or remove both to begin anew",
                 output.string(), key, file.string());
        }
    }
}

/// Counts what is there, and makes sure that it is this list's answers, in order.
void recover(ResumableLines& lines, const GroundListOptions& options, Shard shard, Tally& tally) {
    GroundingList list(options.input, shard);
    lines.recover([&](std::string_view line) {
        ++tally.before;
        const auto task = list.next();
        if (!task || !line.starts_with(answer_start(*task)) || !line.ends_with('}')) {
            fail(ErrorCode::corrupt_data, "line {} of {} is not the answer to {} of {}; name another file",
                 tally.before, options.output, task ? fmt::format("line {}", task->line) : "any line", options.input);
        }
        if (is_wrong_answer(line)) ++tally.wrong;
    });
}

class GroupReader {
public:
    explicit GroupReader(GroundingList& list) : list_(list) {}

    /// The next group, its picture being read meanwhile; the groups that were answered before are passed over.
    std::optional<ListGroup> next(std::int64_t& before) {
        ListGroup group;
        for (group.tasks = list_.next_group(expressions_a_group); !group.tasks.empty();
             group.tasks = list_.next_group(expressions_a_group)) {
            const auto size = std::int64_t(group.tasks.size());
            if (before < size) {
                group.picture = picture_of(group.tasks);
                return group;
            }
            before -= size;
        }
        return std::nullopt;
    }

private:
    using Picture = std::shared_future<std::shared_ptr<const Image>>;

    Picture picture_of(const std::vector<GroundingTask>& tasks) {
        for (const GroundingTask& task : tasks) {
            if (task.wrong) continue;
            if (!last_.valid() || task.image != name_) {
                name_ = task.image;
                last_ = std::async(std::launch::async, [path = list_.resolve(name_)] {
                            return std::shared_ptr<const Image>(std::make_shared<Image>(load_image(path)));
                        }).share();
            }
            return last_;
        }
        return {};
    }

    GroundingList& list_;
    std::string name_;
    Picture last_;
};

/// Writes the answers and tells of them.
class Writer {
public:
    Writer(const GroundListOptions& options, ResumableLines& lines, std::int64_t total, Tally& tally)
        : options_(options), lines_(lines), total_(total), tally_(tally), done_(tally.before) {}

    /// `from`: of a group that a stop cut in two, the lines that are there already.
    void add(const ListGroup& group, const std::vector<std::string>& answers, std::int64_t from) {
        std::string text;
        for (std::size_t i = std::size_t(from); i < answers.size(); ++i) {
            text += answers[i];
            if (is_wrong_answer(answers[i])) {
                complain(group.tasks[i], answers[i]);
            } else {
                tally_.expressions += std::int64_t(group.tasks[i].expressions.size());
            }
        }
        lines_.append(text);
        done_ += std::int64_t(answers.size()) - from;
        bar_.update(done_, total_);
        const auto now = Clock::now();
        if (now - flushed_ > std::chrono::seconds(5)) {
            lines_.flush();
            flushed_ = now;
        }
        if (!bar_.on_terminal() && now - told_ > std::chrono::seconds(60)) {
            bar_.line(fmt::format("{} of {} lines, {} wrong", done_, total_, tally_.wrong));
            told_ = now;
        }
    }
    void finish() {
        lines_.flush();
        bar_.finish();
    }

private:
    void complain(const GroundingTask& task, const std::string& answer) {
        ++tally_.wrong;
        const std::string why = fmt::format("{} line {}: {}", options_.input, task.line,
                                            Json::parse(answer)["error"]["message"].get_ref<const std::string&>());
        if (tally_.first_wrong.empty()) tally_.first_wrong = why;
        bar_.line(why);
    }

    const GroundListOptions& options_;
    ResumableLines& lines_;
    std::int64_t total_;
    Tally& tally_;
    std::int64_t done_;
    ProgressBar bar_;
    Clock::time_point flushed_ = Clock::now(), told_ = Clock::now();
};

void print_summary(const GroundListOptions& options, const Tally& tally, std::int64_t total, double seconds) {
    if (options.json) {
        Json json;
        json["output"] = options.output;
        json["lines"] = total;
        json["answered"] = total - tally.wrong;
        json["wrong"] = tally.wrong;
        json["before"] = tally.before;
        json["expressions"] = tally.expressions;
        json["seconds"] = seconds;
        fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
        return;
    }
    fmt::print("{}: {} lines, {} answered, {} wrong", options.output, total, total - tally.wrong, tally.wrong);
    if (tally.before > 0) fmt::print("; {} were there before", tally.before);
    fmt::print("; {} expressions in {:.1f} s\n", tally.expressions, seconds);
}

}  // namespace

int ground_list(const GroundListOptions& options, const ModelOptions& model) {
    const Shard shard = parse_shard(options.shard);
    GroundingList list(options.input, shard);
    std::error_code none;
    if (fs::equivalent(options.input, options.output, none)) {
        fail(ErrorCode::invalid_argument, "{} would be overwritten by its own answers; name another --output",
             options.input);
    }
    const ModelBundle bundle = open_model(model);
    auto forward = open_backend(model, bundle);
    const Forward& backend = *forward;
    Grounder grounder(bundle, std::move(forward));

    ResumableLines lines(options.output);
    check_identity(options.output, options.shard, identity(list, model, bundle), lines.empty());
    Tally tally;
    recover(lines, options, shard, tally);

    const auto begin = Clock::now();
    const std::int64_t total = list.count();
    Writer writer(options, lines, total, tally);
    GroupReader reader(list);
    std::int64_t skip = tally.before;
    auto group = reader.next(skip);
    while (group) {
        const std::int64_t there = std::exchange(skip, 0);
        auto next = reader.next(skip);  // before this one is computed: its picture is decoded meanwhile
        writer.add(*group, answer(grounder, *group), there);
        group = std::move(next);
    }
    writer.finish();
    report_check(backend);
    print_summary(options, tally, total, std::chrono::duration<double>(Clock::now() - begin).count());
    if (tally.wrong > 0 && (options.strict || tally.wrong == total)) {
        fail(ErrorCode::invalid_argument, "{} of {} lines could not be answered{}", tally.wrong, total,
             tally.first_wrong.empty() ? ", see \"error\" in " + options.output : ", the first: " + tally.first_wrong);
    }
    return 0;
}

}  // namespace vglaw::app
