// The public interface: a picture and expressions in, boxes and masks out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vglaw/image/image.h"
#include "vglaw/model/bundle.h"
#include "vglaw/model/forward.h"
#include "vglaw/model/grounding_steps.h"

namespace vglaw {

/// Everything the network saw and said for one expression, for --dump and for comparing implementations.
struct RawGrounding {
    std::vector<std::int64_t> ids;       ///< (L)
    std::vector<float> image;            ///< (3, S, S)
    std::vector<float> box;              ///< (4) cxcywh on the canvas
    std::vector<float> mask_logits;      ///< (S, S)
    std::vector<float> pool_attention;   ///< (h, w)
    std::vector<float> token_attention;  ///< (adapted blocks, G, L)
};

/// One model, ready to ground. Not thread-safe: use one from one thread at a time.
///
///     auto bundle = read_bundle("models/scenes-small.safetensors");
///     Grounder grounder(bundle, net::make_torch_forward(bundle, 0));
///     const std::vector<std::string> expressions{"the red ball"};
///     for (const auto& found : grounder.ground(load_image("room.jpg"), expressions)) use(found.box_px, found.mask);
class Grounder {
public:
    Grounder(const ModelBundle& bundle, std::unique_ptr<Forward> forward);

    /// One result an expression, in order. The picture is prepared once. Throws invalid_argument for an empty picture
    /// or an expression that is empty, longer than max_expression_bytes, or not UTF-8; corrupt_data when the model's
    /// box is not a number.
    [[nodiscard]] std::vector<Grounding> ground(const Image& image, std::span<const std::string> expressions);
    [[nodiscard]] std::vector<Grounding> ground(const Image& image, std::span<const GroundingQuery> queries);
    /// Where the model looked and which words each block heard: one more forward pass. Throws invalid_argument
    /// as ground does.
    [[nodiscard]] Explanation explain(const Image& image, const GroundingQuery& query);
    [[nodiscard]] Explanation explain(const Image& image, const std::string& expression) {
        return explain(image, query(expression));
    }
    /// The network's own input and output, whatever it is. Throws invalid_argument as ground does.
    [[nodiscard]] RawGrounding raw(const Image& image, const GroundingQuery& query);
    [[nodiscard]] RawGrounding raw(const Image& image, const std::string& expression) {
        return raw(image, query(expression));
    }

    /// Throws invalid_argument as ground does for an expression.
    [[nodiscard]] GroundingQuery query(const std::string& expression) const { return steps_.query(expression); }
    /// The phrases in square brackets, in order: "a man with [a red hat] beside [the dog]". Throws invalid_argument as
    /// parse_caption does, and for a phrase behind the most tokens the text encoder reads.
    [[nodiscard]] std::vector<GroundingQuery> phrases(const std::string& caption) const {
        return steps_.phrases(caption);
    }

    [[nodiscard]] const ModelConfig& config() const { return steps_.config(); }

    static constexpr std::size_t max_expression_bytes = longest_expression_bytes;

private:
    ForwardOutput run(const std::vector<float>& canvas, std::span<const GroundingQuery> queries);

    GroundingSteps steps_;
    std::unique_ptr<Forward> forward_;
};

}  // namespace vglaw
