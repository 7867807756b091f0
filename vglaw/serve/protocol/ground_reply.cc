#include "vglaw/serve/protocol/ground_reply.h"

#include "vglaw/serve/protocol/base64.h"

namespace vglaw::serve {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// (rows, columns) row-major -> a list of lists.
Json matrix(std::span<const float> values, std::size_t rows, std::size_t columns) {
    Json out = Json::array();
    for (std::size_t r = 0; r < rows; ++r) {
        const auto row = values.subspan(r * columns, columns);
        out.push_back(std::vector<float>(row.begin(), row.end()));
    }
    return out;
}

}  // namespace

Json explanation_json(const Explanation& explanation) {
    const auto grid = std::size_t(explanation.grid), groups = std::size_t(explanation.groups),
               length = explanation.tokens.size();
    Json json;
    json["grid"] = explanation.grid;
    json["pool_attention"] =
        explanation.pool_attention.empty() ? Json::array() : matrix(explanation.pool_attention, grid, grid);
    const Letterbox& place = explanation.placement;
    json["placement"] = {{"x", place.left},
                         {"y", place.top},
                         {"width", place.resized_width},
                         {"height", place.resized_height},
                         {"canvas", place.size}};
    json["tokens"] = explanation.tokens;
    json["blocks"] = explanation.blocks;
    json["token_attention"] = Json::array();
    for (std::size_t block = 0; block < std::size_t(explanation.depth); ++block) {
        const auto heard = std::span(explanation.token_attention).subspan(block * groups * length, groups * length);
        json["token_attention"].push_back(matrix(heard, groups, length));
    }
    return json;
}

std::string reply_json(const GroundReply& reply) {
    Json json;
    json["model"] = reply.model;
    json["image"] = {{"width", reply.width}, {"height", reply.height}};
    json["results"] = Json::array();
    for (const auto& result : reply.results) {
        Json one;
        one["expression"] = result.expression;
        one["box"] = {result.box_px.x0, result.box_px.y0, result.box_px.x1, result.box_px.y1};
        one["mask"]["size"] = {reply.height, reply.width};
        one["mask"]["counts"] = result.mask_counts;
        one["mask_area"] = result.mask_area;
        one["truncated"] = result.truncated;
        if (!result.mask_png.empty()) one["mask_png"] = to_base64(bytes_of(result.mask_png));
        if (result.explanation) one["explanation"] = explanation_json(*result.explanation);
        json["results"].push_back(std::move(one));
    }
    if (!reply.overlay_png.empty()) json["overlay_png"] = to_base64(bytes_of(reply.overlay_png));
    json["milliseconds"] = {{"queue", reply.milliseconds.queue},
                            {"compute", reply.milliseconds.compute},
                            {"total", reply.milliseconds.total}};
    json["request_id"] = reply.request_id;
    return json.dump() + "\n";
}

}  // namespace vglaw::serve
