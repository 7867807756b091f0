// Computes an ONNX graph by the operators' definitions, in plain loops and double: the onnx package for C++ checks
// graphs but runs none. Only the operators and attributes that the export uses.
#pragma once

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace vglaw::onnx {

struct Array {
    std::vector<std::int64_t> shape;
    std::vector<double> values;  // integers and truths too

    [[nodiscard]] std::size_t rank() const { return shape.size(); }
    [[nodiscard]] std::vector<std::int64_t> integers() const { return {values.begin(), values.end()}; }
};
using Sizes = std::vector<std::int64_t>;

inline std::int64_t count(const Sizes& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

/// out[i...] = value(indices), over every index of `shape`, the last fastest.
inline Array make_array(const Sizes& shape, const std::function<double(const Sizes&)>& value) {
    Array out{shape, std::vector<double>(std::size_t(count(shape)))};
    Sizes index(shape.size(), 0);
    for (double& one : out.values) {
        one = value(index);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            if (++index[axis] < shape[axis]) break;
            index[axis] = 0;
        }
    }
    return out;
}

/// The element at the last indices of `index`; sizes of 1 stand for any.
inline double at(const Array& x, const Sizes& index) {
    std::int64_t place = 0;
    const std::size_t skip = index.size() - x.rank();
    for (std::size_t axis = 0; axis < x.rank(); ++axis)
        place = place * x.shape[axis] + (x.shape[axis] == 1 ? 0 : index[skip + axis]);
    return x.values.at(std::size_t(place));
}

inline Sizes broadcast(Sizes a, Sizes b) {
    if (a.size() < b.size()) a.swap(b);
    b.insert(b.begin(), a.size() - b.size(), 1);
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && a[i] != 1 && b[i] != 1) throw std::runtime_error("sizes do not broadcast");
        a[i] = std::max(a[i], b[i]);
    }
    return a;
}

inline Array elementwise(const Array& a, const Array& b, const std::function<double(double, double)>& f) {
    return make_array(broadcast(a.shape, b.shape), [&](const Sizes& i) { return f(at(a, i), at(b, i)); });
}

inline Array each(Array x, const std::function<double(double)>& f) {
    for (double& value : x.values) value = f(value);
    return x;
}

/// f over every run along the last axis.
inline Array each_row(Array x, const std::function<void(double*, std::size_t)>& f) {
    const auto width = std::size_t(x.shape.back());
    for (std::size_t i = 0; i < x.values.size(); i += width) f(x.values.data() + i, width);
    return x;
}

class GraphEvaluator {
public:
    explicit GraphEvaluator(const ::onnx::GraphProto& graph) : graph_(graph) {
        for (const auto& tensor : graph.initializer()) {
            Array array{{tensor.dims().begin(), tensor.dims().end()}, {}};
            const std::string& raw = tensor.raw_data();
            const bool integer = tensor.data_type() == ::onnx::TensorProto::INT64;
            for (std::size_t i = 0; i < raw.size(); i += integer ? 8 : 4) {
                std::int64_t whole = 0;
                float real = 0;
                std::memcpy(integer ? static_cast<void*>(&whole) : &real, raw.data() + i, integer ? 8 : 4);
                array.values.push_back(integer ? double(whole) : double(real));
            }
            constants_[tensor.name()] = std::move(array);
        }
    }

    std::map<std::string, Array> run(std::map<std::string, Array> values) const {
        values.insert(constants_.begin(), constants_.end());
        for (const auto& node : graph_.node()) {
            std::vector<Array> in;
            for (const auto& name : node.input()) in.push_back(name.empty() ? Array{} : values.at(name));
            values[node.output(0)] = compute(node, in);
        }
        std::map<std::string, Array> results;
        for (const auto& output : graph_.output()) results[output.name()] = values.at(output.name());
        return results;
    }

private:
    static const ::onnx::AttributeProto& attribute(const ::onnx::NodeProto& node, const std::string& name) {
        for (const auto& one : node.attribute())
            if (one.name() == name) return one;
        throw std::runtime_error(node.name() + " has no attribute " + name);
    }

    static Array matmul(const Array& a, const Array& b) {
        const std::int64_t inner = a.shape.back(), rows = a.shape[a.rank() - 2], columns = b.shape.back();
        if (b.shape[b.rank() - 2] != inner) throw std::runtime_error("MatMul: sizes differ");
        Sizes shape = broadcast({a.shape.begin(), a.shape.end() - 2}, {b.shape.begin(), b.shape.end() - 2});
        shape.insert(shape.end(), {rows, columns});
        return make_array(shape, [&](Sizes left) {
            Sizes right = left;
            double sum = 0;
            for (std::int64_t k = 0; k < inner; ++k) {
                left.back() = right[right.size() - 2] = k;
                sum += at(a, left) * at(b, right);
            }
            return sum;
        });
    }

