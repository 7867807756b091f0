// vglaw's C++ interface, C++17, over vglaw.h: the library's ABI is C, so any compiler and standard library fit.
//
//     vglaw::api::Grounder grounder(vglaw::api::Options{"scenes-small.safetensors"});
//     for (const auto& found : grounder.ground({pixels, width, height}, {"the red ball"})) use(found.box, found.mask);
//
// Everything throws vglaw::api::Error. One Grounder a thread; a Model is shared by as many as wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "vglaw.h"  // beside this one, in the source tree and installed

namespace vglaw::api {

/// One line: what, where, what to do.
class Error : public std::runtime_error {
public:
    Error(vglaw_status code, const char* message) : std::runtime_error(message), code_(code) {}
    [[nodiscard]] vglaw_status code() const noexcept { return code_; }

private:
    vglaw_status code_;
};

inline void check(vglaw_status status) {
    if (status != VGLAW_OK) throw Error(status, vglaw_last_error());
}

/// Borrowed pixels, 8 bits a channel, rows from the top.
struct ImageView {
    const std::uint8_t* data = nullptr;
    int width = 0, height = 0;
    int channels = 3;        ///< 3: RGB, 4: RGBA
    std::size_t stride = 0;  ///< bytes from a row to the next; 0: width * channels
};

/// Pixels of the picture; pixel column i spans [i, i + 1].
struct Box {
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

/// One expression's answer. Copies share the mask.
struct Grounding {
    std::string expression;
    Box box;
    int width = 0, height = 0;           ///< the picture's
    const std::uint8_t* mask = nullptr;  ///< (height, width), 1 inside; lives as long as this object or a copy
    std::size_t mask_area = 0;           ///< px
    int tokens_given = 0, tokens_read = 0;
    bool truncated = false;  ///< the expression is longer than the model reads
    double milliseconds = 0;
    /// COCO's compressed counts of the mask.
    [[nodiscard]] std::string rle() const {
        const char* counts = nullptr;
        check(vglaw_result_rle(held.get(), index, &counts));
        return counts;
    }

    std::shared_ptr<const vglaw_result> held;  ///< what the mask belongs to, and where it stands there
    std::size_t index = 0;
};

/// Where the model looked and which words each block heard.
struct Explanation {
    std::vector<std::string> tokens;     ///< [CLS], word pieces, [SEP]: L of them
    int grid = 0;                        ///< cells along one side of the canvas
    std::vector<float> pool_attention;   ///< (grid, grid), sums to 1 over the canvas; empty: pools by maximum
    std::vector<int> blocks;             ///< B blocks that adapt to the words, from 0
    int groups = 0;                      ///< G
    std::vector<float> token_attention;  ///< (B, G, L), sums to 1 over L
    int canvas_size = 0, left = 0, top = 0, placed_width = 0, placed_height = 0;  ///< the picture on the canvas, px
    int tokens_given = 0;
    bool truncated = false;
};

/// A model file, opened, checked and packed. Copies share it.
class Model {
public:
    /// threads: that pack it; 0 is every core.
    explicit Model(const std::string& path, int threads = 0) {
        const vglaw_model_options options{sizeof(options), threads};
        vglaw_model* model = nullptr;
        check(vglaw_model_open(path.c_str(), &options, &model));
        handle_.reset(model, vglaw_model_destroy);
    }
    [[nodiscard]] vglaw_model_info info() const {
        vglaw_model_info info{};
        info.struct_size = sizeof(info);
        check(vglaw_model_get(handle_.get(), &info));
        return info;
    }
    [[nodiscard]] const vglaw_model* handle() const { return handle_.get(); }

private:
    std::shared_ptr<vglaw_model> handle_;
};

struct Options {
    std::string model;         ///< the file; not used where a Model is given
    int threads = 0;           ///< of a call; 0 is every core
    float mask_threshold = 0;  ///< a pixel is in the mask above this probability; 0: the model's own
};

/// The buffers of one caller over a model. Move-only; one thread at a time.
class Grounder {
public:
    explicit Grounder(const Options& options) : Grounder(Model(options.model, options.threads), options) {}
    explicit Grounder(const Model& model, const Options& options = {}) {
        const vglaw_grounder_options given{sizeof(given), options.threads, options.mask_threshold};
        vglaw_grounder* grounder = nullptr;
        check(vglaw_grounder_create(model.handle(), &given, &grounder));
        handle_.reset(grounder);
    }

