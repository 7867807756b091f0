// Which process of how many this is, as its launcher says by environment variables.
#pragma once

#include <functional>
#include <string>

namespace vglaw::train {

struct Launch {
    std::string launcher;  ///< whose variables were read; empty: the process is alone
    int rank = 0, world = 1;
    int local_rank = 0;        ///< which process of this machine; -1: the launcher does not say
    std::string address;       ///< where rank 0 is
    int port = 0;              ///< where the ranks meet
    bool agent_store = false;  ///< the launcher (torchrun) has opened the port itself; rank 0 opens it otherwise
    int attempt = 0;           ///< how often the launcher has started all ranks again
};

/// Value of an environment variable; empty where it is not set.
using Variables = std::function<std::string(const char*)>;
[[nodiscard]] std::string environment(const char* name);

/// In this order, since a launcher inside another inherits the outer one's: WORLD_SIZE, RANK, LOCAL_RANK, MASTER_ADDR,
/// MASTER_PORT (torchrun and whoever sets the same); Open MPI's OMPI_COMM_WORLD_*; PMI_RANK and PMI_SIZE (MPICH, Intel
/// MPI); Slurm's step variables, which srun sets (a batch script outside srun is alone, whatever SLURM_NTASKS says).
/// MASTER_ADDR and MASTER_PORT win wherever they are set; else the address is the first host of the Slurm step or, when
/// all ranks are on one machine, that one, and the port is 29500, in a Slurm job 20000 + job id % 20000.
/// Throws invalid_argument for variables that are missing, no numbers or contradict each other.
[[nodiscard]] Launch read_launch(const Variables& variable = environment);

/// First host of a Slurm list: "gpu[03-07,9],login" -> "gpu03". Empty for an empty list.
[[nodiscard]] std::string first_host(const std::string& list);

}  // namespace vglaw::train
