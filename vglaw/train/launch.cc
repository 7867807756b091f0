#include "vglaw/train/launch.h"

#include <charconv>
#include <cstdlib>

#include "vglaw/core/error.h"

namespace vglaw::train {
namespace {

constexpr int default_port = 29500;  // torchrun's

/// The names under which one launcher says where a process stands.
struct Names {
    const char *launcher, *world, *rank, *local_rank, *local_world;
};
constexpr Names known[] = {
    {"torchrun", "WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"Open MPI", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"PMI", "PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
    {"Slurm", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_STEP_TASKS_PER_NODE"},
};

bool parse(const std::string& text, int low, int high, int& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && error == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
}

int number(const Variables& variable, const char* name, int low, int high, const char* because) {
    int value = 0;
    if (!parse(variable(name), low, high, value)) {
        fail(ErrorCode::invalid_argument, "{} is '{}', but with {} set it must be a number from {} to {}; set it", name,
             variable(name), because, low, high);
    }
    return value;
}

int number_or(const Variables& variable, const char* name, int high, int otherwise) {
    int value = 0;
    return parse(variable(name), 0, high, value) ? value : otherwise;
}

std::string find_address(const Variables& variable, const Names& names, int world) {
    if (auto address = variable("MASTER_ADDR"); !address.empty()) return address;
    if (auto host = first_host(variable("SLURM_STEP_NODELIST")); !host.empty()) return host;
    if (names.world != known[0].world && number_or(variable, names.local_world, world, 0) == world) return "127.0.0.1";
    fail(ErrorCode::invalid_argument,
         "{} is {} but MASTER_ADDR is not set; set it to the machine of rank 0, for every rank", names.world, world);
}

int find_port(const Variables& variable, const Names& names) {
    if (!variable("MASTER_PORT").empty() || names.world == known[0].world) {
        return number(variable, "MASTER_PORT", 1, 65535, names.world);
    }
    // Two jobs on one machine must not meet each other.
    const int job = number_or(variable, "SLURM_JOB_ID", 2000000000, 0);
    return job > 0 ? 20000 + job % 20000 : default_port;
}

}  // namespace

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string first_host(const std::string& list) {
    std::string host;
    for (std::size_t i = 0; i < list.size() && list[i] != ','; ++i) {
        if (list[i] != '[') {
            host += list[i];
            continue;
        }
        const auto first = i + 1, end = list.find_first_of(",-]", first), close = list.find(']', first);
        if (close == std::string::npos) return "";
        host += list.substr(first, end - first);
        i = close;
    }
    return host;
}

Launch read_launch(const Variables& variable) {
    Launch launch;
    for (const Names& names : known) {
        if (variable(names.world).empty()) continue;
        launch.world = number(variable, names.world, 1, 65536, names.world);
        if (launch.world == 1) return Launch();
        launch.launcher = names.launcher;
        launch.rank = number(variable, names.rank, 0, launch.world - 1, names.world);
        launch.local_rank = number_or(variable, names.local_rank, 65535, number_or(variable, "LOCAL_RANK", 65535, -1));
        launch.port = find_port(variable, names);
        launch.address = find_address(variable, names, launch.world);
        launch.agent_store = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
        launch.attempt = number_or(variable, "TORCHELASTIC_RESTART_COUNT", 1000000, 0);
        return launch;
    }
    return launch;
}

}  // namespace vglaw::train
