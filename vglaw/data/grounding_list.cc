#include "vglaw/data/grounding_list.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "vglaw/core/shallow_json.h"
#include "vglaw/format/md5.h"
#include "vglaw/format/quote.h"

namespace vglaw {
namespace {

std::string_view text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// Calls see(line, number from 0) for each line from `at` on, until it returns false; `at` then stands behind that
/// line.
template <typename See>
void for_lines(std::string_view text, std::size_t& at, std::int64_t& number, const See& see) {
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (!see(line, number++)) return;
    }
}

const std::string& text_in(const Json& value, const char* key) {
    if (!value.is_string()) fail(ErrorCode::invalid_argument, "\"{}\" is {}, not a text", key, value.type_name());
    return value.get_ref<const std::string&>();
}

void read_expressions(const Json& value, std::vector<std::string>& expressions) {
    if (!value.is_array()) {
        fail(ErrorCode::invalid_argument, "\"expressions\" is {}, not a list of texts", value.type_name());
    }
    if (value.empty()) fail(ErrorCode::invalid_argument, "\"expressions\" is empty; name at least one");
    if (value.size() > GroundingList::kMaxExpressions) {
        fail(ErrorCode::invalid_argument, "there are {} expressions, accepted are {} a line; make several lines of it",
             value.size(), GroundingList::kMaxExpressions);
    }
    for (const Json& one : value) expressions.push_back(text_in(one, "expressions"));
}

void read_object(const Json& object, GroundingTask& task) {
    // First what names the line: its error should name it too.
    if (const auto id = object.find("id"); id != object.end()) {
        if (!id->is_string() && !id->is_number_integer()) {
            fail(ErrorCode::invalid_argument, "\"id\" is {}, not a text or an integer", id->type_name());
        }
        task.id = *id;
    }
    const auto image = object.find("image");
    if (image == object.end()) fail(ErrorCode::invalid_argument, "\"image\" is missing; name the picture's file");
    task.image = text_in(*image, "image");
    if (task.image.empty() || task.image.find('\0') != std::string::npos) {
        fail(ErrorCode::invalid_argument, "\"image\" names no file");
    }
    for (const auto& [key, value] : object.items()) {
        if (key != "id" && key != "image" && key != "expression" && key != "expressions") {
            fail(ErrorCode::invalid_argument, "there is no key {}; known are image, expression, expressions and id",
                 quote(key));
        }
    }
    const auto one = object.find("expression"), several = object.find("expressions");
    if ((one == object.end()) == (several == object.end())) {
        fail(ErrorCode::invalid_argument, "give either \"expression\" or \"expressions\"");
    }
    if (several != object.end()) return read_expressions(*several, task.expressions);
    task.expressions.push_back(text_in(*one, "expression"));
}

}  // namespace

Shard parse_shard(std::string_view text) {
    constexpr std::int64_t most = 1'000'000;
    Shard shard;
    const char* const end = text.data() + text.size();
    const auto index = std::from_chars(text.data(), end, shard.index);
    bool right = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
    if (right) {
        const auto count = std::from_chars(index.ptr + 1, end, shard.count);
        right = count.ec == std::errc() && count.ptr == end;
    }
    if (!right || shard.index < 0 || shard.index >= shard.count || shard.count > most) {
        fail(ErrorCode::invalid_argument, "{} is no shard; I/N is meant, I from 0 to N - 1, N at most {}: 0/4",
             quote(text), most);
    }
    return shard;
}

GroundingTask parse_grounding_task(std::string_view line) {
    GroundingTask task;
    try {
        if (line.size() > GroundingList::kMaxLineBytes) {
            fail(ErrorCode::invalid_argument, "the line is {} bytes long, accepted are {}", line.size(),
                 GroundingList::kMaxLineBytes);
        }
        Json object;
        try {
            object = parse_shallow_json(line);
        } catch (const Json::parse_error& error) {
            fail(ErrorCode::corrupt_data, "the line is not JSON, see its byte {}: {}", error.byte,
                 quote(line.substr(0, 60)));
        } catch (const Json::out_of_range&) {
            fail(ErrorCode::corrupt_data, "the line has a number that is too large to be held: {}",
                 quote(line.substr(0, 60)));
        }
        if (!object.is_object()) {
            fail(ErrorCode::invalid_argument, "the line is {}, not an object such as {}", object.type_name(),
                 R"({"image": "a.jpg", "expression": "the red ball"})");
        }
        read_object(object, task);
    } catch (const Error& error) {
        task.expressions.clear();
        task.wrong = error;
    }
    return task;
}

GroundingList::GroundingList(std::filesystem::path path, Shard shard)
    : path_(std::move(path)), file_(path_), shard_(shard) {}

std::optional<GroundingTask> GroundingList::next() {
    if (held_) return std::exchange(held_, std::nullopt);
    std::optional<GroundingTask> task;
    for_lines(text_of(file_), at_, line_, [&](std::string_view line, std::int64_t number) {
        if (number % shard_.count != shard_.index || blank(line)) return true;
        task = parse_grounding_task(line);
        task->line = number + 1;
        return false;
    });
    return task;
}

std::vector<GroundingTask> GroundingList::next_group(std::size_t expressions) {
    std::vector<GroundingTask> group;
    std::size_t asked = 0;
    std::optional<std::string> image;
    while (auto task = next()) {
        const bool other = image && !task->wrong && task->image != *image;
        if (!group.empty() && (other || asked + task->expressions.size() > expressions)) {
            held_ = std::move(task);
            break;
        }
        asked += task->expressions.size();
        if (!task->wrong) image = task->image;
        group.push_back(std::move(*task));
        // Lines that are wrong ask for nothing: a list of them alone must not be gathered whole.
        if (group.size() >= 4 * expressions) break;
    }
    return group;
}

std::int64_t GroundingList::count() const {
    std::size_t at = 0;
    std::int64_t line = 0, lines = 0;
    for_lines(text_of(file_), at, line, [&](std::string_view text, std::int64_t number) {
        lines += number % shard_.count == shard_.index && !blank(text) ? 1 : 0;
        return true;
    });
    return lines;
}

std::string GroundingList::digest() const { return md5_hex(file_.bytes()); }

std::filesystem::path GroundingList::resolve(const std::string& image) const { return path_.parent_path() / image; }

}  // namespace vglaw
