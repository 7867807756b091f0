#include "vglaw/study/sweep_plan.h"

#include <algorithm>
#include <set>

#include "vglaw/core/config_file.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;

/// The keys with a fixed type; `set`, `setting` and `test` are read by hand.
struct SweepHead {
    std::string base, out;
    std::vector<std::int64_t> seeds{1, 2, 3};

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("base", base, "configuration of every run, beside this file");
        visit("out", out, "folder of the runs");
        visit("seeds", seeds, "train.seed of the repetitions", Between{0, 1e15});
    }
};

const std::vector<std::string> known_keys = {"base", "out", "seeds", "set", "setting", "test"};
const std::vector<std::string> known_setting_keys = {"name", "set"};

void refuse_unknown(const Json& table, const std::vector<std::string>& known, const std::string& where) {
    for (const auto& item : table.items()) {
        if (std::ranges::find(known, item.key()) == known.end()) config_detail::unknown_key(where, item.key(), known);
    }
}

Json table_at(const Json& json, const char* key, const std::string& where) {
    Json table = json.value(key, Json::object());
    if (!table.is_object()) config_detail::wrong_type(where, key, "a table", table);
    return table;
}

/// An array of tables, [[key]].
std::vector<Json> tables_at(const Json& json, const char* key, const std::string& where) {
    const Json list = json.value(key, Json::array());
    const bool tables = list.is_array() && std::ranges::all_of(list, [](const Json& item) { return item.is_object(); });
    if (!tables) fail(ErrorCode::invalid_argument, "{}: write '{}' as tables, [[{}]]", where, key, key);
    return {list.begin(), list.end()};
}

/// The leaves of a table as key=value, the value in TOML: JSON's texts, numbers and lists are TOML's too.
void flatten(const Json& table, const std::string& prefix, std::vector<std::string>& out) {
    for (const auto& [name, value] : table.items()) {
        const std::string key = config_detail::join_key(prefix, name);
        if (value.is_object()) {
            flatten(value, key, out);
        } else {
            out.push_back(key + "=" + value.dump());
        }
    }
}

/// A folder's name: whatever a shell or a file system could take for something else becomes '-'.
std::string folder_name(const std::string& name) {
    std::string out;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '+' || (c == '.' && !out.empty());
        if (plain || (!out.empty() && out.back() != '-')) out += plain ? c : '-';
    }
    while (out.ends_with('-')) out.pop_back();
    return out;
}

struct Setting {
    std::string name, folder;
    std::vector<std::string> overrides;
};

std::vector<Setting> read_settings(const Json& tree, const std::string& where) {
    std::vector<std::string> shared;
    flatten(table_at(tree, "set", where), "", shared);
    std::vector<Setting> settings;
    std::set<std::string> folders;
    for (const Json& table : tables_at(tree, "setting", where)) {
        const Json name = table.value("name", Json());
        if (!name.is_string()) fail(ErrorCode::invalid_argument, "{}: every [[setting]] needs a name, a text", where);
        Setting setting{name.get<std::string>(), folder_name(name.get<std::string>()), shared};
        const std::string here = fmt::format("{}, setting '{}'", where, setting.name);
        if (std::ranges::any_of(setting.name,
                                [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; })) {
            fail(ErrorCode::invalid_argument, "{}: a [[setting]]'s name is one line of text without control characters",
                 where);
        }
        refuse_unknown(table, known_setting_keys, here);
        if (setting.folder.empty()) fail(ErrorCode::invalid_argument, "{}: name it with letters or digits", here);
        if (!folders.insert(setting.folder).second) {
            fail(ErrorCode::invalid_argument, "{}: another setting has that name, or one that gives the same folder {}",
                 here, setting.folder);
        }
        flatten(table_at(table, "set", here), "", setting.overrides);
        settings.push_back(std::move(setting));
    }
    if (settings.empty()) fail(ErrorCode::invalid_argument, "{}: there is no [[setting]]; write at least one", where);
    return settings;
}

std::vector<SweepTest> read_tests(const Json& tree, const std::string& where) {
    std::vector<SweepTest> tests;
    std::set<std::string> names{folder_name("validation")};
    for (const Json& table : tables_at(tree, "test", where)) {
        auto test = config_from_json<SweepTest>(table, where + ", [[test]]");
        if (test.data.empty()) fail(ErrorCode::invalid_argument, "{}: every [[test]] needs 'data', a folder", where);
        if (test.name.empty()) test.name = test.split;
        test.name = folder_name(test.name);
        if (test.name.empty() || !names.insert(test.name).second) {
            fail(ErrorCode::invalid_argument, "{}: give each [[test]] a name of its own, not '{}'", where, test.name);
        }
        tests.push_back(std::move(test));
    }
    return tests;
}

void refuse_own_keys(const std::vector<std::string>& overrides, const std::string& where) {
    for (const std::string& assignment : overrides) {
        for (const char* key : {"train.seed", "train.out"}) {
            if (assignment.starts_with(std::string(key) + "=")) {
                fail(ErrorCode::invalid_argument, "{}: {} is the sweep's own; use 'seeds' and 'out'", where, key);
            }
        }
    }
}

}  // namespace

SweepPlan read_sweep(const fs::path& file, const std::vector<std::string>& overrides, const fs::path& out,
                     const ConfigCheck& check) {
    const std::string where = file.string();
    Json tree = read_toml(file);
    refuse_unknown(tree, known_keys, where);
    const auto settings = read_settings(tree, where);
    SweepPlan plan;
    plan.tests = read_tests(tree, where);
    for (const char* key : {"set", "setting", "test"}) tree.erase(key);
    const auto head = config_from_json<SweepHead>(tree, where);
    if (head.base.empty()) fail(ErrorCode::invalid_argument, "{}: 'base' names no configuration", where);
    plan.seeds = head.seeds;
    if (plan.seeds.empty() || std::set(plan.seeds.begin(), plan.seeds.end()).size() != plan.seeds.size()) {
        fail(ErrorCode::invalid_argument, "{}: 'seeds' needs at least one, each once", where);
    }
    plan.base = (file.parent_path() / head.base).lexically_normal();
    plan.out = !out.empty() ? out : !head.out.empty() ? fs::path(head.out) : fs::path("runs") / file.stem();
    const Json base = read_toml(plan.base), defaults = check(Json::object(), where);
    for (const Setting& setting : settings) plan.settings.push_back(setting.name);
    for (const std::int64_t seed : plan.seeds) {
        for (const Setting& setting : settings) {
            const std::string here = fmt::format("{}, setting '{}'", where, setting.name);
            SweepRun run{setting.name,      seed, plan.out / setting.folder / fmt::format("seed-{}", seed),
                         setting.overrides, {},   defaults};
            run.overrides.insert(run.overrides.end(), overrides.begin(), overrides.end());
            refuse_own_keys(run.overrides, here);
            run.overrides.push_back(fmt::format("train.seed={}", seed));
            Json config = base;
            for (const std::string& assignment : run.overrides) apply_override(config, assignment);
            run.config = check(config, here);
            plan.runs.push_back(std::move(run));
        }
    }
    return plan;
}

}  // namespace vglaw
