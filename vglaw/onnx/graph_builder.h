// Builds an ONNX graph node by node. A value is its name in the graph; every node names its only output.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace vglaw::onnx {

using Value = std::string;
using Shape = std::vector<std::int64_t>;

struct Attribute {
    const char* name;
    std::variant<std::int64_t, float, std::string, Shape> value;
};

/// A named size that is free, or a fixed one.
using Dimension = std::variant<const char*, std::int64_t>;

class GraphBuilder {
public:
    explicit GraphBuilder(::onnx::GraphProto& graph) : graph_(graph) {}

    /// The nodes that follow are named "scope/...".
    void set_scope(const std::string& scope) { scope_ = scope; }

    Value input(const std::string& name, int type, const std::vector<Dimension>& shape, const std::string& meaning);
    /// The value gets this name, and is one of the graph's results.
    void output(const Value& value, const std::string& name, const std::vector<Dimension>& shape,
                const std::string& meaning);

    /// An initializer under its own name, whatever the scope; `data` has as many values as the shape says.
    Value weights(const std::string& name, const Shape& shape, std::span<const float> data);
    /// The same number or list of numbers is stored once a graph.
    Value scalar(float value);
    Value integers(const Shape& values);
    /// Without a dimension.
    Value integer(std::int64_t value);

    Value node(const char* op, const std::vector<Value>& inputs, const std::vector<Attribute>& attributes = {});

    Value add(const Value& a, const Value& b) { return node("Add", {a, b}); }
    Value multiply(const Value& a, const Value& b) { return node("Mul", {a, b}); }
    Value matmul(const Value& a, const Value& b) { return node("MatMul", {a, b}); }
    /// At most one size may be -1, what is left; 0 keeps the input's at the same place.
    Value reshape(const Value& x, const Shape& shape) { return node("Reshape", {x, integers(shape)}); }
    Value transpose(const Value& x, const Shape& order) { return node("Transpose", {x}, {{"perm", order}}); }
    Value concat(const std::vector<Value>& parts, std::int64_t axis) { return node("Concat", parts, {{"axis", axis}}); }
    Value softmax(const Value& x) { return node("Softmax", {x}, {{"axis", std::int64_t{-1}}}); }
    /// Over the last axis.
    Value layer_norm(const Value& x, const Value& weight, const Value& bias, float eps);
    /// 0.5 x (1 + erf(x / sqrt 2)), in the order of nodes that runtimes know and fuse: opset 17 has no Gelu.
    Value gelu(const Value& x);

private:
    std::string fresh_name(const std::string& name);

    ::onnx::GraphProto& graph_;
    std::string scope_;
    std::map<std::string, int> used_;
    std::map<float, Value> scalars_;
    std::map<Shape, Value> integers_;
    std::map<std::int64_t, Value> integer_;
};

}  // namespace vglaw::onnx
