#include "vglaw/engine/attention_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/engine/each_instruction_set.h"
#include "tests/unit/engine/numbers.h"

namespace vglaw::engine {
namespace {

struct Case {
    int grid, side, heads, head_dim;
};

/// model.md section 3 by the letter, in double: every token of the window, those beyond the grid too.
std::vector<double> in_double(const Case& c, int row, int column, int head, const std::vector<float>& qkv,
                              const std::vector<float>& padding, const std::vector<float>& rel_h,
                              const std::vector<float>& rel_w) {
    const int n = c.side, d = c.head_dim, width = c.heads * d;
    const auto at = [&](int y, int x, int part, int channel) {
        const int index = part * width + head * d + channel;
        if (y >= c.grid || x >= c.grid) return double(padding[std::size_t(index)]);
        return double(qkv[std::size_t((y * c.grid + x) * 3 * width + index)]);
    };
    std::vector<double> out(std::size_t(n * n * d));
    for (int q = 0; q < n * n; ++q) {
        const int qy = q / n, qx = q % n;
        std::vector<double> scores(std::size_t(n * n));
        for (int k = 0; k < n * n; ++k) {
            const int ky = k / n, kx = k % n;
            double product = 0, position = 0;
            for (int i = 0; i < d; ++i) {
                const double ask = at(row + qy, column + qx, 0, i);
                product += ask * at(row + ky, column + kx, 1, i);
                position += ask * (double(rel_h[std::size_t((qy - ky + n - 1) * d + i)]) +
                                   double(rel_w[std::size_t((qx - kx + n - 1) * d + i)]));
            }
            scores[std::size_t(k)] = product / std::sqrt(double(d)) + position;
        }
        const double highest = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (auto& score : scores) sum += score = std::exp(score - highest);
        for (int k = 0; k < n * n; ++k) {
            for (int i = 0; i < d; ++i)
                out[std::size_t(q * d + i)] += scores[std::size_t(k)] / sum * at(row + k / n, column + k % n, 2, i);
        }
    }
    return out;
}

class AttentionKernel : public EachInstructionSet {};

TEST_P(AttentionKernel, IsTheFormulaInEveryWindowOfEveryHead) {
    // one token; odd sizes; windows that stand over the edge; base size's window and head; a global block; a wide head
    for (const Case c : {Case{1, 1, 1, 4}, Case{7, 3, 2, 8}, Case{5, 4, 3, 20}, Case{12, 6, 2, 32}, Case{15, 14, 1, 64},
                         Case{9, 9, 2, 16}, Case{20, 20, 1, 64}, Case{6, 3, 1, 72}}) {
        const auto width = std::size_t(c.heads * c.head_dim), tokens = std::size_t(c.grid * c.grid);
        const auto qkv = normal_numbers(tokens * 3 * width, 1), padding = normal_numbers(3 * width, 2),
                   rel_h = normal_numbers(std::size_t((2 * c.side - 1) * c.head_dim), 3, 0.3F),
                   rel_w = normal_numbers(std::size_t((2 * c.side - 1) * c.head_dim), 4, 0.3F);
        const auto rows = make_position_table(rel_h.data(), c.side, c.head_dim),
                   columns = make_position_table(rel_w.data(), c.side, c.head_dim);
        Floats scratch(attention_scratch(c.side, c.head_dim));
        std::vector<float> out(tokens * width, std::nanf(""));
        for (int row = 0; row < c.grid; row += c.side) {
            for (int column = 0; column < c.grid; column += c.side) {
                for (int head = 0; head < c.heads; ++head) {
                    attend({qkv.data(), padding.data(), c.grid, row, column, c.side, c.heads, c.head_dim, head, &rows,
                            &columns, out.data()},
                           scratch.data());
                    const auto expected = in_double(c, row, column, head, qkv, padding, rel_h, rel_w);
                    for (int y = row; y < std::min(row + c.side, c.grid); ++y) {
                        for (int x = column; x < std::min(column + c.side, c.grid); ++x) {
                            for (int i = 0; i < c.head_dim; ++i) {
                                const auto to =
                                    std::size_t(y * c.grid + x) * width + std::size_t(head * c.head_dim + i);
                                const auto from = std::size_t(((y - row) * c.side + x - column) * c.head_dim + i);
                                // Scores of up to 20 are right to a few 1e-6, an error that exp passes on to the
                                // shares; the values are around 1.
                                ASSERT_NEAR(out[to], expected[from], 2e-5)
                                    << c.grid << "/" << c.side << " head " << head << " at " << y << ", " << x;
                            }
                        }
                    }
                }
            }
        }
        for (const float value : out) EXPECT_TRUE(std::isfinite(value)) << "a token nobody wrote";
    }
}

TEST_P(AttentionKernel, ASecondCallDoesNotSeeTheFirst) {
    const auto qkv = normal_numbers(49 * 24, 1), padding = normal_numbers(24, 2), table = normal_numbers(5 * 8, 3);
    const auto rows = make_position_table(table.data(), 3, 8);
    Floats scratch(attention_scratch(3, 8));
    std::vector<float> first(49 * 8, 0), again(49 * 8, 0);
    const AttentionWindow window{qkv.data(), padding.data(), 7, 6, 6, 3, 1, 8, 0, &rows, &rows, first.data()};
    attend(window, scratch.data());
    for (std::size_t i = 0; i < scratch.size(); ++i) scratch[i] = 1e30F;
    auto repeated = window;
    repeated.out = again.data();
    attend(repeated, scratch.data());
    EXPECT_EQ(first, again);
}

VGLAW_EACH_INSTRUCTION_SET(AttentionKernel);

}  // namespace
}  // namespace vglaw::engine