    /// One answer an expression, in order; the picture is prepared once.
    [[nodiscard]] std::vector<Grounding> ground(const ImageView& image, const std::vector<std::string>& expressions) {
        std::vector<const char*> words;
        for (const auto& expression : expressions) words.push_back(text(expression));
        const vglaw_image view = pixels(image);
        vglaw_result* result = nullptr;
        check(vglaw_ground(handle_.get(), &view, words.data(), words.size(), &result));
        const std::shared_ptr<const vglaw_result> held(
            result, [](const vglaw_result* done) { vglaw_result_destroy(const_cast<vglaw_result*>(done)); });
        std::vector<Grounding> found;
        for (std::size_t i = 0; i < words.size(); ++i) found.push_back(answer(held, i));
        return found;
    }

    /// One more run.
    [[nodiscard]] Explanation explain(const ImageView& image, const std::string& expression) {
        const vglaw_image view = pixels(image);
        vglaw_explanation* made = nullptr;
        check(vglaw_explain(handle_.get(), &view, text(expression), &made));
        const std::unique_ptr<vglaw_explanation, void (*)(vglaw_explanation*)> held(made, vglaw_explanation_destroy);
        vglaw_explained from{};
        from.struct_size = sizeof(from);
        check(vglaw_explanation_get(made, &from));
        const auto cells = std::size_t(from.grid) * std::size_t(from.grid), blocks = std::size_t(from.block_count),
                   weights = blocks * std::size_t(from.groups) * std::size_t(from.token_count);
        Explanation to;
        to.tokens.assign(from.tokens, from.tokens + from.token_count);
        to.grid = from.grid;
        if (from.pool_attention != nullptr) to.pool_attention.assign(from.pool_attention, from.pool_attention + cells);
        if (from.token_attention != nullptr) {
            to.blocks.assign(from.blocks, from.blocks + blocks);
            to.groups = from.groups;
            to.token_attention.assign(from.token_attention, from.token_attention + weights);
        }
        to.canvas_size = from.canvas_size;
        to.left = from.left;
        to.top = from.top;
        to.placed_width = from.placed_width;
        to.placed_height = from.placed_height;
        to.tokens_given = from.tokens_given;
        to.truncated = from.truncated != 0;
        return to;
    }

private:
    struct Destroy {
        void operator()(vglaw_grounder* grounder) const { vglaw_grounder_destroy(grounder); }
    };
    static vglaw_image pixels(const ImageView& image) {
        return {image.data, image.width, image.height, image.channels, image.stride};
    }
    /// C would silently end the expression at a 0.
    static const char* text(const std::string& expression) {
        if (expression.find('\0') != std::string::npos)
            throw Error(VGLAW_INVALID_ARGUMENT, "the expression holds a zero byte; give text");
        return expression.c_str();
    }
    static Grounding answer(const std::shared_ptr<const vglaw_result>& held, std::size_t index) {
        vglaw_found from{};
        from.struct_size = sizeof(from);
        check(vglaw_result_get(held.get(), index, &from));
        Grounding to;
        to.expression = from.expression;
        to.box = {from.x0, from.y0, from.x1, from.y1};
        to.width = from.width;
        to.height = from.height;
        to.mask = from.mask;
        to.mask_area = std::size_t(from.mask_area);
        to.tokens_given = from.tokens_given;
        to.tokens_read = from.tokens_read;
        to.truncated = from.truncated != 0;
        to.milliseconds = from.milliseconds;
        to.held = held;
        to.index = index;
        return to;
    }

    std::unique_ptr<vglaw_grounder, Destroy> handle_;
};

}  // namespace vglaw::api
