#include "vglaw/format/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kGolden = VGLAW_SOURCE_DIR "/tests/golden/format/reference.safetensors";

std::vector<std::uint8_t> file_of(std::string_view json, std::size_t data_bytes) {
    std::vector<std::uint8_t> bytes(8 + json.size() + data_bytes);
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = std::uint8_t(std::uint64_t(json.size()) >> (8 * i));
    std::memcpy(bytes.data() + 8, json.data(), json.size());
    return bytes;
}

/// The message of the refusal; empty if the file was accepted.
std::string refusal(std::span<const std::uint8_t> bytes, ErrorCode expected = ErrorCode::corrupt_data) {
    try {
        (void)Safetensors::parse(bytes, "x.safetensors");
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), expected) << error.what();
        EXPECT_THAT(error.what(), HasSubstr("x.safetensors"));
        EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
        return error.what();
    }
}

std::string refusal(std::string_view json, std::size_t data_bytes, ErrorCode expected = ErrorCode::corrupt_data) {
    return refusal(file_of(json, data_bytes), expected);
}

std::filesystem::path scratch(const std::string& name) { return std::filesystem::path(testing::TempDir()) / name; }

TEST(Safetensors, ReadsEveryDtypeTheReferenceWrites) {
    const Safetensors file = Safetensors::open(kGolden);
    ASSERT_EQ(file.tensors().size(), 13u);
    EXPECT_EQ(file.metadata().at("format"), "pt \n é");
    EXPECT_THAT(file.at("b.f32").shape, ElementsAre(2, 3));
    EXPECT_THAT(file.at("b.f32").to_float(), ElementsAre(-1, -0.5, 0, 0.5, 1, 1.5));
    EXPECT_TRUE(file.at("a.f32").shape.empty());
    EXPECT_THAT(file.at("a.f32").to_float(), ElementsAre(3.25));
    EXPECT_THAT(file.at("c.f64").to_float(), ElementsAre(float(1e-3), -2));
    EXPECT_THAT(file.at("d.f16").to_float(), ElementsAre(1, -0.5, 65504));
    EXPECT_THAT(file.at("e.bf16").to_float(), ElementsAre(1, -2));
    EXPECT_EQ(file.at("empty").numel(), 0u);
    EXPECT_THAT(file.at("k.bool").bytes, ElementsAre(1, 0));
    EXPECT_THAT(file.at("quote\" back\\ tab\t é").bytes, ElementsAre(42));
    EXPECT_EQ(file.at("f.i64").dtype, Dtype::i64);
}

TEST(Safetensors, WritesTheReferencesBytes) {
    const Safetensors file = Safetensors::open(kGolden);
    const auto path = scratch("rewritten.safetensors");
    write_safetensors(path, file.tensors(), file.metadata());
    EXPECT_EQ(read_file(path), read_file(kGolden));
}

TEST(Safetensors, ReadsBackAnEmptyFile) {
    const auto path = scratch("empty.safetensors");
    write_safetensors(path, {}, {});
    EXPECT_TRUE(Safetensors::open(path).tensors().empty());
    EXPECT_EQ(std::filesystem::file_size(path) % 8, 0u);
}

TEST(Safetensors, ViewsOutliveTheObjectTheyWereMovedFrom) {
    Safetensors first = Safetensors::parse(read_file(kGolden), "golden");
    const Safetensors second = std::move(first);
    EXPECT_THAT(second.at("a.f32").to_float(), ElementsAre(3.25));
}

TEST(Safetensors, NamesTheMissingTensorAndTheFile) {
    const Safetensors file = Safetensors::open(kGolden);
    try {
        (void)file.at("nope");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_THAT(error.what(), HasSubstr("nope"));
        EXPECT_THAT(error.what(), HasSubstr("reference.safetensors"));
    }
    EXPECT_THROW((void)file.at("f.i64").to_float(), Error);
    EXPECT_THROW((void)Safetensors::open(scratch("absent.safetensors")), Error);
}

TEST(Safetensors, RefusesDamagedLengths) {
    EXPECT_THAT(refusal(std::vector<std::uint8_t>(7)), HasSubstr("too few"));
    std::vector<std::uint8_t> bytes = file_of("{}", 0);
    EXPECT_EQ(refusal(bytes), "");
    bytes[0] = 3;
    EXPECT_THAT(refusal(bytes), HasSubstr("truncated"));
    bytes[4] = 1;
    EXPECT_THAT(refusal(bytes), HasSubstr("more than the 100000000"));
    bytes = read_file(kGolden);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_NE(refusal(std::span(bytes).first(size)), "") << size;
    }
    bytes.push_back(0);
    EXPECT_THAT(refusal(bytes), HasSubstr("foreign bytes"));
}

