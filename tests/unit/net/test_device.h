// Where the tests of the network and of training compute: on the CPU, or where VGLAW_TEST_DEVICE says (cuda).
#pragma once

#include <cstdlib>
#include <string>

#include "vglaw/net/compat.h"

namespace vglaw {

/// Their kind as train.device says it.
inline std::string test_device_kind() {
    const char* named = std::getenv("VGLAW_TEST_DEVICE");
    return named != nullptr && *named != '\0' ? named : "cpu";
}

/// The device; a name that LibTorch does not know, or a GPU that is not there, fails the test that asks first.
inline torch::Device test_device() {
    static const torch::Device device = [] {
        const auto kind = test_device_kind();
        const torch::Device made(kind == "cuda" ? "cuda:0" : kind);
        if (made.is_cuda()) net::use_gpu(made, false);
        return made;
    }();
    return device;
}

/// Options of a tensor that a test makes.
inline torch::TensorOptions placed(torch::ScalarType type = torch::kFloat) {
    return torch::TensorOptions(type).device(test_device());
}

}  // namespace vglaw
