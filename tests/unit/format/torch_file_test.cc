#include "vglaw/format/torch_file.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/format/json_arrays.h"
#include "tests/unit/format/pickle_describe.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TorchFile parse(std::string_view text, const TorchLimits& limits = {}) {
    return TorchFile::parse(bytes_of(text), "x.pth", limits);
}

/// The dict under `path` holds exactly the arrays that torch or numpy put there.
void expect_arrays(const TorchFile& file, const PickleValue& dict, const nlohmann::json& expected) {
    const PickleValue entries = dict.is(PickleKind::object) ? dict.items().value() : dict;
    EXPECT_EQ(entries.size(), expected.size()) << file.origin();
    for (const auto& [name, array] : expected.items()) {
        const auto found = file.array(dict.at(name));
        ASSERT_TRUE(found.has_value()) << file.origin() << " " << name;
        expect_array(found->view, array, file.origin() + " " + name);
        EXPECT_TRUE(stands_for_array(dict.at(name))) << name;
    }
}

TEST(TorchFile, ReadsEveryKindOfTensorFromEveryContainer) {
    const auto expected = golden_arrays("state");
    for (const auto& [name, container] :
         {std::pair{"state.pth", "zip"}, {"state_deflated.pth", "zip"}, {"state_legacy.pth", "legacy"}}) {
        const auto file = TorchFile::open(torch_golden(name));
        EXPECT_EQ(file.container(), container);
        expect_arrays(file, file.root(), expected);
    }
}

TEST(TorchFile, ReadsNumpyPicklesOfEveryProtocol) {
    for (int protocol = 0; protocol <= 5; ++protocol) {
        const auto file = TorchFile::open(torch_golden(fmt::format("numpy_protocol{}.pkl", protocol)));
        EXPECT_EQ(file.container(), "pickle");
        expect_arrays(file, file.root(), golden_arrays("numpy"));
    }
}

TEST(TorchFile, ReadsNumpyPicklesOfPython2) {
    const auto all = golden_arrays("numpy");
    nlohmann::json expected{{"f4", all.at("f4")}, {"i8", all.at("i8")}, {"scalar", all.at("scalar")}};
    expected["fortran"] = {{"dtype", "float64"}, {"shape", {2, 3}}, {"values", all.at("f4").at("values")}};
    for (const char* name : {"python2_protocol0.pkl", "python2_protocol2.pkl"}) {
        const auto file = TorchFile::open(torch_golden(name));
        expect_arrays(file, file.root(), expected);
    }
}

TEST(TorchFile, ReadsTheModelZoosPickles) {
    for (int protocol = 2; protocol <= 5; ++protocol) {
        const auto file = TorchFile::open(torch_golden(fmt::format("detectron2_protocol{}.pkl", protocol)));
        EXPECT_EQ(file.root().at("__author__").as_string(), "Detectron2 Model Zoo");
        expect_arrays(file, file.root().at("model"), golden_arrays("detectron2"));
    }
}

TEST(TorchFile, ReadsDictsOfOneKeyAndTheNewestFormOfTensors) {
    for (const char* name : {"one_key.pth", "one_key_legacy.pth", "one_key_legacy4.pth"}) {
        const auto file = TorchFile::open(torch_golden(name));
        EXPECT_EQ(file.array(file.root().at("x")).value().view.to_float(), std::vector<float>{1});
    }
    const auto file = TorchFile::open(torch_golden("version3.pth"));
    EXPECT_EQ(file.array(file.root().at("x")).value().view.to_float(), (std::vector<float>{1, 2, 4, 5}));
}

TEST(TorchFile, KeepsForeignObjectsInertBesideTheTensors) {
    for (const char* name : {"checkpoint.pth", "checkpoint_legacy.pth"}) {
        const auto file = TorchFile::open(torch_golden(name));
        EXPECT_EQ(file.root().at("epoch").as_int(), 3);
        EXPECT_TRUE(file.root().at("args").callable().is_global("argparse", "Namespace"));
        EXPECT_FALSE(file.array(file.root().at("args")).has_value());
        EXPECT_FALSE(file.array(file.root().at("epoch")).has_value());
        expect_arrays(file, file.root().at("model"), golden_arrays("state"));
    }
}

TEST(TorchFile, ReadsIndexFilesWithAndWithoutArrays) {
    for (const char* name : {"index.pth", "index_legacy.pth"}) {
        const auto file = TorchFile::open(torch_golden(name));
        const PickleValue rows = file.root();
        EXPECT_EQ(describe(rows[0]),
                  R"(("COCO_train2014_000000000839.jpg", "482127.pth", [303.58f, 69.03f, 293.29f, 425.79f], )"
                  R"("guy on the right", [("r1", ["guy"])]))");
        EXPECT_EQ(numbers_of(file.array(rows[1][2]).value().view), (std::vector<double>{1, 2, 3, 4}));
        EXPECT_EQ(rows[1][3].as_string(), "café");
    }
}