TEST(Safetensors, RefusesHeadersThatAreNotTheGrammar) {
    EXPECT_THAT(refusal("", 0), HasSubstr("begin with '{'"));
    EXPECT_THAT(refusal(" {}", 0), HasSubstr("begin with '{'"));
    EXPECT_THAT(refusal("[]", 0), HasSubstr("begin with '{'"));
    EXPECT_EQ(refusal("{}      ", 0), "");
    EXPECT_THAT(refusal("{} x", 0), HasSubstr("not valid JSON"));
    EXPECT_THAT(refusal(std::string_view("{}\0{", 4), 0), HasSubstr("NUL"));
    EXPECT_THAT(refusal("{\"a\":", 0), HasSubstr("not valid JSON"));
    EXPECT_THAT(refusal("{\"\xff\":{}}", 0), HasSubstr("not valid UTF-8"));
    EXPECT_THAT(refusal(R"({"a":1})", 0), HasSubstr("the number 1"));
    EXPECT_THAT(refusal(R"({"a":[]})", 0), HasSubstr("an array"));
    EXPECT_THAT(refusal(R"({"a":"x\ny"})", 0), HasSubstr("the string"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":{}}})", 0), HasSubstr("an object"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1), HasSubstr("an array"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}})", 1),
                HasSubstr("unknown field"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[1]}})", 1), HasSubstr("lacks"));
    EXPECT_THAT(refusal(R"({"a":{}})", 0), HasSubstr("lacks"));
    EXPECT_THAT(refusal(R"({"__metadata__":{"a":1}})", 0), HasSubstr("not a string"));
    EXPECT_THAT(refusal(R"({"__metadata__":{"a":null}})", 0), HasSubstr("not a string"));
    EXPECT_THAT(refusal(R"({"__metadata__":{"a":["b"]}})", 0), HasSubstr("not a string"));
    EXPECT_NE(refusal(R"({"__metadata__":"a"})", 0), "");
}

TEST(Safetensors, RefusesDuplicateNames) {
    constexpr auto entry = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
    EXPECT_EQ(refusal(fmt::format(R"({{"a":{}}})", entry), 1), "");
    EXPECT_THAT(refusal(fmt::format(R"({{"a":{},"a":{}}})", entry, entry), 1), HasSubstr("appears twice"));
    EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1),
                HasSubstr("twice"));
    EXPECT_THAT(refusal(R"({"__metadata__":{"k":"1","k":"2"}})", 0), HasSubstr("twice"));
    EXPECT_THAT(refusal(R"({"__metadata__":{},"__metadata__":{}})", 0), HasSubstr("twice"));
}

TEST(Safetensors, RefusesBadDtypesAndShapes) {
    const auto with = [](std::string_view dtype, std::string_view shape, std::string_view offsets) {
        return fmt::format(R"({{"a":{{"dtype":"{}","shape":{},"data_offsets":{}}}}})", dtype, shape, offsets);
    };
    EXPECT_EQ(refusal(with("F32", "[2]", "[0,8]"), 8), "");
    EXPECT_THAT(refusal(with("F8_E4M3", "[8]", "[0,8]"), 8, ErrorCode::unsupported), HasSubstr("F8_E4M3"));
    EXPECT_THAT(refusal(with("F32", "[-2]", "[0,8]"), 8), HasSubstr("-2"));
    EXPECT_THAT(refusal(with("F32", "[2.0]", "[0,8]"), 8), HasSubstr("2.0"));
    EXPECT_THAT(refusal(with("F32", "[9223372036854775808]", "[0,8]"), 8), HasSubstr("9223372036854775808"));
    EXPECT_THAT(refusal(with("F32", "[4294967296,4294967296]", "[0,0]"), 0), HasSubstr("overflows"));
    EXPECT_THAT(refusal(with("F32", "[4611686018427387904]", "[0,0]"), 0), HasSubstr("overflows"));
    EXPECT_THAT(refusal(with("F32", "[3]", "[0,8]"), 8), HasSubstr("need 12"));
    EXPECT_THAT(refusal(with("F32", "[2]", "[8,0]"), 8), HasSubstr("[begin, end]"));
    EXPECT_THAT(refusal(with("F32", "[2]", "[0,8,8]"), 8), HasSubstr("[begin, end]"));
    EXPECT_THAT(refusal(with("F32", "[2]", "[0,8]"), 7), HasSubstr("truncated"));
    EXPECT_THAT(refusal(with("F32", "[2]", "[8,16]"), 16), HasSubstr("gap"));
}

TEST(Safetensors, RefusesOverlapsAndGaps) {
    const auto two = [](int begin) {
        return fmt::format(R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}},)"
                           R"("b":{{"dtype":"U8","shape":[4],"data_offsets":[{},{}]}}}})",
                           begin, begin + 4);
    };
    EXPECT_EQ(refusal(two(4), 8), "");
    EXPECT_THAT(refusal(two(3), 7), HasSubstr("overlap"));
    EXPECT_THAT(refusal(two(0), 4), HasSubstr("overlap"));
    EXPECT_THAT(refusal(two(5), 9), HasSubstr("gap"));
    EXPECT_THAT(refusal(two(4), 9), HasSubstr("foreign bytes"));
}

TEST(Safetensors, SurvivesEverySingleByteChangeOfTheHeader) {
    std::vector<std::uint8_t> bytes = read_file(kGolden);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const std::uint8_t change : {0x01, 0x20, 0x80, 0xff}) {
            bytes[at] ^= change;
            try {
                (void)Safetensors::parse(bytes, "x");
            } catch (const Error&) {
            }
            bytes[at] ^= change;
        }
    }
}

TEST(Safetensors, WriterRefusesWhatItsReaderWould) {
    const std::uint8_t byte = 0;
    const auto path = scratch("refused.safetensors");
    EXPECT_THROW(write_safetensors(path, {{"a", {Dtype::f32, {1}, std::span(&byte, 1)}}}, {}), Error);
    EXPECT_THROW(write_safetensors(path, {{"\xff", {Dtype::u8, {1}, std::span(&byte, 1)}}}, {}), Error);
    EXPECT_THROW(write_safetensors(path, {{"__metadata__", {Dtype::u8, {1}, std::span(&byte, 1)}}}, {}), Error);
    EXPECT_THROW(write_safetensors(path, {{"a", {Dtype::u8, {-1}, std::span(&byte, 1)}}}, {}), Error);
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace vglaw
