#include "vglaw/format/state_dict.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/format/json_arrays.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(StateDict, FindsTheTensorsAtTheRootOrUnderACheckpointsKey) {
    const auto expected = golden_arrays("state");
    for (const char* name :
         {"state.pth", "state_legacy.pth", "state_deflated.pth", "checkpoint.pth", "checkpoint_legacy.pth"}) {
        const auto state = StateDict::open(torch_golden(name));
        EXPECT_EQ(state.names().size(), expected.size()) << name;
        for (const auto& [key, array] : expected.items()) expect_array(state.at(key).view, array, name);
    }
    const auto zoo = StateDict::open(torch_golden("detectron2_protocol4.pkl"));
    EXPECT_EQ(zoo.container(), "pickle");
    EXPECT_TRUE(zoo.contains("backbone.net.pos_embed"));
}

TEST(StateDict, ReadsSafetensorsAlike) {
    const auto path = torch_golden("../reference.safetensors");
    const auto state = StateDict::open(path);
    const auto file = Safetensors::open(path);
    EXPECT_EQ(state.container(), "safetensors");
    EXPECT_EQ(state.metadata(), file.metadata());
    ASSERT_EQ(state.names().size(), file.tensors().size());
    for (const auto& [name, view] : file.tensors()) EXPECT_EQ(numbers_of(state.at(name).view), numbers_of(view));
}

TEST(StateDict, NamesTheCallThatStandsWhereATensorShould) {
    const auto state = StateDict::open(torch_golden("command.pth"));
    EXPECT_EQ(state.at("weight").view.to_float(), std::vector<float>{1});
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)state.at("bias"); }),
                AllOf(HasSubstr("\"bias\""), HasSubstr("posix.system"), HasSubstr("nothing in the file was run")));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [] { (void)StateDict::open(torch_golden("command.pkl")); }),
                AllOf(HasSubstr("command.pkl"), HasSubstr("posix.system"), HasSubstr("nothing in it was run")));
}

TEST(StateDict, OnlyWhatIsAskedForMatters) {
    const auto state = StateDict::open(torch_golden("refused.pth"));
    EXPECT_TRUE(state.contains("sparse"));
    EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)state.at("sparse"); }),
                AllOf(HasSubstr("\"sparse\""), HasSubstr("_rebuild_sparse_tensor")));
    EXPECT_THAT(refusal(ErrorCode::not_found, [&] { (void)state.at("absent"); }), HasSubstr("\"absent\""));
}

TEST(StateDict, AFileWithoutTensorsIsRefused) {
    for (const char* name : {"../plain_protocol4.pkl", "../objects_protocol2.pkl", "index.pth"}) {
        EXPECT_THAT(refusal(ErrorCode::unsupported, [&] { (void)StateDict::open(torch_golden(name)); }),
                    HasSubstr("expected a dict of tensors"))
            << name;
    }
}

class Shards : public testing::Test {
protected:
    Shards()
        : folder(fs::path(testing::TempDir()) / "state_dict_test"), index(folder / "model.safetensors.index.json") {
        fs::create_directories(folder);
        write_safetensors(folder / "one.safetensors", {{"a", view}}, {});
        fs::copy_file(torch_golden("one_key.pth"), folder / "two.pth", fs::copy_options::overwrite_existing);
    }
    ~Shards() override { fs::remove_all(folder); }

    std::string refused(const char* json, ErrorCode code = ErrorCode::corrupt_data) {
        write_text(index, json);
        return refusal(code, [&] { (void)StateDict::open(index); });
    }

    fs::path folder, index;
    std::vector<float> values{1, 2};
    TensorView view{Dtype::f32, {2}, {reinterpret_cast<const std::uint8_t*>(values.data()), 8}};
};

TEST_F(Shards, AreOneDict) {
    write_text(index, R"({"metadata": {}, "weight_map": {"a": "one.safetensors", "x": "two.pth"}})");
    const auto state = StateDict::open(index);
    EXPECT_THAT(state.names(), ElementsAre("a", "x"));
    EXPECT_EQ(state.at("a").view.to_float(), values);
    EXPECT_EQ(state.at("x").view.to_float(), std::vector<float>{1});
}

TEST_F(Shards, LeadNowhereElse) {
    EXPECT_THAT(refused("{"), HasSubstr("weight_map"));
    EXPECT_THAT(refused(R"({"weight_map": {"a": "../one.safetensors"}})"), HasSubstr("no file beside the index"));
    EXPECT_THAT(refused(R"({"weight_map": {"a": "/etc/passwd"}})"), HasSubstr("no file beside the index"));
    EXPECT_THAT(refused(R"({"weight_map": {"a": "model.safetensors.index.json"}})"), HasSubstr("no file beside"));
    EXPECT_THAT(refused(R"({"weight_map": {"a": 7}})"), HasSubstr("no file beside the index"));
    EXPECT_THAT(refused(R"({"weight_map": {"b": "one.safetensors"}})"), HasSubstr("\"b\" is not in"));
    EXPECT_THAT(refused(R"({"weight_map": {"a": "three.safetensors"}})", ErrorCode::not_found), HasSubstr("three"));
}

}  // namespace
}  // namespace vglaw