    static Array reshape(const Array& x, Sizes shape) {
        for (std::size_t i = 0; i < shape.size(); ++i)
            if (shape[i] == 0) shape[i] = x.shape.at(i);
        for (auto& size : shape)
            if (size == -1) size = std::int64_t(x.values.size()) / -count(shape);
        if (count(shape) != std::int64_t(x.values.size())) throw std::runtime_error("Reshape: sizes do not fit");
        return {shape, x.values};
    }

    static Array transpose(const Array& x, const Sizes& order) {
        Sizes shape;
        for (const auto axis : order) shape.push_back(x.shape.at(std::size_t(axis)));
        return make_array(shape, [&](const Sizes& index) {
            Sizes from(index.size());
            for (std::size_t i = 0; i < order.size(); ++i) from[std::size_t(order[i])] = index[i];
            return at(x, from);
        });
    }

    static Array concat(const std::vector<Array>& parts, std::int64_t axis) {
        const auto along = std::size_t(axis < 0 ? axis + std::int64_t(parts[0].rank()) : axis);
        Sizes shape = parts[0].shape;
        for (std::size_t i = 1; i < parts.size(); ++i) shape[along] += parts[i].shape.at(along);
        return make_array(shape, [&](Sizes index) {
            std::size_t part = 0;
            while (index[along] >= parts[part].shape[along]) index[along] -= parts[part++].shape[along];
            return at(parts[part], index);
        });
    }

    static Array gather(const Array& x, const Array& indices, std::int64_t axis) {
        Sizes shape(x.shape.begin(), x.shape.begin() + axis);
        shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
        shape.insert(shape.end(), x.shape.begin() + axis + 1, x.shape.end());
        return make_array(shape, [&](const Sizes& index) {
            const auto first = index.begin() + axis, last = first + std::ptrdiff_t(indices.rank());
            Sizes from(index.begin(), first);
            from.push_back(std::int64_t(at(indices, {first, last})));
            from.insert(from.end(), last, index.end());
            return at(x, from);
        });
    }