TEST(TorchFile, AnArrayOutlivesItsFile) {
    std::vector<StoredArray> arrays;
    for (const char* name : {"state.pth", "state_deflated.pth", "state_legacy.pth", "numpy_protocol5.pkl"}) {
        const auto file = TorchFile::open(torch_golden(name));
        arrays.push_back(file.array(file.root().at(name[0] == 's' ? "double" : "f8")).value());
    }
    for (const StoredArray& array : arrays) EXPECT_EQ(numbers_of(array.view), std::vector<double>{0.1});
}

TEST(TorchFile, NeverRunsACommandButSaysWhatStoodThere) {
    const auto pickle = TorchFile::open(torch_golden("command.pkl"));
    EXPECT_TRUE(pickle.root().callable().is_global("posix", "system"));
    EXPECT_FALSE(pickle.array(pickle.root()).has_value());
    const auto file = TorchFile::open(torch_golden("command.pth"));
    EXPECT_TRUE(file.array(file.root().at("model").at("weight")).has_value());
    EXPECT_FALSE(file.array(file.root().at("model").at("bias")).has_value());
}

TEST(TorchFile, RefusesKindsOfArraysByTheirNames) {
    const auto file = TorchFile::open(torch_golden("refused.pth"));
    const std::pair<const char*, const char*> kinds[] = {{"sparse", "_rebuild_sparse_tensor"},
                                                         {"complex", "ComplexFloatStorage"},
                                                         {"uint16", "torch.uint16"},
                                                         {"float8", "torch.float8_e4m3fn"},
                                                         {"quantized", "_rebuild_qtensor"},
                                                         {"meta", "_rebuild_meta_tensor_no_storage"},
                                                         {"big_endian", "big-endian"},
                                                         {"structured", "structured"},
                                                         {"text", "\"U1\""},
                                                         {"objects", "\"O8\""},
                                                         {"complex_numpy", "\"c8\""}};
    for (const auto& [name, word] : kinds) {
        EXPECT_THAT(refusal(ErrorCode::unsupported, [&, &key = name] { (void)file.array(file.root().at(key)); }),
                    AllOf(HasSubstr("refused.pth"), HasSubstr(word)))
            << name;
    }
}

TEST(TorchFile, RefusesWhatIsNoFileOfTorchByItsKind) {
    const auto open = [](const char* name) { (void)TorchFile::open(torch_golden(name)); };
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { open("torchscript.pt"); }), HasSubstr("TorchScript"));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { open("../reference.safetensors"); }), HasSubstr("safetensors"));
    EXPECT_THAT(refusal(ErrorCode::not_found, [&] { open("absent.pth"); }), HasSubstr("absent.pth"));
    const auto refused = [](std::string_view text) {
        return refusal(ErrorCode::corrupt_data, [&] { (void)parse(text); });
    };
    EXPECT_THAT(refused(""), HasSubstr("empty"));
    EXPECT_THAT(refused("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git lfs pull"));
    EXPECT_THAT(refused("<!DOCTYPE html>"), HasSubstr("web page"));
    EXPECT_THAT(refused("\x89PNG\r\n"), HasSubstr("neither"));
}

TEST(TorchFile, RefusesATruncationAtEveryByte) {
    for (const char* name : {"one_key.pth", "one_key_legacy.pth", "state_deflated.pth", "detectron2_protocol2.pkl",
                             "detectron2_protocol5.pkl", "python2_protocol0.pkl"}) {
        const auto whole = read_file(torch_golden(name));
        for (std::size_t keep = 0; keep < whole.size(); ++keep) {
            const auto part = std::span(whole).first(keep);
            EXPECT_NE(refusal(ErrorCode::corrupt_data, [&] { (void)TorchFile::parse(part, name); }), "accepted")
                << name << " cut to " << keep << " of " << whole.size();
        }
    }
}

TEST(TorchFile, SurvivesADamagedByteAnywhere) {
    for (const char* name : {"one_key.pth", "one_key_legacy.pth", "state_deflated.pth", "numpy_protocol3.pkl"}) {
        auto bytes = read_file(torch_golden(name));
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (const std::uint8_t flip : {std::uint8_t{0xff}, std::uint8_t{0x01}, std::uint8_t{0x80}}) {
                bytes[at] ^= flip;
                try {
                    const auto file = TorchFile::parse(bytes, name);
                    const PickleValue root = file.root();
                    const auto items = root.is(PickleKind::object) ? root.items() : std::optional(root);
                    for (std::size_t i = 0; items && items->is(PickleKind::dict) && i < items->size(); ++i) {
                        (void)file.array(items->entry(i).second);
                    }
                } catch (const Error& error) {
                    EXPECT_NE(error.code(), ErrorCode::internal) << error.what();
                }
                bytes[at] ^= flip;
            }
        }
    }
}

