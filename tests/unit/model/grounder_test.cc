#include "vglaw/model/grounder.h"

#include <gmock/gmock.h>

#include <limits>
#include <numeric>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/toy_model.h"

namespace vglaw {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

/// Answers with the box it is told, marks the canvas left of its middle, and remembers what it was asked.
class ScriptedForward final : public Forward {
public:
    struct Record {
        std::vector<int> batches, lengths;
        std::vector<std::vector<std::int64_t>> ids;  ///< one row an expression, padding included
        std::vector<std::vector<std::uint8_t>> masks, spans;
        std::vector<std::vector<float>> images;
    };
    ScriptedForward(ModelConfig config, BoxCxcywh box, Record& record)
        : config_(std::move(config)), box_(box), record_(record) {}
    [[nodiscard]] const ModelConfig& config() const override { return config_; }

    void run(const ForwardInput& input, ForwardOutput& output) override {
        const auto size = std::size_t(config_.image.size), tokens = std::size_t(input.tokens);
        record_.batches.push_back(input.batch);
        record_.lengths.push_back(input.tokens);
        for (std::size_t i = 0; i < std::size_t(input.batch); ++i) {
            record_.ids.emplace_back(input.ids + i * tokens, input.ids + (i + 1) * tokens);
            record_.masks.emplace_back(input.token_mask + i * tokens, input.token_mask + (i + 1) * tokens);
            if (input.span_mask != nullptr)
                record_.spans.emplace_back(input.span_mask + i * tokens, input.span_mask + (i + 1) * tokens);
            const float* picture = input.images + (input.one_image ? 0 : i * 3 * size * size);
            record_.images.emplace_back(picture, picture + 3 * size * size);
            // The last word tells the expressions apart: it moves the box, as a real network's answer would.
            const auto last = float(record_.ids.back()[1]) / 1000;
            for (const float value : {box_.cx + last, box_.cy, box_.w, box_.h}) output.boxes_cxcywh.push_back(value);
            for (std::size_t p = 0; p < size * size; ++p) {
                output.mask_logits.push_back(p % size < size / 2 ? 5.0F : -5.0F);
            }
            for (int g = 0; g < 16; ++g) output.pool_attention.push_back(1.0F / 16);
            for (std::size_t k = 0; k < 4 * tokens; ++k) output.token_attention.push_back(1.0F / float(tokens));
        }
    }

private:
    ModelConfig config_;
    BoxCxcywh box_;
    Record& record_;
};

Image picture(int width, int height) {
    Image image(width, height);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = std::uint8_t(i * 37);
    return image;
}

class GrounderTest : public testing::Test {
protected:
    Grounder make(BoxCxcywh box = {0.5F, 0.5F, 0.25F, 0.25F}) {
        ModelBundle bundle;
        bundle.config = toy_config();
        bundle.vocabulary = Vocabulary(toy_pieces);
        return {bundle, std::make_unique<ScriptedForward>(bundle.config, box, record)};
    }
    std::string refused(const std::vector<std::string>& expressions, const Image& image = picture(8, 8)) {
        auto grounder = make();
        return refusal(ErrorCode::invalid_argument, [&] { (void)grounder.ground(image, expressions); });
    }
    ScriptedForward::Record record;
};

TEST_F(GrounderTest, MapsTheBoxBackToPixels) {
    // 64 x 32 on a 16 px canvas: scaled by 1/4 to 16 x 8, four rows of padding above. [PAD]-free box, word id 1 = [UNK]
    // moves cx by 0.001: undo it.
    auto grounder = make({0.5F - 0.001F, 0.5F, 0.25F, 0.125F});
    const std::vector<std::string> expressions{"unheard"};
    const auto found = grounder.ground(picture(64, 32), expressions);
    ASSERT_EQ(found.size(), 1u);
    // canvas px: x 6..10, y 7..9 -> picture: x 24..40, y (7-4)*4=12..(9-4)*4=20. 1e-4 px: float rounding of cx - 0.001.
    EXPECT_NEAR(found[0].box_px.x0, 24, 1e-4);
    EXPECT_NEAR(found[0].box_px.x1, 40, 1e-4);
    EXPECT_NEAR(found[0].box_px.y0, 12, 1e-4);
    EXPECT_NEAR(found[0].box_px.y1, 20, 1e-4);
}

TEST_F(GrounderTest, ClipsTheBoxToThePicture) {
    auto grounder = make({0.5F, 0.5F, 2, 2});
    const std::vector<std::string> expressions{"ball"};
    const auto found = grounder.ground(picture(20, 10), expressions);
    EXPECT_EQ(found[0].box_px, (BoxXyxy{0, 0, 20, 10}));
}

TEST_F(GrounderTest, GivesTheMaskAtThePicturesSize) {
    auto grounder = make();
    const std::vector<std::string> expressions{"ball"};
    const auto found = grounder.ground(picture(40, 30), expressions);
    ASSERT_EQ(found[0].mask.width, 40);
    ASSERT_EQ(found[0].mask.height, 30);
    ASSERT_EQ(found[0].mask.pixels.size(), 1200u);
    // The canvas' left half is the picture's left half; the threshold 0.35 moves the border by at most a canvas cell.
    for (int y = 0; y < 30; ++y) {
        EXPECT_EQ(found[0].mask.at(y, 0), 1);
        EXPECT_EQ(found[0].mask.at(y, 17), 1);
        EXPECT_EQ(found[0].mask.at(y, 23), 0);
        EXPECT_EQ(found[0].mask.at(y, 39), 0);
    }
}

TEST_F(GrounderTest, PadsABatchAndMasksThePadding) {
    auto grounder = make();
    const std::vector<std::string> expressions{"the red balls", "ball"};
    const auto found = grounder.ground(picture(8, 8), expressions);
    EXPECT_EQ(found[0].expression, "the red balls");
    EXPECT_EQ(found[1].expression, "ball");
    EXPECT_THAT(record.batches, ElementsAre(2));
    EXPECT_THAT(record.ids[0], ElementsAre(2, 4, 5, 6, 7, 3));
    EXPECT_THAT(record.ids[1], ElementsAre(2, 6, 3, 0, 0, 0));
    EXPECT_THAT(record.masks[0], Each(1));
    EXPECT_THAT(record.masks[1], ElementsAre(1, 1, 1, 0, 0, 0));
    EXPECT_EQ(record.images[0], record.images[1]);
    EXPECT_GE(found[0].milliseconds, 0);
}

TEST_F(GrounderTest, KeepsTheOrderOfMoreExpressionsThanOnePassTakes) {
    auto grounder = make();
    std::vector<std::string> expressions;
    for (int i = 0; i < 35; ++i) expressions.push_back(i % 3 == 0 ? "ball" : i % 3 == 1 ? "red ball" : "the left ball");
    const auto found = grounder.ground(picture(16, 12), expressions);
    ASSERT_EQ(found.size(), 35u);
    EXPECT_EQ(std::accumulate(record.batches.begin(), record.batches.end(), 0), 35);
    EXPECT_THAT(record.batches, ElementsAre(16, 16, 3));
    for (std::size_t i = 0; i < 35; ++i) {
        EXPECT_EQ(found[i].expression, expressions[i]);
        const auto alone = make().ground(picture(16, 12), std::span(&expressions[i], 1));
        EXPECT_EQ(found[i].box_px, alone[0].box_px) << i;
        EXPECT_EQ(found[i].mask, alone[0].mask) << i;
        EXPECT_EQ(record.images[i], record.images[0]) << i;  // the tail sees the picture too
    }
}

TEST_F(GrounderTest, NormalisesThePictureAndPadsWithZeros) {
    Image white(16, 8);
    std::fill(white.rgb.begin(), white.rgb.end(), std::uint8_t{255});
    const auto raw = make().raw(white, "ball");
    ASSERT_EQ(raw.image.size(), 3u * 16 * 16);
    EXPECT_EQ(raw.image[0], 0);  // top row: padding
    // (1 - mean) / std; 1e-6: one float rounding
    EXPECT_THAT(raw.image[8 * 16], FloatNear(float((1 - 0.485) / 0.229), 1e-6F));
    EXPECT_THAT(raw.image[2 * 256 + 8 * 16], FloatNear(float((1 - 0.406) / 0.225), 1e-6F));
    EXPECT_THAT(raw.ids, ElementsAre(2, 6, 3));
    EXPECT_EQ(raw.box.size(), 4u);
    EXPECT_EQ(raw.mask_logits.size(), 256u);
    EXPECT_EQ(raw.token_attention.size(), 2u * 2 * 3);
}

TEST_F(GrounderTest, CutsALongExpressionToMaxTokens) {
    (void)make().raw(picture(8, 8), "the red ball the red ball the red ball");
    EXPECT_THAT(record.ids[0], ElementsAre(2, 4, 5, 6, 4, 3));
}

TEST_F(GrounderTest, ExplainsWithTheWordsItRead) {
    const auto explanation = make().explain(picture(32, 16), "red balls, left");
    EXPECT_THAT(explanation.tokens, ElementsAre("[CLS]", "red", "ball", "##s", "[UNK]", "[SEP]"));
    EXPECT_EQ(explanation.grid, 4);
    EXPECT_EQ(explanation.pool_attention.size(), 16u);
    EXPECT_EQ(explanation.depth, 2);
    EXPECT_EQ(explanation.groups, 2);
    EXPECT_EQ(explanation.token_attention.size(), 2u * 2 * 6);
    EXPECT_EQ(explanation.placement.top, 4);
}

TEST_F(GrounderTest, RefusesExpressionsItCannotRead) {
    EXPECT_THAT(refused({"ball", ""}), HasSubstr("expression is empty"));
    EXPECT_THAT(refused({" \t\n"}), HasSubstr("expression is empty"));
    EXPECT_THAT(refused({std::string(Grounder::max_expression_bytes + 1, 'a')}), HasSubstr("4097 bytes long"));
    EXPECT_THAT(refused({"b\xff"}), HasSubstr("UTF-8"));
    EXPECT_TRUE(record.batches.empty());  // refused before anything ran
    EXPECT_EQ(make().ground(picture(8, 8), std::vector<std::string>{}).size(), 0u);
}

TEST_F(GrounderTest, ABadExpressionIsRefusedBeforeAnythingRuns) {
    std::vector<std::string> expressions(20, "ball");
    expressions.push_back("b\xff");
    EXPECT_THAT(refused(expressions), HasSubstr("UTF-8"));
    EXPECT_TRUE(record.batches.empty());
}

TEST_F(GrounderTest, RefusesABoxThatIsNotANumber) {
    auto grounder = make({0.5F, std::numeric_limits<float>::quiet_NaN(), 0.25F, 0.25F});
    EXPECT_THAT(refusal(ErrorCode::corrupt_data,
                        [&] { (void)grounder.ground(picture(8, 8), std::vector<std::string>{"the red ball"}); }),
                HasSubstr("weights are damaged"));
}

TEST_F(GrounderTest, RefusesAPictureWithoutPixels) {
    EXPECT_THAT(refused({"ball"}, Image()), HasSubstr("no pixels"));
    auto grounder = make();
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)grounder.raw(Image(), "ball"); }),
                HasSubstr("no pixels"));
}

