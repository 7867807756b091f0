#include "apps/vglaw/explain_files.h"

#include "vglaw/core/config_fields.h"
#include "vglaw/core/files.h"
#include "vglaw/image/draw.h"
#include "vglaw/image/encode.h"

namespace vglaw::app {
namespace {

/// (rows, columns) row-major -> a list of lists.
Json matrix(const float* values, int rows, int columns) {
    Json out = Json::array();
    for (int r = 0; r < rows; ++r) out.push_back(std::vector<float>(values + r * columns, values + (r + 1) * columns));
    return out;
}

}  // namespace

void write_explanation(const std::filesystem::path& folder, std::size_t number, const Image& image,
                       const Grounding& found, const Explanation& explanation) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) fail(ErrorCode::io, "cannot make the folder {}: {}", folder.string(), error.message());

    const int length = int(explanation.tokens.size());
    Json json;
    json["expression"] = found.expression;
    json["tokens"] = explanation.tokens;
    if (!explanation.pool_attention.empty()) {
        json["pool_attention"] = matrix(explanation.pool_attention.data(), explanation.grid, explanation.grid);
        save_png(folder / fmt::format("{:02d}-pooling.png", number),
                 draw_heat_map(image, explanation.pool_attention, explanation.grid, explanation.grid,
                               explanation.placement));
    }
    json["blocks"] = explanation.blocks;      // those that adapt, counted from 0
    json["token_attention"] = Json::array();  // one (groups, tokens) matrix for each of them
    for (int block = 0; block < explanation.depth; ++block) {
        const float* values =
            explanation.token_attention.data() + std::size_t(block) * std::size_t(explanation.groups * length);
        json["token_attention"].push_back(matrix(values, explanation.groups, length));
    }
    if (explanation.depth > 0) {
        save_png(folder / fmt::format("{:02d}-words.png", number),
                 draw_token_attention(explanation.token_attention, explanation.blocks, explanation.groups,
                                      explanation.tokens));
    }
    write_text(folder / fmt::format("{:02d}.json", number), json.dump() + "\n");
}

}  // namespace vglaw::app
