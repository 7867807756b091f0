// The Python module over the public C++ interface: numpy pixels in, dicts out; vglaw/__init__.pyi is its description.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <variant>

#include "vglaw/interface/vglaw.hpp"

namespace py = pybind11;
namespace api = vglaw::api;
using namespace py::literals;

namespace {

/// A numpy array as the library sees it. Rows may lie apart; what is otherwise not in order is copied, into `held`.
struct Pixels {
    py::array held;
    api::ImageView view;
};

Pixels pixels_of(const py::array& image) {
    if (image.dtype().kind() != 'u' || image.dtype().itemsize() != 1)
        throw py::type_error("the image is of type " + std::string(py::str(image.dtype())) + "; give numpy.uint8");
    if (image.ndim() != 3) {
        throw api::Error(VGLAW_INVALID_ARGUMENT, ("the image has " + std::to_string(image.ndim()) +
                                                  " dimensions; give (height, width, 3) or (height, width, 4)")
                                                     .c_str());
    }
    constexpr py::ssize_t most = std::numeric_limits<std::int32_t>::max();
    for (int i = 0; i < 3; ++i) {
        if (image.shape(i) > most)
            throw api::Error(VGLAW_INVALID_ARGUMENT, "a side of the image is longer than 2147483647 pixels");
    }
    Pixels pixels{image, {}};
    const auto channels = image.shape(2), row = image.shape(1) * channels;
    if (image.strides(2) != 1 || image.strides(1) != channels || image.strides(0) < row)
        pixels.held = py::array_t<std::uint8_t, py::array::c_style | py::array::forcecast>(image);
    pixels.view = {static_cast<const std::uint8_t*>(pixels.held.data()), int(image.shape(1)), int(image.shape(0)),
                   int(channels), std::size_t(pixels.held.strides(0))};
    return pixels;
}

py::dict dict_of(const api::Grounding& found) {
    // The library's mask has 0 and 1 in bytes, as numpy's bool has.
    const py::array_t<bool> mask({found.height, found.width}, reinterpret_cast<const bool*>(found.mask));
    return py::dict(
        "expression"_a = found.expression,
        "box"_a = py::make_tuple(found.box.x0, found.box.y0, found.box.x1, found.box.y1), "mask"_a = mask,
        "mask_area"_a = found.mask_area,
        "rle"_a = py::dict("size"_a = std::vector<int>{found.height, found.width}, "counts"_a = found.rle()),
        "tokens_given"_a = found.tokens_given, "tokens_read"_a = found.tokens_read, "truncated"_a = found.truncated,
        "milliseconds"_a = found.milliseconds);
}

py::list ground(api::Grounder& grounder, const py::array& image,
                const std::variant<std::string, std::vector<std::string>>& expressions) {
    const Pixels pixels = pixels_of(image);
    const auto* const several = std::get_if<std::vector<std::string>>(&expressions);
    const auto words = several != nullptr ? *several : std::vector{std::get<std::string>(expressions)};
    std::vector<api::Grounding> found;
    {
        const py::gil_scoped_release others_run;
        found = grounder.ground(pixels.view, words);
    }
    py::list answers;
    for (const auto& one : found) answers.append(dict_of(one));
    return answers;
}

/// values as an array, or None when there are none.
py::object array_or_none(const std::vector<float>& values, const std::vector<py::ssize_t>& shape) {
    if (values.empty()) return py::none();
    return py::array_t<float>(shape, values.data());
}

py::dict explain(api::Grounder& grounder, const py::array& image, const std::string& expression) {
    const Pixels pixels = pixels_of(image);
    api::Explanation made;
    {
        const py::gil_scoped_release others_run;
        made = grounder.explain(pixels.view, expression);
    }
    const auto blocks = py::ssize_t(made.blocks.size()), tokens = py::ssize_t(made.tokens.size());
    return py::dict(
        "tokens"_a = made.tokens, "pool_attention"_a = array_or_none(made.pool_attention, {made.grid, made.grid}),
        "blocks"_a = made.blocks,
        "token_attention"_a = array_or_none(made.token_attention, {blocks, made.groups, tokens}),
        "placement"_a = py::dict("canvas_size"_a = made.canvas_size, "left"_a = made.left, "top"_a = made.top,
                                 "width"_a = made.placed_width, "height"_a = made.placed_height),
        "tokens_given"_a = made.tokens_given, "truncated"_a = made.truncated);
}

/// str, bytes or os.PathLike, in the bytes of the file system.
std::string path_of(const py::object& path) {
    return py::cast<std::string>(py::module_::import("os").attr("fsencode")(path));
}

api::Model open_model(const py::object& path, int threads) {
    const std::string file = path_of(path);
    const py::gil_scoped_release others_run;
    return api::Model(file, threads);
}

api::Grounder make_grounder(const py::object& model, int threads, std::optional<float> mask_threshold) {
    api::Options options;
    options.threads = threads;
    if (mask_threshold) {
        if (*mask_threshold == 0)
            throw api::Error(VGLAW_INVALID_ARGUMENT, "mask_threshold is 0; give a probability between 0 and 1");
        options.mask_threshold = *mask_threshold;
    }
    if (py::isinstance<api::Model>(model)) return api::Grounder(model.cast<api::Model&>(), options);
    return api::Grounder(open_model(model, threads), options);
}

}  // namespace

PYBIND11_MODULE(_vglaw, module) {
    module.attr("__version__") = vglaw_version();

    static const py::exception<api::Error> error(module, "Error", PyExc_RuntimeError);
    py::register_exception_translator([](std::exception_ptr thrown) {
        try {
            std::rethrow_exception(std::move(thrown));
        } catch (const api::Error& failure) {
            const py::object instance = py::handle(error)(failure.what());
            instance.attr("code") = vglaw_status_text(failure.code());
            PyErr_SetObject(error.ptr(), instance.ptr());
        }
    });

    py::class_<api::Model>(module, "Model")
        .def(py::init(&open_model), "path"_a, "threads"_a = 0)
        .def_property_readonly("image_size", [](const api::Model& model) { return model.info().image_size; })
        .def_property_readonly("max_tokens", [](const api::Model& model) { return model.info().max_tokens; })
        .def_property_readonly("packed_bytes", [](const api::Model& model) { return model.info().packed_bytes; })
        .def_property_readonly("instruction_set", [](const api::Model& model) { return model.info().instruction_set; })
        .def_property_readonly("products_by", [](const api::Model& model) { return model.info().products_by; });

    py::class_<api::Grounder>(module, "Grounder")
        .def(py::init(&make_grounder), "model"_a, "threads"_a = 0, "mask_threshold"_a = py::none())
        .def("ground", &ground, "image"_a, "expressions"_a)
        .def("explain", &explain, "image"_a, "expression"_a);
}
