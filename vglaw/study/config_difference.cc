#include "vglaw/study/config_difference.h"

#include <algorithm>
#include <map>

namespace vglaw {
namespace {

struct Comparison {
    std::size_t count;
    std::vector<ConfigRow> rows = {};
    std::map<std::string, std::size_t> places = {};

    void add(std::size_t config, const Json& json, const std::string& prefix) {
        for (const auto& [name, value] : json.items()) {
            const std::string key = config_detail::join_key(prefix, name);
            if (value.is_object()) {
                add(config, value, key);
                continue;
            }
            const auto [place, added] = places.try_emplace(key, rows.size());
            if (added) rows.push_back({key, std::vector<std::string>(count)});
            rows[place->second].values[config] = value.dump(-1, ' ', false, Json::error_handler_t::replace);
        }
    }
};

std::string table_of(const std::string& key) { return key.substr(0, key.rfind('.')); }

}  // namespace

bool ConfigRow::differs() const {
    return std::ranges::any_of(values, [&](const std::string& value) { return value != values.front(); });
}

std::vector<ConfigRow> compare_configs(const std::vector<Json>& configs) {
    Comparison comparison{configs.size()};
    for (std::size_t i = 0; i < configs.size(); ++i) comparison.add(i, configs[i], "");
    // A key that only a later one has belongs to the others of its table.
    std::map<std::string, std::size_t> tables;
    for (const ConfigRow& row : comparison.rows) tables.try_emplace(table_of(row.key), tables.size());
    std::ranges::stable_sort(comparison.rows, [&](const ConfigRow& a, const ConfigRow& b) {
        return tables[table_of(a.key)] < tables[table_of(b.key)];
    });
    return std::move(comparison.rows);
}

}  // namespace vglaw
