#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "vglaw/serve/protocol/base64.h"
#include "vglaw/serve/protocol/bounded_json.h"
#include "vglaw/serve/protocol/inference.h"

namespace vglaw::serve {
namespace {

/// A picture as a list of numbers costs 16 bytes of memory a number; large ones are for the binary extension.
constexpr std::size_t most_json_values = 4'000'000;

std::string shown(std::string_view text) { return printable_text(text.substr(0, 60)); }

const Json& member(const Json& object, const char* name, const char* of) {
    const auto found = object.find(name);
    if (found == object.end()) refuse(400, "bad_inference", "{} has no \"{}\"", of, name);
    return *found;
}

std::string text_member(const Json& object, const char* name, const char* of) {
    const Json& value = member(object, name, of);
    if (!value.is_string()) refuse(400, "bad_inference", "\"{}\" of {} is a text", name, of);
    return value.get<std::string>();
}

/// The value of a parameter; null when there is none.
const Json* parameter(const Json& object, const char* name) {
    const auto parameters = object.find("parameters");
    if (parameters == object.end()) return nullptr;
    if (!parameters->is_object()) refuse(400, "bad_inference", "\"parameters\" is an object");
    const auto found = parameters->find(name);
    return found == parameters->end() ? nullptr : &*found;
}

bool switched_on(const Json& object, const char* name, bool otherwise) {
    const Json* value = parameter(object, name);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) refuse(400, "bad_inference", "the parameter \"{}\" is true or false", name);
    return value->get<bool>();
}

struct Tensor {
    std::string name, datatype;
    std::vector<std::int64_t> shape;
    std::size_t elements = 1;
    const Json* data = nullptr;               // one of the two
    std::optional<std::string_view> binary;
    bool base64 = false;
};

class Body {
public:
    Body(std::string_view body, std::string_view json_length) : json_(body) {
        if (json_length.empty()) return;
        std::size_t length = 0;
        const char* last = json_length.data() + json_length.size();
        const auto [end, error] = std::from_chars(json_length.data(), last, length);
        if (error != std::errc() || end != last || length > body.size())
            refuse(400, "bad_inference", "Inference-Header-Content-Length is no length within the body");
        json_ = body.substr(0, length);
        binary_ = body.substr(length);
    }
    [[nodiscard]] std::string_view json() const { return json_; }
    [[nodiscard]] std::size_t left() const { return binary_.size(); }
    std::string_view take(std::size_t bytes) {
        if (bytes > binary_.size())
            refuse(400, "bad_inference", "the binary tensors are {} bytes longer than the body", bytes - binary_.size());
        const std::string_view taken = binary_.substr(0, bytes);
        binary_.remove_prefix(bytes);
        return taken;
    }

private:
    std::string_view json_, binary_;
};

Tensor read_tensor(const Json& input, Body& body) {
    if (!input.is_object()) refuse(400, "bad_inference", "an input is an object");
    Tensor tensor;
    tensor.name = text_member(input, "name", "an input");
    tensor.datatype = text_member(input, "datatype", "an input");
    const Json& shape = member(input, "shape", "an input");
    if (!shape.is_array() || shape.empty() || shape.size() > 4)
        refuse(400, "bad_inference", "the shape of {} is a list of 1 to 4 numbers", shown(tensor.name));
    for (const auto& side : shape) {
        constexpr std::int64_t most = 1 << 30;
        if (!side.is_number_integer() || side.get<std::int64_t>() < 1 || side.get<std::int64_t>() > most)
            refuse(400, "bad_inference", "the shape of {} has a side that is not 1 or more", shown(tensor.name));
        tensor.shape.push_back(side.get<std::int64_t>());
        if (tensor.elements > std::size_t(most))
            refuse(400, "bad_inference", "the shape of {} has too many elements", shown(tensor.name));
        tensor.elements *= std::size_t(tensor.shape.back());
    }
    if (parameter(input, "shared_memory_region") != nullptr)
        refuse(400, "bad_inference", "shared memory is not supported; send {} in the request", shown(tensor.name));
    if (const Json* size = parameter(input, "binary_data_size")) {
        if (!size->is_number_unsigned()) refuse(400, "bad_inference", "binary_data_size is a number of bytes");
        tensor.binary = body.take(size->get<std::size_t>());
        if (input.contains("data")) refuse(400, "bad_inference", "{} has both data and binary data", shown(tensor.name));
        return tensor;
    }
    tensor.data = &member(input, "data", "an input without binary data");
    if (const Json* type = parameter(input, "content_type")) tensor.base64 = *type == "base64";
    return tensor;
}

/// Elements of a BYTES tensor: each its length in 4 bytes, little-endian, then its bytes.
std::vector<std::string> unpack(const Tensor& tensor, std::size_t most) {
    if (tensor.elements > most)
        refuse(422, "too_many_expressions", "{} has {} elements, accepted are {}", tensor.name, tensor.elements, most);
    std::vector<std::string> elements;
    if (tensor.binary) {
        for (std::string_view rest = *tensor.binary; !rest.empty();) {
            if (rest.size() < 4) refuse(400, "bad_inference", "{} ends inside a length", tensor.name);
            std::uint32_t size = 0;
            for (std::size_t i = 0; i < 4; ++i)
                size |= std::uint32_t(static_cast<unsigned char>(rest[i])) << (8 * i);
            rest.remove_prefix(4);
            if (size > rest.size()) refuse(400, "bad_inference", "{} ends inside an element", tensor.name);
            if (elements.size() == tensor.elements)
                refuse(400, "bad_inference", "{} goes on after its {} elements", tensor.name, tensor.elements);
            elements.emplace_back(rest.substr(0, size));
            rest.remove_prefix(size);
        }
    } else {
        // Nested lists are allowed; one of N lists of one text each is what some clients make of a column.
        std::vector<const Json*> open{tensor.data};
        while (!open.empty() && elements.size() <= tensor.elements) {
            const Json* value = open.back();
            open.pop_back();
            if (value->is_array()) {
                for (auto item = value->rbegin(); item != value->rend(); ++item) open.push_back(&*item);
            } else if (value->is_string()) {
                elements.push_back(value->get<std::string>());
            } else {
                refuse(400, "bad_inference", "{} holds something that is no text", tensor.name);
            }
        }
    }
    if (elements.size() != tensor.elements)
        refuse(400, "bad_inference", "{} has other elements than the {} of its shape", tensor.name, tensor.elements);
    return elements;
}

Image read_pixels(const Tensor& tensor, std::int64_t max_pixels) {
    constexpr std::int64_t longest_side = 65'500;
    const auto& shape = tensor.shape;
    if (shape.size() != 3 || shape[2] != 3 || shape[0] > longest_side || shape[1] > longest_side)
        refuse(400, "bad_inference", "an image of UINT8 has the shape [height, width, 3]");
    if (shape[0] * shape[1] > max_pixels)
        refuse(413, "image_too_large", "the picture has {} pixels, accepted are {}", shape[0] * shape[1], max_pixels);
    const std::size_t bytes = tensor.elements;
    if (tensor.binary) {
        if (tensor.binary->size() != bytes)
            refuse(400, "bad_inference", "image has {} bytes, its shape needs {}", tensor.binary->size(), bytes);
        Image image{static_cast<int>(shape[1]), static_cast<int>(shape[0])};
        std::memcpy(image.rgb.data(), tensor.binary->data(), bytes);
        return image;
    }
    std::vector<std::uint8_t> values;
    std::vector<const Json*> open{tensor.data};
    while (!open.empty()) {
        const Json* value = open.back();
        open.pop_back();
        if (value->is_array()) {
            for (auto item = value->rbegin(); item != value->rend(); ++item) open.push_back(&*item);
        } else if (value->is_number_unsigned() && value->get<std::uint64_t>() <= 255) {
            values.push_back(value->get<std::uint8_t>());
        } else {
            refuse(400, "bad_inference", "image holds something that is no number from 0 to 255");
        }
    }
    if (values.size() != bytes)
        refuse(400, "bad_inference", "image has {} numbers, its shape needs {}", values.size(), bytes);
    Image image{static_cast<int>(shape[1]), static_cast<int>(shape[0])};
    image.rgb = std::move(values);
    return image;
}

void read_image(const Tensor& tensor, std::int64_t max_pixels, GroundRequest& ground) {
    if (tensor.datatype == "UINT8") {
        ground.pixels = read_pixels(tensor, max_pixels);
        return;
    }
    if (tensor.datatype != "BYTES")
        refuse(400, "bad_inference", "image is BYTES [1] or UINT8 [height, width, 3], not {}", shown(tensor.datatype));
    if (tensor.elements != 1) refuse(400, "bad_inference", "there is one image in a request; its shape is [1]");
    ground.image = unpack(tensor, 1).front();
    if (!tensor.binary) {
        if (!tensor.base64) {
            refuse(400, "bad_inference",
                   "a picture in JSON is base64 and says so by \"parameters\": {{\"content_type\": \"base64\"}}; or send it as binary data");
        }
        ground.image = from_base64(ground.image);
    }
    if (ground.image.empty()) refuse(400, "no_image", "the image has no bytes");
}

void read_outputs(const Json& json, InferenceRequest& asked) {
    const bool binary = switched_on(json, "binary_data_output", false);
    const auto outputs = json.find("outputs");
    if (outputs == json.end() || (outputs->is_array() && outputs->empty())) {
        asked.outputs = {{"box", binary}, {"rle", binary}};
        return;
    }
    if (!outputs->is_array() || outputs->size() > 8) refuse(400, "bad_inference", "\"outputs\" is a list of box, rle, mask and size");
    for (const auto& output : *outputs) {
        if (!output.is_object()) refuse(400, "bad_inference", "an output is an object");
        const std::string name = text_member(output, "name", "an output");
        if (name != "box" && name != "rle" && name != "mask" && name != "size")
            refuse(400, "bad_inference", "there is no output '{}'; there are box, rle, mask and size", shown(name));
        for (const auto& other : asked.outputs) {
            if (other.name == name) refuse(400, "bad_inference", "the output {} is asked for twice", name);
        }
        if (parameter(output, "shared_memory_region") != nullptr || parameter(output, "classification") != nullptr)
            refuse(400, "bad_inference", "shared memory and classification are not supported for {}", name);
        asked.outputs.push_back({name, switched_on(output, "binary_data", binary)});
        if (name == "mask") asked.ground.mask_pixels = true;
    }
}

}  // namespace