TEST_F(GrounderTest, GroundsThePhrasesOfACaptionInOnePass) {
    auto grounder = make();
    const auto queries = grounder.phrases("[red ball] and [ball]");
    ASSERT_EQ(queries.size(), 2u);
    const auto found = grounder.ground(picture(8, 8), queries);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].expression, "red ball");
    EXPECT_EQ(found[1].expression, "ball");
    EXPECT_THAT(record.batches, ElementsAre(2));
    EXPECT_EQ(record.ids[0], record.ids[1]);  // both read the whole caption
    EXPECT_EQ(record.ids[0], grounder.query("red ball and ball").ids);
    ASSERT_EQ(record.spans.size(), 2u);
    EXPECT_THAT(record.spans[0], ElementsAre(0, 1, 1, 0, 0, 0));
    EXPECT_THAT(record.spans[1], ElementsAre(0, 0, 0, 0, 1, 0));
}

TEST_F(GrounderTest, MarksNothingForPlainExpressions) {
    auto grounder = make();
    (void)grounder.ground(picture(8, 8), std::vector<std::string>{"red ball"});
    EXPECT_TRUE(record.spans.empty());
    // Together with phrases an expression's row stays unmarked: the whole is meant.
    auto queries = grounder.phrases("[ball]");
    queries.push_back(grounder.query("red ball"));
    (void)grounder.ground(picture(8, 8), queries);
    EXPECT_THAT(record.spans[1], Each(0));
}

TEST_F(GrounderTest, RefusesAPhraseThatTheModelDoesNotReadToItsEnd) {
    auto grounder = make();  // reads 6 tokens
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)grounder.phrases("ball ball [red ball ball]"); }),
                HasSubstr("the phrase \"red ball ball\" is beyond"));
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)grounder.phrases("red ball"); }),
                HasSubstr("marks no phrase"));
}

}  // namespace
}  // namespace vglaw
