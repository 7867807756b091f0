#include "vglaw/onnx/graph_builder.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "vglaw/core/error.h"

namespace vglaw::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

void describe(::onnx::ValueInfoProto& value, const std::string& name, int type, const std::vector<Dimension>& shape,
              const std::string& meaning) {
    value.set_name(name);
    value.set_doc_string(meaning);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const auto& size : shape) {
        auto& dimension = *tensor.mutable_shape()->add_dim();
        if (const auto* free = std::get_if<const char*>(&size)) {
            dimension.set_dim_param(*free);
        } else {
            dimension.set_dim_value(std::get<std::int64_t>(size));
        }
    }
}

::onnx::TensorProto& add_initializer(::onnx::GraphProto& graph, const std::string& name, int type, const Shape& shape) {
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const auto size : shape) tensor.add_dims(size);
    return tensor;
}

struct SetValue {
    ::onnx::AttributeProto& attribute;
    void operator()(std::int64_t value) const {
        attribute.set_type(::onnx::AttributeProto::INT);
        attribute.set_i(value);
    }
    void operator()(float value) const {
        attribute.set_type(::onnx::AttributeProto::FLOAT);
        attribute.set_f(value);
    }
    void operator()(const std::string& value) const {
        attribute.set_type(::onnx::AttributeProto::STRING);
        attribute.set_s(value);
    }
    void operator()(const Shape& values) const {
        attribute.set_type(::onnx::AttributeProto::INTS);
        for (const auto value : values) attribute.add_ints(value);
    }
};

}  // namespace

std::string GraphBuilder::fresh_name(const std::string& name) {
    const int before = used_[name]++;
    return before == 0 ? name : name + "_" + std::to_string(before);
}

Value GraphBuilder::input(const std::string& name, int type, const std::vector<Dimension>& shape,
                          const std::string& meaning) {
    describe(*graph_.add_input(), name, type, shape, meaning);
    return name;
}

void GraphBuilder::output(const Value& value, const std::string& name, const std::vector<Dimension>& shape,
                          const std::string& meaning) {
    for (auto& node : *graph_.mutable_node()) {
        for (auto& input : *node.mutable_input()) {
            if (input == value) input = name;
        }
        for (auto& output : *node.mutable_output()) {
            if (output == value) output = name;
        }
    }
    describe(*graph_.add_output(), name, ::onnx::TensorProto::FLOAT, shape, meaning);
}

Value GraphBuilder::weights(const std::string& name, const Shape& shape, std::span<const float> data) {
    auto& tensor = add_initializer(graph_, fresh_name(name), ::onnx::TensorProto::FLOAT, shape);
    std::size_t count = 1;
    for (const auto size : shape) count *= std::size_t(size);
    if (count != data.size())
        fail(ErrorCode::internal, "{} values for the {} of initializer {}", data.size(), count, tensor.name());
    tensor.set_raw_data(data.data(), data.size_bytes());
    return tensor.name();
}

Value GraphBuilder::scalar(float value) {
    auto& name = scalars_[value];
    if (name.empty()) {
        name = "scalar_" + std::to_string(scalars_.size());
        add_initializer(graph_, name, ::onnx::TensorProto::FLOAT, {}).set_raw_data(&value, sizeof(value));
    }
    return name;
}

Value GraphBuilder::integers(const Shape& values) {
    auto& name = integers_[values];
    if (name.empty()) {
        name = "integers_" + std::to_string(integers_.size());
        add_initializer(graph_, name, ::onnx::TensorProto::INT64, {std::int64_t(values.size())})
            .set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
    }
    return name;
}

Value GraphBuilder::integer(std::int64_t value) {
    auto& name = integer_[value];
    if (name.empty()) {
        name = "integer_" + std::to_string(value);
        add_initializer(graph_, name, ::onnx::TensorProto::INT64, {}).set_raw_data(&value, sizeof(value));
    }
    return name;
}

Value GraphBuilder::node(const char* op, const std::vector<Value>& inputs, const std::vector<Attribute>& attributes) {
    auto& node = *graph_.add_node();
    node.set_op_type(op);
    node.set_name(fresh_name(scope_ + "/" + op));
    for (const auto& input : inputs) node.add_input(input);
    for (const auto& attribute : attributes) {
        auto& added = *node.add_attribute();
        added.set_name(attribute.name);
        std::visit(SetValue{added}, attribute.value);
    }
    node.add_output(node.name() + ":0");
    return node.output(0);
}

Value GraphBuilder::layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) {
    return node("LayerNormalization", {x, weight, bias}, {{"axis", std::int64_t{-1}}, {"epsilon", eps}});
}

Value GraphBuilder::gelu(const Value& x) {
    const Value erf = node("Erf", {node("Div", {x, scalar(std::numbers::sqrt2_v<float>)})});
    return multiply(multiply(x, add(erf, scalar(1))), scalar(0.5F));
}

}  // namespace vglaw::onnx