InferenceRequest parse_inference_request(HttpRequest& request, const RequestLimits& limits, std::int64_t max_pixels) {
    const std::string_view encoding = request.header("content-encoding");
    if (!encoding.empty() && !same_word(encoding, "identity"))
        refuse(415, "unsupported_encoding", "Content-Encoding is not supported; send the body as it is");
    Body body(request.body, request.header("inference-header-content-length"));
    const Json json = parse_bounded(body.json(), {.values = most_json_values});
    if (!json.is_object()) refuse(400, "bad_inference", "the body is not a JSON object with \"inputs\"");
    InferenceRequest asked;
    if (json.contains("id")) asked.id = text_member(json, "id", "the request");
    if (asked.id.size() > 256) refuse(400, "bad_inference", "the id is longer than 256 bytes");
    const Json& inputs = member(json, "inputs", "the request");
    if (!inputs.is_array() || inputs.size() > 8) refuse(400, "bad_inference", "\"inputs\" is a list of image and expression");
    bool has_image = false, has_expressions = false;
    for (const auto& input : inputs) {
        const Tensor tensor = read_tensor(input, body);
        if (tensor.name == "image" && !has_image) {
            has_image = true;
            read_image(tensor, max_pixels, asked.ground);
        } else if (tensor.name == "expression" && !has_expressions) {
            has_expressions = true;
            if (tensor.datatype != "BYTES")
                refuse(400, "bad_inference", "expression is BYTES, not {}", shown(tensor.datatype));
            asked.ground.expressions = unpack(tensor, limits.expressions);
        } else {
            refuse(400, "bad_inference", "the input '{}' is not known or there twice; there are image and expression",
                   shown(tensor.name));
        }
    }
    if (!has_image || !has_expressions) refuse(400, "bad_inference", "the inputs are image and expression; one is missing");
    if (body.left() > 0) refuse(400, "bad_inference", "{} bytes follow the last binary tensor", body.left());
    read_outputs(json, asked);
    std::string().swap(request.body);
    return asked;
}

}  // namespace vglaw::serve
