#include "vglaw/train/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "vglaw/core/error.h"

namespace vglaw::train {
namespace {

using testing::HasSubstr;

Variables given(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const char* name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    };
}

std::string refusal(const std::map<std::string, std::string>& values) {
    try {
        (void)read_launch(given(values));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Launch, WithoutVariablesOrWithOneProcessItIsAlone) {
    for (const auto& values : {std::map<std::string, std::string>{}, {{"WORLD_SIZE", "1"}, {"RANK", "0"}}}) {
        const auto launch = read_launch(given(values));
        EXPECT_EQ(launch.world, 1);
        EXPECT_EQ(launch.rank, 0);
    }
}

TEST(Launch, ReadsTorchrunsVariables) {
    const auto launch = read_launch(given({{"WORLD_SIZE", "4"},
                                           {"RANK", "3"},
                                           {"LOCAL_RANK", "1"},
                                           {"MASTER_ADDR", "node1"},
                                           {"MASTER_PORT", "1234"},
                                           {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                           {"TORCHELASTIC_RESTART_COUNT", "2"},
                                           {"SLURM_STEP_NUM_TASKS", "2"},  // torchrun under srun: one agent a machine
                                           {"SLURM_PROCID", "1"}}));
    EXPECT_EQ(launch.rank, 3);
    EXPECT_EQ(launch.world, 4);
    EXPECT_EQ(launch.local_rank, 1);
    EXPECT_EQ(launch.address, "node1");
    EXPECT_EQ(launch.port, 1234);
    EXPECT_TRUE(launch.agent_store);
    EXPECT_EQ(launch.attempt, 2);
}

TEST(Launch, ReadsSlurmsStep) {
    std::map<std::string, std::string> step{
        {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_NTASKS", "8"},      {"SLURM_PROCID", "5"},
        {"SLURM_LOCALID", "1"},        {"SLURM_JOB_ID", "123456"}, {"SLURM_STEP_NODELIST", "gpu[03-07,9],login"}};
    const auto launch = read_launch(given(step));
    EXPECT_EQ(launch.rank, 5);
    EXPECT_EQ(launch.world, 8);
    EXPECT_EQ(launch.local_rank, 1);
    EXPECT_EQ(launch.address, "gpu03");
    EXPECT_EQ(launch.port, 20000 + 123456 % 20000);
    EXPECT_FALSE(launch.agent_store);
    step["MASTER_ADDR"] = "10.0.0.1";
    step["MASTER_PORT"] = "4000";
    EXPECT_EQ(read_launch(given(step)).address, "10.0.0.1");
    EXPECT_EQ(read_launch(given(step)).port, 4000);
    // A batch script has a rank and the job's tasks, but it is one process.
    EXPECT_EQ(read_launch(given({{"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}})).world, 1);
}

TEST(Launch, ReadsOpenMpisAndPmisVariables) {
    const auto open_mpi = read_launch(given({{"OMPI_COMM_WORLD_SIZE", "2"},
                                             {"OMPI_COMM_WORLD_RANK", "1"},
                                             {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                             {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                                             {"SLURM_STEP_NUM_TASKS", "9"},  // of the daemons mpirun started
                                             {"SLURM_PROCID", "0"}}));
    EXPECT_EQ(open_mpi.rank, 1);
    EXPECT_EQ(open_mpi.world, 2);
    EXPECT_EQ(open_mpi.local_rank, 1);
    EXPECT_EQ(open_mpi.address, "127.0.0.1");
    EXPECT_EQ(open_mpi.port, 29500);
    const auto mpich =
        read_launch(given({{"PMI_SIZE", "3"}, {"PMI_RANK", "2"}, {"MPI_LOCALRANKID", "0"}, {"MASTER_ADDR", "first"}}));
    EXPECT_EQ(mpich.rank, 2);
    EXPECT_EQ(mpich.world, 3);
    EXPECT_EQ(mpich.address, "first");
    EXPECT_EQ(mpich.local_rank, 0);
    std::map<std::string, std::string> silent{{"PMI_SIZE", "3"}, {"PMI_RANK", "2"}, {"MASTER_ADDR", "first"}};
    EXPECT_EQ(read_launch(given(silent)).local_rank, -1);
    silent["LOCAL_RANK"] = "1";
    EXPECT_EQ(read_launch(given(silent)).local_rank, 1);
}

TEST(Launch, RefusesWhatIsMissingOrNoNumberByName) {
    EXPECT_THAT(refusal({{"WORLD_SIZE", "2"}}), HasSubstr("RANK is ''"));
    EXPECT_THAT(refusal({{"WORLD_SIZE", "two"}}), HasSubstr("WORLD_SIZE is 'two'"));
    EXPECT_THAT(refusal({{"WORLD_SIZE", "2"}, {"RANK", "2"}}), HasSubstr("RANK is '2'"));
    EXPECT_THAT(refusal({{"WORLD_SIZE", "2"}, {"RANK", "1"}, {"MASTER_ADDR", "a"}}), HasSubstr("MASTER_PORT"));
    EXPECT_THAT(refusal({{"WORLD_SIZE", "2"}, {"RANK", "1"}, {"MASTER_PORT", "1"}}), HasSubstr("MASTER_ADDR"));
    EXPECT_THAT(refusal({{"PMI_SIZE", "2"}, {"PMI_RANK", "1"}}), HasSubstr("MASTER_ADDR"));
    EXPECT_THAT(refusal({{"OMPI_COMM_WORLD_SIZE", "4"},
                         {"OMPI_COMM_WORLD_RANK", "1"},
                         {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}}),  // two machines
                HasSubstr("MASTER_ADDR"));
}

TEST(Launch, FindsTheFirstHostOfASlurmList) {
    EXPECT_EQ(first_host("node7"), "node7");
    EXPECT_EQ(first_host("a,b"), "a");
    EXPECT_EQ(first_host("n[1,4]"), "n1");
    EXPECT_EQ(first_host("rack[02-03]n[10-12].site"), "rack02n10.site");
    EXPECT_EQ(first_host(""), "");
    EXPECT_EQ(first_host("broken[1"), "");
}

}  // namespace
}  // namespace vglaw::train