    static Array slice(const Array& x, const Sizes& starts, const Sizes& ends, const Sizes& axes) {
        Sizes shape = x.shape, offset(x.rank(), 0);
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const auto axis = std::size_t(axes[i]);
            offset[axis] = starts[i];
            shape[axis] = std::min(ends[i], x.shape[axis]) - starts[i];
        }
        return make_array(shape, [&](Sizes index) {
            for (std::size_t i = 0; i < index.size(); ++i) index[i] += offset[i];
            return at(x, index);
        });
    }

    static Array pad(const Array& x, const Sizes& pads) {
        Sizes shape = x.shape;
        for (std::size_t i = 0; i < x.rank(); ++i) shape[i] += pads[i] + pads[x.rank() + i];
        return make_array(shape, [&](Sizes index) {
            for (std::size_t i = 0; i < index.size(); ++i) {
                index[i] -= pads[i];
                if (index[i] < 0 || index[i] >= x.shape[i]) return 0.0;
            }
            return at(x, index);
        });
    }

    /// Linear over the last two axes, corners aligned.
    static Array resize(const Array& x, const Sizes& shape) {
        return make_array(shape, [&](const Sizes& index) {
            double sum = 0;
            Sizes cell = index;
            double share[2];
            std::int64_t first[2];
            for (std::size_t i = 0; i < 2; ++i) {
                const double place = double(index[2 + i]) * double(x.shape[2 + i] - 1) / double(shape[2 + i] - 1);
                first[i] = std::min(std::int64_t(place), x.shape[2 + i] - 2);
                share[i] = place - double(first[i]);
            }
            for (int corner = 0; corner < 4; ++corner) {
                cell[2] = first[0] + corner / 2;
                cell[3] = first[1] + corner % 2;
                sum += at(x, cell) * (corner / 2 ? share[0] : 1 - share[0]) * (corner % 2 ? share[1] : 1 - share[1]);
            }
            return sum;
        });
    }

    /// Kernel and stride 2: weight (in, out, 2, 2).
    static Array conv_transpose(const Array& x, const Array& weight, const Array& bias) {
        return make_array({x.shape[0], weight.shape[1], 2 * x.shape[2], 2 * x.shape[3]}, [&](const Sizes& i) {
            double sum = bias.values[std::size_t(i[1])];
            for (std::int64_t c = 0; c < x.shape[1]; ++c)
                sum += at(x, {i[0], c, i[2] / 2, i[3] / 2}) * at(weight, {c, i[1], i[2] % 2, i[3] % 2});
            return sum;
        });
    }

    /// Over axis 1 of three.
    static Array reduce(const Array& x, bool mean) {
        return make_array({x.shape[0], x.shape[2]}, [&](const Sizes& i) {
            double sum = 0, most = at(x, {i[0], 0, i[1]});
            for (std::int64_t k = 0; k < x.shape[1]; ++k) {
                sum += at(x, {i[0], k, i[1]});
                most = std::max(most, at(x, {i[0], k, i[1]}));
            }
            return mean ? sum / double(x.shape[1]) : most;
        });
    }

    static Array layer_norm(const std::vector<Array>& in, double eps) {
        return each_row(in[0], [&](double* row, std::size_t n) {
            const double mean = std::accumulate(row, row + n, 0.0) / double(n);
            double squares = 0;
            for (std::size_t i = 0; i < n; ++i) squares += (row[i] - mean) * (row[i] - mean);
            const double scale = 1 / std::sqrt(squares / double(n) + eps);
            for (std::size_t i = 0; i < n; ++i) row[i] = (row[i] - mean) * scale * in[1].values[i] + in[2].values[i];
        });
    }

    static Array softmax(const Array& x) {
        return each_row(x, [](double* row, std::size_t n) {
            const double most = *std::max_element(row, row + n);
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += row[i] = std::exp(row[i] - most);
            for (std::size_t i = 0; i < n; ++i) row[i] /= sum;
        });
    }

    static Array compute(const ::onnx::NodeProto& node, const std::vector<Array>& in) {
        const std::string& op = node.op_type();
        const auto number = [&](const char* name) { return attribute(node, name).i(); };
        if (op == "MatMul") return matmul(in[0], in[1]);
        if (op == "Add") return elementwise(in[0], in[1], std::plus<>());
        if (op == "Mul") return elementwise(in[0], in[1], std::multiplies<>());
        if (op == "Div") return elementwise(in[0], in[1], std::divides<>());
        if (op == "Erf") return each(in[0], [](double x) { return std::erf(x); });
        if (op == "Relu") return each(in[0], [](double x) { return std::max(x, 0.0); });
        if (op == "Sigmoid") return each(in[0], [](double x) { return 1 / (1 + std::exp(-x)); });
        if (op == "Cast") return each(in[0], [](double x) { return x != 0; });  // to truths
        if (op == "Reshape") return reshape(in[0], in[1].integers());
        if (op == "Concat") return concat(in, number("axis"));
        if (op == "Softmax") return softmax(in[0]);
        if (op == "LayerNormalization") return layer_norm(in, attribute(node, "epsilon").f());
        if (op == "Slice") return slice(in[0], in[1].integers(), in[2].integers(), in[3].integers());
        if (op == "Pad") return pad(in[0], in[1].integers());
        if (op == "Resize") return resize(in[0], in[3].integers());
        if (op == "ConvTranspose") return conv_transpose(in[0], in[1], in[2]);
        if (op == "ReduceMean" || op == "ReduceMax") return reduce(in[0], op == "ReduceMean");
        if (op == "Gather") return gather(in[0], in[1], node.attribute_size() == 0 ? 0 : number("axis"));
        if (op == "Transpose") {
            const auto& order = attribute(node, "perm").ints();
            return transpose(in[0], {order.begin(), order.end()});
        }
        if (op == "Shape") {
            Array shape{{number("end") - number("start")}, {}};
            for (auto i = number("start"); i < number("end"); ++i)
                shape.values.push_back(double(in[0].shape[std::size_t(i)]));
            return shape;
        }
        if (op == "Unsqueeze") {
            Sizes shape = in[0].shape;
            for (const auto axis : in[1].integers()) shape.insert(shape.begin() + axis, 1);
            return reshape(in[0], shape);
        }
        if (op == "Where") {
            return make_array(broadcast(in[0].shape, broadcast(in[1].shape, in[2].shape)),
                              [&](const Sizes& i) { return at(in[0], i) != 0 ? at(in[1], i) : at(in[2], i); });
        }
        throw std::runtime_error("the test's evaluator has no " + op);
    }

    const ::onnx::GraphProto& graph_;
    std::map<std::string, Array> constants_;
};

}  // namespace vglaw::onnx
