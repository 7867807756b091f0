#include "vglaw/model/storage.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/toy_model.h"
#include "vglaw/model/int8_weight.h"

namespace vglaw {
namespace {

using ::testing::HasSubstr;

class StorageTest : public testing::Test {
protected:
    StorageTest()
        : folder(std::filesystem::path(testing::TempDir()) / "storage_test"),
          config(toy_config()),
          weights(initial_weights(config, {"scratch", 1.0}, 1)) {
        std::filesystem::create_directories(folder);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    ModelBundle original() {
        const auto path = folder / "original.safetensors";
        write_bundle(path, config, Vocabulary(toy_pieces), views_of(config, weights), "CC0", "by hand");
        return read_bundle(path);
    }
    ModelBundle stored(const ModelBundle& bundle, Storage storage) {
        const auto path = folder / (std::string(name_of(storage)) + ".safetensors");
        write_bundle_stored(path, bundle, storage);
        return read_bundle(path);
    }

    std::filesystem::path folder;
    ModelConfig config;
    WeightMap weights;
};

TEST_F(StorageTest, EveryStorageIsAModelFileWithTheSameTensors) {
    const auto before = original();
    for (const Storage storage : {Storage::fp32, Storage::f16, Storage::int8}) {
        const auto bundle = stored(before, storage);
        EXPECT_EQ(storage_of(bundle), storage);
        EXPECT_EQ(bundle.license, "CC0");
        EXPECT_EQ(bundle.source, "by hand");
        EXPECT_EQ(bundle.vocabulary.join(), before.vocabulary.join());
        EXPECT_EQ(config_to_json(bundle.config), config_to_json(config));
        EXPECT_EQ(bundle.file.metadata().at("vglaw.format"), storage == Storage::int8 ? "2" : "1");
        for (const auto& [name, shape] : tensor_shapes(config)) {
            const auto values = bundle.values(name);
            const auto& wanted = weights.at(name);
            ASSERT_EQ(values.size(), wanted.size()) << name;
            float largest = 0;
            for (const float value : wanted) largest = std::max(largest, std::abs(value));
            for (std::size_t i = 0; i < values.size(); ++i) {
                const float allowed = storage == Storage::fp32 || shape.size() < 2 ? 0
                                      : storage == Storage::int8 && may_be_int8(name)
                                          ? largest * 0.50001F / 127                    // half a step
                                          : std::abs(wanted[i]) * 0x1p-11F + 0x1p-25F;  // half an ulp of F16
                ASSERT_NEAR(values[i], wanted[i], allowed) << name;
            }
            const Dtype dtype = bundle.tensor(name).dtype;
            EXPECT_EQ(dtype == Dtype::i8, storage == Storage::int8 && may_be_int8(name)) << name;
            EXPECT_TRUE(shape.size() > 1 || dtype == Dtype::f32) << name;
        }
    }
}

TEST_F(StorageTest, FromInt8BackToFloatsAndAgainIsTheSameFile) {
    const auto int8 = stored(original(), Storage::int8);
    const auto floats = stored(int8, Storage::fp32);
    EXPECT_EQ(storage_of(floats), Storage::fp32);
    for (const auto& [name, shape] : tensor_shapes(config)) EXPECT_EQ(floats.values(name), int8.values(name)) << name;
    write_bundle_stored(folder / "again.safetensors", floats, Storage::int8);
    const auto again = read_bundle(folder / "again.safetensors");
    for (const auto& [name, view] : int8.file.tensors()) {
        if (view.dtype != Dtype::i8) continue;
        EXPECT_TRUE(std::equal(view.bytes.begin(), view.bytes.end(), again.tensor(name).bytes.begin())) << name;
    }
}

TEST_F(StorageTest, WhatF16CannotHoldStaysFloat) {
    weights.at("weight_generator.P")[3] = 1e6F;
    const auto bundle = stored(original(), Storage::f16);
    EXPECT_EQ(bundle.tensor("weight_generator.P").dtype, Dtype::f32);
    EXPECT_EQ(bundle.values("weight_generator.P"), weights.at("weight_generator.P"));
    EXPECT_EQ(bundle.tensor("weight_generator.Q").dtype, Dtype::f16);
}

TEST_F(StorageTest, RefusesANumberThatIsNotFinite) {
    weights.at("mask_head.up2.weight")[1] = std::numeric_limits<float>::infinity();
    const auto bundle = original();
    for (const Storage storage : {Storage::fp32, Storage::f16, Storage::int8}) {
        EXPECT_THAT(refusal(ErrorCode::corrupt_data, [&] { (void)stored(bundle, storage); }),
                    HasSubstr("'mask_head.up2.weight'"));
        EXPECT_FALSE(std::filesystem::exists(folder / (std::string(name_of(storage)) + ".safetensors")));
    }
}

}  // namespace
}  // namespace vglaw
