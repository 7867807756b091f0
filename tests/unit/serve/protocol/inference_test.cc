#include "vglaw/serve/protocol/inference.h"

#include <gmock/gmock.h>

#include <cstring>

#include "tests/unit/serve/protocol/refusal.h"

namespace vglaw::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string packed(std::initializer_list<std::string> elements) {
    std::string out;
    for (const auto& element : elements) {
        for (int shift = 0; shift < 32; shift += 8) out += char(element.size() >> shift & 255);
        out += element;
    }
    return out;
}

Json binary_input(const char* name, std::vector<int> shape, const char* datatype, std::size_t bytes) {
    Json json;
    json["name"] = name;
    json["shape"] = std::move(shape);
    json["datatype"] = datatype;
    json["parameters"]["binary_data_size"] = bytes;
    return json;
}

HttpRequest binary_request(const Json& json, const std::string& tensors) {
    const std::string head = json.dump();
    return {"POST", "/v2/models/m/infer", {{"inference-header-content-length", std::to_string(head.size())}}, head + tensors};
}

HttpRequest json_request(const std::string& body) { return {"POST", "/v2/models/m/infer", {}, body}; }

InferenceRequest parsed(HttpRequest request) { return parse_inference_request(request, {.expressions = 3}, 1000); }

std::string refused(HttpRequest request) {
    return refusal_of([&] { (void)parsed(std::move(request)); });
}

TEST(Inference, ReadsBinaryTensors) {
    const std::string image = packed({"JPEG"}), expressions = packed({"one", "", "two"});
    Json json;
    json["id"] = "42";
    json["inputs"] = {binary_input("image", {1}, "BYTES", image.size()),
                      binary_input("expression", {3}, "BYTES", expressions.size())};
    json["outputs"] = Json::parse(R"([{"name": "mask", "parameters": {"binary_data": true}}, {"name": "box"}])");
    const auto asked = parsed(binary_request(json, image + expressions));
    EXPECT_EQ(asked.id, "42");
    EXPECT_EQ(asked.ground.image, "JPEG");
    EXPECT_THAT(asked.ground.expressions, ElementsAre("one", "", "two"));
    EXPECT_TRUE(asked.ground.mask_pixels);
    ASSERT_EQ(asked.outputs.size(), 2U);
    EXPECT_TRUE(asked.outputs[0].name == "mask" && asked.outputs[0].binary);
    EXPECT_TRUE(asked.outputs[1].name == "box" && !asked.outputs[1].binary);
}

TEST(Inference, ReadsPixels) {
    const std::string pixels("\x01\x02\x03\x04\x05\xff", 6), expressions = packed({"a"});
    Json json;
    json["inputs"] = {binary_input("image", {1, 2, 3}, "UINT8", 6), binary_input("expression", {1}, "BYTES", 5)};
    json["parameters"]["binary_data_output"] = true;
    const auto asked = parsed(binary_request(json, pixels + expressions));
    EXPECT_EQ(asked.ground.pixels.width, 2);
    EXPECT_EQ(asked.ground.pixels.height, 1);
    EXPECT_THAT(asked.ground.pixels.rgb, ElementsAre(1, 2, 3, 4, 5, 255));
    ASSERT_EQ(asked.outputs.size(), 2U) << "box and rle unless others are asked for";
    EXPECT_TRUE(asked.outputs[0].binary && asked.outputs[1].binary);
    const auto nested = parsed(json_request(
        R"({"inputs": [{"name": "image", "shape": [1, 2, 3], "datatype": "UINT8", "data": [[[1, 2, 3], [4, 5, 255]]]},
                       {"name": "expression", "shape": [1], "datatype": "BYTES", "data": ["a"]}]})"));
    EXPECT_EQ(nested.ground.pixels, asked.ground.pixels) << "the same as a list of lists";
}

TEST(Inference, ReadsAPictureInJson) {
    const auto asked = parsed(json_request(
        R"({"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "parameters": {"content_type": "base64"}, "data": ["SlBFRw=="]},
                       {"name": "expression", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}]})"));
    EXPECT_EQ(asked.ground.image, "JPEG");
    EXPECT_THAT(asked.ground.expressions, ElementsAre("a", "b"));
}

