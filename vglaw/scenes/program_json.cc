// The programs' form in scenes.json.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>
#include <string>

#include "vglaw/core/error.h"
#include "vglaw/scenes/program.h"

namespace vglaw {
namespace {

std::span<const std::string_view> values_of(Op op) {
    switch (op) {
        case Op::shape:
            return shape_names;
        case Op::colour:
        case Op::not_colour:
            return colour_names;
        case Op::size:
            return size_names;
        case Op::pattern:
            return pattern_names;
        case Op::region:
            return region_names;
        case Op::extreme:
        case Op::ordinal:
        case Op::middle:
            return direction_names;
        case Op::relate:
            return relation_names;
        default:
            return {};
    }
}

int find_name(std::span<const std::string_view> names, const std::string& name, std::string_view what) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) fail(ErrorCode::corrupt_data, "a scene program holds the unknown {} \"{}\"", what, name);
    return int(found - names.begin());
}

int read_index(const nlohmann::json& step, const char* key, int low, int high) {
    const auto found = step.find(key);
    if (found == step.end()) fail(ErrorCode::corrupt_data, "a step of a scene program lacks \"{}\"", key);
    if (!found->is_number_integer()) fail(ErrorCode::corrupt_data, "\"{}\" in a scene program is not an integer", key);
    const auto value = found->get<std::int64_t>();
    if (value < low || value > high) {
        fail(ErrorCode::corrupt_data, "\"{}\" in a scene program is {}, outside {} to {}", key, value, low, high);
    }
    return int(value);
}

}  // namespace

nlohmann::json to_json(const Program& program) {
    nlohmann::json out = nlohmann::json::array();
    for (const Step& step : program) {
        nlohmann::json item = {{"op", std::string(op_names[std::size_t(step.op)])}};
        const auto values = values_of(step.op);
        if (!values.empty()) item["value"] = std::string(values[std::size_t(step.value)]);
        if (step.op != Op::scene) item["input"] = step.input;
        if (step.op == Op::relate || step.op == Op::between) item["anchor"] = step.anchor;
        if (step.op == Op::between) item["second_anchor"] = step.second_anchor;
        if (step.op == Op::ordinal) item["rank"] = step.rank;
        out.push_back(std::move(item));
    }
    return out;
}

Program program_from_json(const nlohmann::json& json) {
    constexpr std::size_t longest = 64;
    if (!json.is_array() || json.empty() || json.size() > longest) {
        fail(ErrorCode::corrupt_data, "a scene program must be a list of 1 to {} steps", longest);
    }
    Program program;
    for (const nlohmann::json& item : json) {
        const int last = int(program.size()) - 1;
        if (!item.is_object() || !item.contains("op") || !item["op"].is_string()) {
            fail(ErrorCode::corrupt_data, "a step of a scene program must be an object with the text \"op\"");
        }
        Step step;
        step.op = Op(find_name(op_names, item["op"].get<std::string>(), "op"));
        const auto values = values_of(step.op);
        if (!values.empty()) {
            if (!item.contains("value") || !item["value"].is_string()) {
                fail(ErrorCode::corrupt_data, "a step of a scene program lacks its text \"value\"");
            }
            step.value = find_name(values, item["value"].get<std::string>(), "value");
        }
        if (step.op != Op::scene) step.input = read_index(item, "input", 0, last);
        if (step.op == Op::relate || step.op == Op::between) step.anchor = read_index(item, "anchor", 0, last);
        if (step.op == Op::between) step.second_anchor = read_index(item, "second_anchor", 0, last);
        if (step.op == Op::ordinal) step.rank = read_index(item, "rank", 1, max_scene_objects);
        program.push_back(step);
    }
    return program;
}

}  // namespace vglaw
