// The vglaw program: a table of commands that drives dispatch and help.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include "apps/vglaw/command.h"
#include "vglaw/core/error.h"

namespace {

struct Command {
    const char* name;
    const char* help;
    vglaw::app::Setup setup;
};

constexpr Command commands[] = {
#ifndef VGLAW_MINIMAL
    {"ground", "find what expressions mean in a picture: boxes, masks, overlay", vglaw::app::setup_ground},
    {"eval", "measure a model on a data set: Prec@0.5, mIoU, oIoU", vglaw::app::setup_eval},
    {"data", "check, convert and look at data sets; find what leaks into a pre-training", vglaw::app::setup_data},
    {"serve", "answer over HTTP: boxes and masks for expressions, a page to try it on", vglaw::app::setup_serve},
    {"bench", "time a model: medians, stages, the share of what the cores can do", vglaw::app::setup_bench},
    {"scenes", "generate RefScenes: pictures and expressions in the REFER layout", vglaw::app::setup_scenes},
#endif
    {"train", "train a model by a config file", vglaw::app::setup_train},
    {"sweep", "train a table of settings x seeds, goes on where it stopped; mean and deviation",
     vglaw::app::setup_sweep},
#ifndef VGLAW_MINIMAL
    {"report", "training runs as one web page: curves, tables, examples, what differs", vglaw::app::setup_report},
#endif
    {"init", "write a model with random weights", vglaw::app::setup_init},
    {"import", "make a model to start from out of BERT's, ViTDet's, MAE's or SAM's weights", vglaw::app::setup_import},
#ifndef VGLAW_MINIMAL
    {"export", "write a model's weights for other programs", vglaw::app::setup_export},
#endif
    {"inspect", "say what is in a model file", vglaw::app::setup_inspect},
};

constexpr int exit_failed = 1, exit_wrong_usage = 2;

bool is_command(std::string_view name) {
    return std::ranges::any_of(commands, [&](const Command& command) { return name == command.name; });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"VG-LAW: visual grounding with language-adaptive weights", "vglaw"};
    app.set_version_flag("--version", std::string("vglaw ") + VGLAW_VERSION);
    app.require_subcommand(1);
    // CLI11 would only say that a command is missing.
    if (argc > 1 && argv[1][0] != '-' && !is_command(argv[1])) {
        std::fprintf(stderr, "vglaw: '%s' is not a command; vglaw --help lists them\n", argv[1]);
        return exit_wrong_usage;
    }
    try {
        std::function<int()> chosen;
        for (const Command& command : commands) {
            CLI::App* sub = app.add_subcommand(command.name, command.help);
            if (argc < 2 || std::string_view(argv[1]) != command.name) continue;  // nobody asks for its options
            auto run = command.setup(*sub);
            sub->callback([&chosen, run = std::move(run)] { chosen = run; });
        }
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app.exit(error) == 0 ? 0 : exit_wrong_usage;
        }
        const int code = chosen();
        if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
        std::fprintf(stderr, "vglaw: cannot write the result to stdout: %s\n", std::strerror(errno));
    } catch (const vglaw::Error& error) {
        std::fprintf(stderr, "vglaw: %s\n", error.what());
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "vglaw: out of memory; use a smaller model, picture or batch\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "vglaw: unexpected failure: %s; please report it\n", error.what());
    }
    return exit_failed;
}