TEST(Inference, RefusesTensorsThatDoNotFit) {
    const auto with = [](const std::string& image, const std::string& expression) {
        return refused(json_request("{\"inputs\": [" + image + "," + expression + "]}"));
    };
    const std::string image = R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "data": [1, 2, 3]})";
    const std::string expression = R"({"name": "expression", "shape": [1], "datatype": "BYTES", "data": ["a"]})";
    EXPECT_EQ(with(image, expression), "it is not refused");
    for (const char* bad : {R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "data": [1, 2]})",
                            R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "data": [1, 2, 256]})",
                            R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "data": [1, 2, -1]})",
                            R"({"name": "image", "shape": [3], "datatype": "UINT8", "data": [1, 2, 3]})",
                            R"({"name": "image", "shape": [1, 1, 4], "datatype": "UINT8", "data": [1, 2, 3, 4]})",
                            R"({"name": "image", "shape": [0, 1, 3], "datatype": "UINT8", "data": []})",
                            R"({"name": "image", "shape": [1, -1, 3], "datatype": "UINT8", "data": []})",
                            R"({"name": "image", "shape": [1073741824, 1073741824, 3], "datatype": "UINT8", "data": []})",
                            R"({"name": "image", "shape": [1, 1, 3], "datatype": "FP32", "data": [1, 2, 3]})",
                            R"({"name": "image", "shape": [1], "datatype": "BYTES", "data": ["SlBF"]})",
                            R"({"name": "image", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]})",
                            R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8"})",
                            R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "parameters": {"binary_data_size": 3}})",
                            R"({"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "parameters": {"shared_memory_region": "a"}})",
                            R"({"name": "picture", "shape": [1, 1, 3], "datatype": "UINT8", "data": [1, 2, 3]})"})
        EXPECT_THAT(with(bad, expression), HasSubstr("400 bad_inference")) << bad;
    for (const char* bad : {R"({"name": "expression", "shape": [2], "datatype": "BYTES", "data": ["a"]})",
                            R"({"name": "expression", "shape": [1], "datatype": "BYTES", "data": [1]})",
                            R"({"name": "expression", "shape": [1], "datatype": "INT8", "data": [1]})", "1", "{}"})
        EXPECT_THAT(with(image, bad), HasSubstr("400 bad_inference")) << bad;
    EXPECT_THAT(with(image, R"({"name": "expression", "shape": [4], "datatype": "BYTES", "data": ["a", "b", "c", "d"]})"),
                HasSubstr("422 too_many_expressions"));
    EXPECT_THAT(with(R"({"name": "image", "shape": [40, 40, 3], "datatype": "UINT8", "data": []})", expression),
                HasSubstr("413 image_too_large: the picture has 1600 pixels, accepted are 1000"));
    EXPECT_THAT(with(image, image), HasSubstr("400 bad_inference: the input 'image' is not known or there twice"));
    EXPECT_THAT(refused(json_request("{\"inputs\": [" + image + "]}")), HasSubstr("one is missing"));
}

TEST(Inference, RefusesBinaryDataThatDoesNotFit) {
    const std::string image = packed({"JPEG"}), expressions = packed({"one"});
    const auto with = [&](std::size_t image_bytes, std::size_t expression_bytes, const std::string& tensors) {
        Json json;
        json["inputs"] = {binary_input("image", {1}, "BYTES", image_bytes),
                          binary_input("expression", {1}, "BYTES", expression_bytes)};
        return refused(binary_request(json, tensors));
    };
    EXPECT_EQ(with(8, 7, image + expressions), "it is not refused");
    EXPECT_THAT(with(8, 8, image + expressions), HasSubstr("1 bytes longer than the body"));
    EXPECT_THAT(with(8, 7, image + expressions + "x"), HasSubstr("1 bytes follow the last binary tensor"));
    EXPECT_THAT(with(7, 8, image + expressions), HasSubstr("image ends inside an element"));
    EXPECT_THAT(with(3, 7, image.substr(0, 3) + expressions), HasSubstr("image ends inside a length"));
    EXPECT_THAT(with(8, 14, image + expressions + expressions), HasSubstr("expression goes on after its 1 elements"));
    EXPECT_THAT(with(8, 0, image), HasSubstr("expression has other elements"));
    for (const char* length : {"x", "-1", "1000000", "99999999999999999999"}) {
        HttpRequest request = json_request("{}");
        request.headers.emplace_back("Inference-Header-Content-Length", length);
        EXPECT_THAT(refused(request), HasSubstr("Inference-Header-Content-Length is no length")) << length;
    }
}

