#include <cstring>

#include "vglaw/serve/protocol/inference.h"

namespace vglaw::serve {
namespace {

constexpr std::size_t most_json_numbers = 1'000'000;

/// Little-endian, as the protocol wants it and the machines we run on have it.
template <typename Number>
void append(std::string& out, Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

struct Output {
    const char* datatype;
    std::vector<std::int64_t> shape;
    std::string bytes;
    Json data = Json::array();
};

Output output_of(const WantedOutput& wanted, const GroundReply& reply) {
    const auto count = std::int64_t(reply.results.size());
    if (wanted.name == "box") {
        Output box{"FP32", {count, 4}, {}, Json::array()};
        for (const auto& result : reply.results) {
            for (const float value : {result.box_px.x0, result.box_px.y0, result.box_px.x1, result.box_px.y1}) {
                wanted.binary ? append(box.bytes, value) : box.data.push_back(value);
            }
        }
        return box;
    }
    if (wanted.name == "rle") {
        Output rle{"BYTES", {count}, {}, Json::array()};
        for (const auto& result : reply.results) {
            if (!wanted.binary) {
                rle.data.push_back(result.mask_counts);
                continue;
            }
            append(rle.bytes, std::uint32_t(result.mask_counts.size()));
            rle.bytes += result.mask_counts;
        }
        return rle;
    }
    if (wanted.name == "size") {
        Output size{"INT32", {2}, {}, Json::array()};
        for (const std::int32_t side : {reply.height, reply.width}) {
            wanted.binary ? append(size.bytes, side) : size.data.push_back(side);
        }
        return size;
    }
    Output mask{"UINT8", {count, reply.height, reply.width}, {}, Json::array()};
    if (wanted.binary) {
        mask.bytes = reply.mask_pixels;
    } else {
        if (reply.mask_pixels.size() > most_json_numbers)
            refuse(400, "bad_inference", "masks of {} pixels are too large for JSON; ask for them with binary_data, or for rle",
                   reply.mask_pixels.size());
        for (const char pixel : reply.mask_pixels) mask.data.push_back(int(pixel));
    }
    return mask;
}

}  // namespace

HttpResponse inference_response(const InferenceRequest& request, const GroundReply& reply) {
    Json json;
    json["model_name"] = reply.model;
    json["model_version"] = "1";
    if (!request.id.empty()) json["id"] = printable_text(request.id);
    json["outputs"] = Json::array();
    std::string binary;
    bool any_binary = false;
    for (const auto& wanted : request.outputs) {
        Output output = output_of(wanted, reply);
        Json one;
        one["name"] = wanted.name;
        one["datatype"] = output.datatype;
        one["shape"] = output.shape;
        if (wanted.binary) {
            any_binary = true;
            one["parameters"]["binary_data_size"] = output.bytes.size();
            binary += output.bytes;
        } else {
            one["data"] = std::move(output.data);
        }
        json["outputs"].push_back(std::move(one));
    }
    HttpResponse response;
    response.body = json.dump();
    if (any_binary) {
        response.content_type = "application/octet-stream";
        response.headers.emplace_back("Inference-Header-Content-Length", std::to_string(response.body.size()));
        response.body += binary;
    }
    return response;
}

Json inference_metadata(const std::string& model) {
    const auto tensor = [](const char* name, const char* datatype, std::vector<int> shape) {
        Json json;
        json["name"] = name;
        json["datatype"] = datatype;
        json["shape"] = std::move(shape);
        return json;
    };
    Json json;
    json["name"] = model;
    json["versions"] = {"1"};
    json["platform"] = "vglaw";
    json["inputs"] = {tensor("image", "BYTES", {1}), tensor("expression", "BYTES", {-1})};
    json["outputs"] = {tensor("box", "FP32", {-1, 4}), tensor("rle", "BYTES", {-1}), tensor("mask", "UINT8", {-1, -1, -1}),
                       tensor("size", "INT32", {2})};
    return json;
}

Json inference_server(const std::string& version) {
    Json json;
    json["name"] = "vglaw";
    json["version"] = version;
    json["extensions"] = {"binary_tensor_data"};
    return json;
}

}  // namespace vglaw::serve
