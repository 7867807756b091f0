#include "vglaw/format/torch_writer.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/format/json_arrays.h"
#include "vglaw/format/state_dict.h"

namespace vglaw {
namespace {

using testing::HasSubstr;

/// Arrays of every kind, some of their sizes beyond one byte.
class WriteTorch : public testing::Test {
protected:
    WriteTorch() : path(std::filesystem::path(testing::TempDir()) / "torch_writer_test.pth") {
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(i % 3);
        add("matrix", Dtype::f32, {2, 3});
        add("half", Dtype::f16, {4});
        add("brain", Dtype::bf16, {4});
        add("long", Dtype::i64, {2});
        add("bool", Dtype::boolean, {3});
        add("scalar", Dtype::f64, {});
        add("empty", Dtype::f32, {0, 5});
        add("wide", Dtype::i8, {1, 300});
        add("größe", Dtype::u8, {1});
    }
    ~WriteTorch() override { std::filesystem::remove(path); }

    void add(const std::string& name, Dtype dtype, std::vector<std::int64_t> shape) {
        TensorView view{dtype, std::move(shape), {}};
        view.bytes = std::span(bytes).first(view.numel() * size_of(dtype));
        tensors[name] = view;
    }

    std::filesystem::path path;
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(400);
    std::map<std::string, TensorView> tensors;
};

TEST_F(WriteTorch, IsReadBackAsItWas) {
    write_torch(path, tensors);
    const auto state = StateDict::open(path);
    EXPECT_EQ(state.container(), "zip");
    ASSERT_EQ(state.names().size(), tensors.size());
    for (const auto& [name, view] : tensors) {
        const auto array = state.at(name);
        EXPECT_EQ(array.view.dtype, view.dtype) << name;
        EXPECT_EQ(array.view.shape, view.shape) << name;
        EXPECT_TRUE(std::ranges::equal(array.view.bytes, view.bytes)) << name;
    }
}

TEST_F(WriteTorch, WritesTheBytesThatTorchLoadWasTriedOn) {
    // torch.load(weights_only=True) of torch 2.15 read this file: tools/golden/torch_files.py --load
    write_torch(path, tensors);
    EXPECT_EQ(read_file(path), read_file(torch_golden("written.pth")));
}

TEST_F(WriteTorch, AlignsStoragesTo64Bytes) {
    write_torch(path, tensors);
    const auto written = read_file(path);
    const auto state = TorchFile::parse(written, "x");
    const auto first = state.array(state.root().at("matrix")).value();
    const auto* const place =
        std::search(written.data(), written.data() + written.size(), first.view.bytes.begin(), first.view.bytes.end());
    EXPECT_EQ((place - written.data()) % 64, 0);
}

TEST_F(WriteTorch, RefusesAViewThatContradictsItself) {
    tensors["matrix"].shape = {2, 4};
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { write_torch(path, tensors); }), HasSubstr("\"matrix\""));
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace vglaw
