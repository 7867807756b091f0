#include "apps/vglaw/list_answers.h"

#include <optional>
#include <span>

#include "apps/vglaw/grounding_json.h"

namespace vglaw::app {
namespace {

constexpr const char* wrong_key = "\"error\":{";

const char* name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::corrupt_data:
            return "corrupt_data";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::io:
            return "io";
        case ErrorCode::internal:
            return "internal";
    }
    return "internal";
}

Json named(const GroundingTask& task) {
    Json json;
    json["line"] = task.line;
    if (!task.id.is_null()) json["id"] = task.id;
    if (!task.image.empty()) json["image"] = task.image;
    return json;
}

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// What became of one task: where its queries lie among the group's, or why it has none.
struct Asked {
    std::size_t first = 0, count = 0;
    std::optional<Error> wrong;
};

std::string answer_line(const GroundingTask& task, std::span<const Grounding> found) {
    Json json = named(task);
    json["results"] = Json::array();
    for (const Grounding& one : found) json["results"].push_back(grounding_json(one));
    return line_of(json);
}

std::string wrong_line(const GroundingTask& task, const Error& error) {
    Json json = named(task);
    json["error"]["code"] = name_of(error.code());
    json["error"]["message"] = error.what();
    return line_of(json);
}

Asked ask(const Grounder& grounder, const GroundingTask& task, std::vector<GroundingQuery>& queries) {
    Asked asked{queries.size(), 0, task.wrong};
    try {
        for (const auto& expression : task.expressions) queries.push_back(grounder.query(expression));
    } catch (const Error& error) {
        queries.resize(asked.first);
        asked.wrong = error;
    }
    asked.count = queries.size() - asked.first;
    return asked;
}

std::string answer_alone(Grounder& grounder, const Image& image, const GroundingTask& task,
                         std::span<const GroundingQuery> queries) {
    try {
        return answer_line(task, grounder.ground(image, queries));
    } catch (const Error& error) {
        return wrong_line(task, error);
    }
}

}  // namespace

std::string answer_start(const GroundingTask& task) {
    std::string text = named(task).dump(-1, ' ', false, Json::error_handler_t::replace);
    text.back() = ',';
    return text;
}

bool is_wrong_answer(std::string_view line) {
    // A quote inside a text is escaped, so the key is found only as a key; "results" may hold megabytes.
    return line.substr(0, line.find("\"results\":[")).find(wrong_key) != std::string_view::npos;
}

std::vector<std::string> answer(Grounder& grounder, const ListGroup& group) {
    std::vector<GroundingQuery> queries;
    std::vector<Asked> asked;
    for (const GroundingTask& task : group.tasks) asked.push_back(ask(grounder, task, queries));

    std::shared_ptr<const Image> image;
    std::vector<Grounding> found;
    bool together = false;
    if (!queries.empty()) {
        try {
            image = group.picture.get();
            found = grounder.ground(*image, queries);
            together = true;
        } catch (const Error& error) {
            for (Asked& one : asked) {
                if (image == nullptr && !one.wrong) one.wrong = error;  // else each is tried alone
            }
        }
    }
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const GroundingTask& task = group.tasks[i];
        if (asked[i].wrong) {
            lines.push_back(wrong_line(task, *asked[i].wrong));
        } else if (together) {
            lines.push_back(answer_line(task, std::span(found).subspan(asked[i].first, asked[i].count)));
        } else {
            lines.push_back(
                answer_alone(grounder, *image, task, std::span(queries).subspan(asked[i].first, asked[i].count)));
        }
    }
    return lines;
}

}  // namespace vglaw::app