/// A legacy file around one tensor of four floats; `call` is its _rebuild_tensor_v2's arguments after the storage.
std::string legacy_file(const std::string& call, const std::string& elements = "I4\n",
                        std::string_view count = std::string_view("\4\0\0\0\0\0\0\0", 8)) {
    std::string file("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    file += "\x80\x02M\xe9\x03.";
    file += "\x80\x02}X\x0d";
    file += std::string("\0\0\0little_endian\x88s.", 19);
    file += "ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\n" + elements + "NtQ" +
            call + "tR.";
    file += "(lS'0'\na.";
    file += count;
    for (const float value : {1.0F, 2.0F, 3.0F, 4.0F}) {
        file.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    return file;
}

TEST(TorchFile, ATensorStaysInsideItsStorage) {
    const auto good = parse(legacy_file("I1\n(I2\nt(I2\nt"));
    EXPECT_EQ(good.array(good.root()).value().view.to_float(), (std::vector<float>{2, 4}));
    const auto refused = [](const std::string& call) {
        const auto file = parse(legacy_file(call));
        return refusal(ErrorCode::corrupt_data, [&] { (void)file.array(file.root()); });
    };
    EXPECT_THAT(refused("I2\n(I2\nt(I2\nt"), HasSubstr("it needs 5 elements, its storage holds 4"));
    EXPECT_THAT(refused("I0\n(I5\nt(I1\nt"), HasSubstr("its storage holds 4"));
    EXPECT_THAT(refused("I9223372036854775807\n(I3\nt(I9223372036854775807\nt"), HasSubstr("overflow"));
    EXPECT_THAT(refused("I0\n(I4611686018427387904\nI4611686018427387904\nt(I0\nI0\nt"), HasSubstr("overflows"));
    EXPECT_THAT(refused("I0\n(I3\nI4611686018427387904\nt(I0\nI4611686018427387904\nt"), HasSubstr("overflow"));
    EXPECT_THAT(refused("I3\n(I4\nt(I-1\nt"), HasSubstr("negative stride"));
    EXPECT_THAT(refused("I0\n(I-1\nt(I1\nt"), HasSubstr("negative"));
    EXPECT_THAT(refused("I-1\n(I1\nt(I1\nt"), HasSubstr("negative"));
    EXPECT_THAT(refused("I0\n(I1\nI1\nt(I1\nt"), HasSubstr("2 sides and 1 strides"));
    EXPECT_THAT(refused("I0\n(I1\nt"), HasSubstr("lacks its arguments"));
    EXPECT_THAT(refused("I0\nI1\n(I1\nt"), HasSubstr("expected a tuple"));
}

TEST(TorchFile, AStorageIsWhatThePickleSays) {
    const auto refused = [](const std::string& elements, std::string_view count) {
        return refusal(ErrorCode::corrupt_data, [&] { (void)parse(legacy_file("I0\n(I1\nt(I1\nt", elements, count)); });
    };
    EXPECT_THAT(refused("I4\n", std::string_view("\3\0\0\0\0\0\0\0", 8)), HasSubstr("3 elements, the pickle says 4"));
    EXPECT_THAT(refused("I5\n", std::string_view("\5\0\0\0\0\0\0\0", 8)), HasSubstr("truncated"));
    EXPECT_THAT(refused("I-4\n", std::string_view("\4\0\0\0\0\0\0\0", 8)), HasSubstr("negative"));
    EXPECT_THAT(refused("I4611686018427387904\n", std::string_view("\0\0\0\0\0\0\0\x40", 8)), HasSubstr("truncated"));
}

TEST(TorchFile, RepetitionByStrideZeroHasABound) {
    TorchLimits limits;
    limits.free_bytes = 1000;
    limits.ratio = 1;
    const auto repeated = [&](int times) {
        const auto file = parse(legacy_file(fmt::format("I0\n(I{}\nt(I0\nt", times)), limits);
        return file.array(file.root()).value().view.numel();
    };
    EXPECT_EQ(repeated(250), 250u);
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)repeated(400); }), HasSubstr("bytes of memory"));
    // The ordinary limits, and 8 GB of one float.
    const auto file = parse(legacy_file("I0\n(I2000000000\nt(I0\nt"));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)file.array(file.root()); }), HasSubstr("bytes of memory"));
}

TEST(TorchFile, RefusesCyclesAndDepth) {
    EXPECT_THAT(refusal(ErrorCode::corrupt_data, [] { (void)parse("(lp0\ng0\na."); }), HasSubstr("contains itself"));
    const std::string nested = std::string(100000, ']') + std::string(99999, 'a') + ".";
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)parse(nested); }), HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace vglaw