TEST(Inference, RefusesOutputsThatDoNotExist) {
    const auto with = [](const std::string& outputs) {
        return refused(json_request(
            R"({"inputs": [{"name": "image", "shape": [1, 1, 3], "datatype": "UINT8", "data": [1, 2, 3]},
                           {"name": "expression", "shape": [1], "datatype": "BYTES", "data": ["a"]}], "outputs": )" + outputs + "}"));
    };
    EXPECT_EQ(with("[]"), "it is not refused");
    EXPECT_THAT(with(R"([{"name": "boxes"}])"), HasSubstr("there is no output 'boxes'"));
    EXPECT_THAT(with(R"([{"name": "box"}, {"name": "box"}])"), HasSubstr("asked for twice"));
    EXPECT_THAT(with(R"([{"name": "box", "parameters": {"classification": 3}}])"), HasSubstr("not supported"));
    EXPECT_THAT(with("1"), HasSubstr("400 bad_inference"));
}

GroundReply two_results() {
    GroundReply reply;
    reply.model = "m";
    reply.width = 3;
    reply.height = 1;
    reply.results.resize(2);
    reply.results[0].box_px = {0, 0.5F, 1, 1};
    reply.results[0].mask_counts = "12";
    reply.results[1].box_px = {1, 0, 3, 1};
    reply.results[1].mask_counts = "";
    reply.mask_pixels = std::string("\0\1\1\1\0\0", 6);
    return reply;
}

TEST(Inference, WritesBinaryTensorsBehindTheJson) {
    InferenceRequest request;
    request.id = "7";
    request.outputs = {{"box", true}, {"size", false}, {"rle", true}, {"mask", true}};
    const auto response = inference_response(request, two_results());
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].first, "Inference-Header-Content-Length");
    const std::size_t length = std::stoul(response.headers[0].second);
    const Json json = Json::parse(response.body.substr(0, length));
    EXPECT_EQ(json["id"], "7");
    EXPECT_EQ(json["model_name"], "m");
    EXPECT_EQ(json["outputs"][0].dump(), R"({"name":"box","datatype":"FP32","shape":[2,4],"parameters":{"binary_data_size":32}})");
    EXPECT_EQ(json["outputs"][1].dump(), R"({"name":"size","datatype":"INT32","shape":[2],"data":[1,3]})");
    EXPECT_EQ(json["outputs"][2].dump(), R"({"name":"rle","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":10}})");
    EXPECT_EQ(json["outputs"][3].dump(), R"({"name":"mask","datatype":"UINT8","shape":[2,1,3],"parameters":{"binary_data_size":6}})");
    const std::string tensors = response.body.substr(length);
    float box[8];
    ASSERT_EQ(tensors.size(), 32U + 10U + 6U);
    std::memcpy(box, tensors.data(), 32);
    EXPECT_THAT(box, ElementsAre(0, 0.5F, 1, 1, 1, 0, 3, 1));
    EXPECT_EQ(tensors.substr(32, 10), packed({"12", ""}));
    EXPECT_EQ(tensors.substr(42), two_results().mask_pixels);
}

TEST(Inference, WritesJsonAlone) {
    InferenceRequest request;
    request.outputs = {{"box", false}, {"rle", false}, {"mask", false}};
    const auto response = inference_response(request, two_results());
    EXPECT_TRUE(response.headers.empty());
    EXPECT_EQ(response.body,
              R"({"model_name":"m","model_version":"1","outputs":[{"name":"box","datatype":"FP32","shape":[2,4],"data":[0.0,0.5,1.0,1.0,1.0,0.0,3.0,1.0]},)"
              R"({"name":"rle","datatype":"BYTES","shape":[2],"data":["12",""]},{"name":"mask","datatype":"UINT8","shape":[2,1,3],"data":[0,1,1,1,0,0]}]})");
}

TEST(Inference, RefusesMasksThatAreTooLargeForJson) {
    InferenceRequest request;
    request.outputs = {{"mask", false}};
    GroundReply reply = two_results();
    reply.mask_pixels.assign(1'000'001, 1);
    EXPECT_THAT(refusal_of([&] { (void)inference_response(request, reply); }), HasSubstr("ask for them with binary_data"));
}

}  // namespace
}  // namespace vglaw::serve
