#include "vglaw/engine/product.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <oneapi/dnnl/dnnl.hpp>

#include "vglaw/core/error.h"

namespace vglaw::engine {
namespace {

using dnnl::memory;

/// oneDNN's handle on the CPU; it has no state of ours.
const dnnl::engine& cpu() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

/// The packed order is asked for at this many rows; the order does not depend on them beyond very few.
constexpr int rows_of_the_order = 256;

memory::desc matrix(int rows, int columns) { return {{rows, columns}, memory::data_type::f32, memory::format_tag::ab}; }

dnnl::matmul::primitive_desc describe(int rows, int in, int out, const memory::desc& weights, bool bias,
                                      Epilogue epilogue) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    dnnl::post_ops after;
    if (epilogue.gelu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_gelu_erf, 0.0f, 0.0f);
    if (epilogue.add) after.append_sum(1.0f);
    attributes.set_post_ops(after);
    const auto x = matrix(rows, in), y = matrix(rows, out);
    const memory::desc b({1, out}, memory::data_type::f32, memory::format_tag::ab);
    return {bias ? dnnl::matmul::desc(x, weights, b, y) : dnnl::matmul::desc(x, weights, y), attributes, cpu()};
}

[[noreturn]] void refused(const dnnl::error& error, int rows, int in, int out) {
    fail(ErrorCode::internal, "oneDNN refuses a product of ({}, {}) by ({}, {}): {}", rows, in, in, out, error.what());
}

}  // namespace

struct PackedLinear::Packed {
    Floats numbers;
    memory weights;  // {in, out} in oneDNN's own order, over the numbers
    Floats bias;
};

std::size_t PackedLinear::bytes() const {
    return packed_ ? packed_->weights.get_desc().get_size() + packed_->bias.size() * sizeof(float) : 0;
}

const float* PackedLinear::bias() const { return packed_ && packed_->bias.size() > 0 ? packed_->bias.data() : nullptr; }

PackedLinear pack_linear(const float* weight, const float* bias, int in, int out) {
    try {
        auto packed = std::make_shared<PackedLinear::Packed>();
        const memory::desc any({in, out}, memory::data_type::f32, memory::format_tag::any);
        const auto order = describe(rows_of_the_order, in, out, any, bias != nullptr, {}).weights_desc();
        packed->numbers = Floats(order.get_size() / sizeof(float));
        packed->weights = memory(order, cpu(), packed->numbers.data());
        // (out, in) row-major is {in, out} column-major
        const memory::desc given({in, out}, memory::data_type::f32, memory::format_tag::ba);
        memory source(given, cpu(), const_cast<float*>(weight));
        dnnl::stream stream(cpu());
        dnnl::reorder(source, packed->weights).execute(stream, source, packed->weights);
        stream.wait();
        if (bias) {
            packed->bias = Floats(std::size_t(out));
            std::copy_n(bias, out, packed->bias.data());
        }
        PackedLinear layer;
        layer.in_ = in;
        layer.out_ = out;
        layer.packed_ = std::move(packed);
        return layer;
    } catch (const dnnl::error& error) {
        refused(error, rows_of_the_order, in, out);
    }
}

struct Product::Planned {
    std::shared_ptr<const PackedLinear::Packed> packed;  // keeps the weights alive
    dnnl::matmul primitive;
    dnnl::stream stream;
    memory x, y, bias, scratchpad;
    std::array<dnnl_exec_arg_t, 5> arguments{};
    int count = 0;

    void argument(int kind, const memory& what) { arguments[std::size_t(count++)] = {kind, what.get()}; }
};

Product::Product(const PackedLinear& layer, int rows, const float* x, float* y, Epilogue epilogue)
    : operations_(2.0 * rows * layer.in() * layer.out()) {
    try {
        const auto& packed = layer.packed_;
        const bool bias = layer.bias() != nullptr;
        auto planned = std::make_shared<Planned>();
        const auto described = describe(rows, layer.in(), layer.out(), packed->weights.get_desc(), bias, epilogue);
        planned->packed = packed;
        planned->primitive = dnnl::matmul(described);
        planned->stream = dnnl::stream(cpu());
        planned->x = memory(described.src_desc(), cpu(), const_cast<float*>(x));
        planned->y = memory(described.dst_desc(), cpu(), y);
        planned->scratchpad = memory(described.scratchpad_desc(), cpu());
        planned->argument(DNNL_ARG_SRC, planned->x);
        planned->argument(DNNL_ARG_WEIGHTS, packed->weights);
        planned->argument(DNNL_ARG_DST, planned->y);
        planned->argument(DNNL_ARG_SCRATCHPAD, planned->scratchpad);
        if (bias) {
            planned->bias = memory(described.bias_desc(), cpu(), const_cast<float*>(layer.bias()));
            planned->argument(DNNL_ARG_BIAS, planned->bias);
        }
        planned_ = std::move(planned);
    } catch (const dnnl::error& error) {
        refused(error, rows, layer.in(), layer.out());
    }
}

void Product::run() const {
    // The C interface: the C++ one would build a map of the arguments for every call.
    const auto status = dnnl_primitive_execute(planned_->primitive.get(), planned_->stream.get(), planned_->count,
                                               planned_->arguments.data());
    if (status != dnnl_success) fail(ErrorCode::internal, "oneDNN failed in a product: status {}", int(status));
}

const char* products_by() {
    static const std::string name = [] {
        const auto* version = dnnl_version();
        return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
    }();
    return name.c_str();
}

}  // namespace vglaw::engine
