// A sweep: a table of settings x seeds over one configuration, as a list of runs. docs/training.md describes the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"

namespace vglaw {

/// [[test]]: a data set on which every finished run's best model is measured; the keys of `vglaw eval`.
struct SweepTest {
    std::string name, data, layout = "refer", images, instances, dataset = "refcoco", split_by = "unc", split = "val";

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("name", name, "in the table; empty: the split");
        visit("data", data, "folder of the annotations, or the file itself");
        visit("layout", layout, "of the annotation files");
        visit("images", images, "folder of the pictures, when it is not below data");
        visit("instances", instances, "instances json: the masks of a layout that has none");
        visit("dataset", dataset, "refcoco, refcoco+, refcocog or refclef");
        visit("split_by", split_by, "unc, google, umd or berkeley");
        visit("split", split, "train, val, test, testA, testB or testC");
    }
};

struct SweepRun {
    std::string setting;
    std::int64_t seed = 0;
    std::filesystem::path folder;        ///< OUT/SETTING/seed-N
    std::vector<std::string> overrides;  ///< key=value over the base, in order: what `vglaw train --set` takes
    Json config;                         ///< every key, as the check resolved it
    Json defaults;                       ///< every key that nothing sets
};

struct SweepPlan {
    std::filesystem::path base, out;
    std::vector<std::string> settings;
    std::vector<std::int64_t> seeds;
    std::vector<SweepTest> tests;
    std::vector<SweepRun> runs;  ///< all settings with the first seed, then with the next: a table fills evenly
};

/// Reads a configuration's tree and returns every key of it; throws for what cannot be used. `where` names the setting.
using ConfigCheck = std::function<Json(const Json& tree, const std::string& where)>;

/// `overrides` are key=value for every run, above the file's; `out` replaces the file's when it is not empty. Throws
/// invalid_argument for an unknown key, two settings of one name, and what `check` finds wrong with any combination,
/// naming the setting.
[[nodiscard]] SweepPlan read_sweep(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                                   const std::filesystem::path& out, const ConfigCheck& check);

}  // namespace vglaw
