// Compares arrays with what tools/golden/torch_files.py says they hold.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vglaw/core/files.h"
#include "vglaw/format/safetensors.h"

namespace vglaw {

inline std::filesystem::path torch_golden(const std::string& name) {
    return VGLAW_SOURCE_DIR "/tests/golden/format/torch/" + name;
}

inline nlohmann::json golden_arrays(const std::string& group) {
    return nlohmann::json::parse(read_text(torch_golden("arrays.json"))).at(group);
}

/// Every number of the golden files is exact in double.
inline std::vector<double> numbers_of(const TensorView& view) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < view.numel(); ++i) {
        const auto as = [&]<typename Number>(Number number) {
            std::memcpy(&number, view.bytes.data() + i * sizeof number, sizeof number);
            return number;
        };
        switch (view.dtype) {
            case Dtype::f64:
                numbers.push_back(as(double{}));
                break;
            case Dtype::i64:
                numbers.push_back(double(as(std::int64_t{})));
                break;
            case Dtype::i32:
                numbers.push_back(as(std::int32_t{}));
                break;
            case Dtype::i16:
                numbers.push_back(as(std::int16_t{}));
                break;
            case Dtype::i8:
                numbers.push_back(as(std::int8_t{}));
                break;
            case Dtype::u8:
            case Dtype::boolean:
                numbers.push_back(as(std::uint8_t{}));
                break;
            default:
                numbers.push_back(view.to_float()[i]);
        }
    }
    return numbers;
}

inline Dtype dtype_of(const std::string& name) {
    const std::pair<const char*, Dtype> names[] = {
        {"float64", Dtype::f64}, {"float32", Dtype::f32}, {"float16", Dtype::f16}, {"bfloat16", Dtype::bf16},
        {"int64", Dtype::i64},   {"int32", Dtype::i32},   {"int16", Dtype::i16},   {"int8", Dtype::i8},
        {"uint8", Dtype::u8},    {"bool", Dtype::boolean}};
    for (const auto& [known, dtype] : names) {
        if (name == known) return dtype;
    }
    throw std::invalid_argument(name);
}

inline void expect_array(const TensorView& view, const nlohmann::json& expected, const std::string& what) {
    EXPECT_EQ(name_of(view.dtype), name_of(dtype_of(expected.at("dtype")))) << what;
    EXPECT_EQ(view.shape, expected.at("shape").get<std::vector<std::int64_t>>()) << what;
    std::vector<double> numbers;
    for (const auto& number : expected.at("values")) {
        numbers.push_back(number.is_boolean() ? double(number.get<bool>()) : number.get<double>());
    }
    EXPECT_EQ(numbers_of(view), numbers) << what;
}

}  // namespace vglaw
