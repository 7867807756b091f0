// vglaw data: a command of commands, one file each.
#include "apps/vglaw/data.h"

#include <memory>
#include <utility>

namespace vglaw::app {
namespace {

struct DataCommand {
    const char* name;
    const char* help;
    Setup setup;
};

constexpr DataCommand commands[] = {
    {"check", "is a data set complete and sound? a table; exit code 1 when something is wrong", setup_data_check},
    {"convert", "write the annotations in another layout; pictures are named, not copied", setup_data_convert},
    {"leak", "COCO pictures that a pre-training must leave out for the sake of val and test", setup_data_leak},
    {"show", "draw examples on one sheet: boxes, masks, expressions", setup_data_show},
};

}  // namespace

std::function<int()> setup_data(CLI::App& command) {
    command.require_subcommand(1);
    auto chosen = std::make_shared<std::function<int()>>();
    for (const DataCommand& entry : commands) {
        CLI::App* sub = command.add_subcommand(entry.name, entry.help);
        auto run = entry.setup(*sub);
        sub->callback([chosen, run = std::move(run)] { *chosen = run; });
    }
    return [chosen] { return (*chosen)(); };
}

}  // namespace vglaw::app
