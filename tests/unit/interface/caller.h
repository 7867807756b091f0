// What the interface's tests call with: the shipped model, a picture, handles that end by themselves.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vglaw/image/decode.h"
#include "vglaw/interface/vglaw.h"

namespace vglaw::interface {

inline const std::string shipped_model = VGLAW_SOURCE_DIR "/models/scenes-small.safetensors";

struct Destroy {
    void operator()(vglaw_model* handle) const { vglaw_model_destroy(handle); }
    void operator()(vglaw_grounder* handle) const { vglaw_grounder_destroy(handle); }
    void operator()(vglaw_result* handle) const { vglaw_result_destroy(handle); }
    void operator()(vglaw_explanation* handle) const { vglaw_explanation_destroy(handle); }
};
template <typename Handle>
using Owned = std::unique_ptr<Handle, Destroy>;

inline Owned<vglaw_model> open_model(const std::string& path = shipped_model) {
    vglaw_model* model = nullptr;
    EXPECT_EQ(vglaw_model_open(path.c_str(), nullptr, &model), VGLAW_OK) << vglaw_last_error();
    return Owned<vglaw_model>(model);
}

/// On one thread where nothing else is asked: the tests are about more than speed.
inline Owned<vglaw_grounder> make_grounder(const vglaw_model* model, float mask_threshold = 0, int threads = 1) {
    const vglaw_grounder_options options{sizeof(options), threads, mask_threshold};
    vglaw_grounder* grounder = nullptr;
    EXPECT_EQ(vglaw_grounder_create(model, &options, &grounder), VGLAW_OK) << vglaw_last_error();
    return Owned<vglaw_grounder>(grounder);
}

/// A generated scene, and its pixels as a caller holds them.
struct Picture {
    Image image = load_image(VGLAW_SOURCE_DIR "/examples/demo/scene.jpg");
    [[nodiscard]] vglaw_image view() const { return {image.rgb.data(), image.width, image.height, 3, 0}; }
};

inline Owned<vglaw_result> ground(vglaw_grounder* grounder, const vglaw_image& image,
                                  const std::vector<const char*>& expressions) {
    vglaw_result* result = nullptr;
    EXPECT_EQ(vglaw_ground(grounder, &image, expressions.data(), expressions.size(), &result), VGLAW_OK)
        << vglaw_last_error();
    return Owned<vglaw_result>(result);
}

inline vglaw_found found_at(const Owned<vglaw_result>& result, std::size_t index) {
    vglaw_found found{};
    found.struct_size = sizeof(found);
    EXPECT_EQ(vglaw_result_get(result.get(), index, &found), VGLAW_OK) << vglaw_last_error();
    return found;
}

inline std::vector<std::uint8_t> mask_of(const vglaw_found& found) {
    return {found.mask, found.mask + std::size_t(found.width) * std::size_t(found.height)};
}

/// Of a call that failed: its one line, without a full stop. "accepted" when it did not.
inline std::string refusal(vglaw_status expected, vglaw_status status) {
    if (status == VGLAW_OK) return "accepted";
    std::string message = vglaw_last_error();
    EXPECT_EQ(status, expected) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(message.ends_with('.')) << message;
    return message;
}

}  // namespace vglaw::interface
