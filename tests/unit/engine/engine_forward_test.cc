#include "vglaw/engine/engine_forward.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <thread>

#include "tests/unit/core/refusal.h"
#include "tests/unit/engine/numbers.h"
#include "tests/unit/model/golden_weights.h"
#include "tests/unit/model/toy_model.h"
#include "vglaw/model/initialize.h"
#include "vglaw/model/storage.h"

namespace vglaw::engine {
namespace {

using ::testing::HasSubstr;

Vocabulary numbered_vocabulary(int size) {
    std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]";
    for (int i = 5; i < size; ++i) lines += "\nw" + std::to_string(i);
    return Vocabulary::parse(lines);
}

class EngineForwardTest : public ::testing::Test {
protected:
    ~EngineForwardTest() override { std::filesystem::remove(path_); }

    ModelBundle bundle_of(const ModelConfig& config, const std::map<std::string, TensorView>& tensors) {
        write_bundle(path_, config, numbered_vocabulary(config.text.vocab_size), tensors, "", "");
        return read_bundle(path_);
    }
    ModelBundle random_bundle(const ModelConfig& config, const std::string& poisoned = "") {
        auto weights = initial_weights(config, {"scratch", 1.0}, 3);
        if (!poisoned.empty()) weights.at(poisoned)[1] = std::numeric_limits<float>::quiet_NaN();
        return bundle_of(config, views_of(config, weights));
    }

    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("vglaw-engine-test-" + std::to_string(::getpid()) + ".safetensors");
};

/// Two expressions of different length over two pictures, and room for the answer.
struct Question {
    int batch, length;
    std::vector<float> images;
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> mask;

    Question(const ModelConfig& config, const std::vector<int>& lengths, unsigned seed)
        : batch(int(lengths.size())), length(*std::max_element(lengths.begin(), lengths.end())) {
        const auto size = std::size_t(config.image.size);
        images = normal_numbers(std::size_t(batch) * 3 * size * size, seed);
        for (const int some : lengths) {
            for (int i = 0; i < length; ++i) {
                ids.push_back(i < some ? (i * 7 + some) % (config.text.vocab_size - 1) + 1 : 0);
                mask.push_back(i < some ? 1 : 0);
            }
        }
    }
    [[nodiscard]] ForwardInput input() const { return {batch, length, images.data(), ids.data(), mask.data()}; }
};

void expect_close(const std::vector<float>& got, const std::vector<float>& wanted, double tolerance, const char* name) {
    ASSERT_EQ(got.size(), wanted.size()) << name;
    double size = 1;
    for (const float value : wanted) size = std::max(size, std::abs(double(value)));
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], wanted[i], tolerance * size) << name << " " << i;
}

TEST_F(EngineForwardTest, AnswersAsThePlainFormulasInPyTorch) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/network.safetensors");
    const auto config = import_config();
    std::map<std::string, TensorView> tensors;
    for (const auto& [name, shape] : tensor_shapes(config)) tensors[name] = golden.at(name);
    const auto bundle = bundle_of(config, tensors);
    const auto& ids = golden.at("inputs.ids");
    std::vector<std::int64_t> numbers(ids.numel());
    std::memcpy(numbers.data(), ids.bytes.data(), ids.bytes.size());
    std::vector<std::uint8_t> mask;
    const auto& stands = golden.at("inputs.token_mask");
    for (std::size_t i = 0; i < stands.numel(); ++i)
        mask.push_back(std::any_of(stands.bytes.begin() + std::ptrdiff_t(i * size_of(stands.dtype)),
                                   stands.bytes.begin() + std::ptrdiff_t((i + 1) * size_of(stands.dtype)),
                                   [](std::uint8_t byte) { return byte != 0; }));
    const auto images = golden.at("inputs.images").to_float();
    for (const int threads : {1, 2}) {
        const auto forward = make_engine_forward(bundle, threads);
        ForwardOutput output;
        forward->run({int(ids.shape[0]), int(ids.shape[1]), images.data(), numbers.data(), mask.data()}, output);
        // Both in float32 in another order; three blocks with unscaled random weights: 1e-5 of the largest value.
        expect_close(output.boxes_cxcywh, golden.at("outputs.boxes_cxcywh").to_float(), 1e-5, "boxes");
        expect_close(output.mask_logits, golden.at("outputs.mask_logits").to_float(), 1e-5, "mask");
        expect_close(output.pool_attention, golden.at("outputs.pool_attention").to_float(), 1e-5, "pool");
        expect_close(output.token_attention, golden.at("outputs.token_attention").to_float(), 1e-5, "tokens");
    }
}

/// One thread takes samples by fours; two take six apart and one together; five take five apart and two together.
TEST_F(EngineForwardTest, ABatchAnswersAsEachAloneHoweverItIsShared) {
    const auto config = import_config();
    const auto bundle = random_bundle(config);
    const Question all(config, {9, 4, 6, 12, 3, 5, 7}, 1);
    const std::size_t pixels = 28 * 28, canvas = 3 * pixels;
    for (const auto arithmetic : {Arithmetic::fp32, Arithmetic::int8}) {
        const auto model = pack_model(bundle, {.arithmetic = arithmetic});
        EngineForward forward_alone(model, 1);
        for (const int threads : {1, 2, 5}) {
            EngineForward forward(model, threads);
            ForwardOutput together, again;
            forward.run(all.input(), together);
            forward.run(all.input(), again);
            EXPECT_EQ(again.mask_logits, together.mask_logits) << "whichever thread took which sample";
            for (std::size_t b = 0; b < std::size_t(all.batch); ++b) {
                ForwardInput one = all.input();
                one.batch = 1;
                one.images += b * canvas;
                one.ids += b * std::size_t(all.length);
                one.token_mask += b * std::size_t(all.length);
                ForwardOutput alone;
                forward_alone.run(one, alone);
                // The products' blocking may differ with the number of rows, and with it the order of their sums; in
                // int8 an activation may round to the next step.
                const double box = arithmetic == Arithmetic::fp32 ? 1e-6 : 1e-3, mask = 10 * box;
                const auto part = [&](const std::vector<float>& all_of_them, std::size_t count) {
                    const auto begin = all_of_them.begin() + std::ptrdiff_t(b * count);
                    return std::vector<float>(begin, begin + std::ptrdiff_t(count));
                };
                expect_close(part(together.boxes_cxcywh, 4), alone.boxes_cxcywh, box, "box");
                expect_close(part(together.mask_logits, pixels), alone.mask_logits, mask, "mask");
                expect_close(part(together.pool_attention, alone.pool_attention.size()), alone.pool_attention, box,
                             "pool");
            }
        }
    }
}

TEST_F(EngineForwardTest, OnePictureForAllIsThePictureRepeated) {
    for (const int rank : {5, 20}) {  // 20: wider than the tokens' 16
        auto config = import_config();
        config.law.rank = rank;
        const auto bundle = random_bundle(config);
        // One thread takes four, four and one; two take four each, then one together.
        Question all(config, {9, 4, 6, 12, 3, 5, 7, 5, 4}, 1);
        const std::size_t canvas = 3 * 28 * 28;
        for (std::size_t b = 1; b < std::size_t(all.batch); ++b)
            std::copy_n(all.images.begin(), canvas, all.images.begin() + std::ptrdiff_t(b * canvas));
        auto one_for_all = all.input();
        one_for_all.one_image = true;
        for (const auto arithmetic : {Arithmetic::fp32, Arithmetic::int8}) {
            for (const int threads : {1, 2}) {
                const auto forward = make_engine_forward(bundle, threads, {arithmetic});
                ForwardOutput repeated, shared;
                forward->run(all.input(), repeated);
                forward->run(one_for_all, shared);
                // The first block's P Phi Q^T x is then added to what W0 x was rounded to; in int8 the last bit may
                // move a code.
                const double tolerance = arithmetic == Arithmetic::fp32 ? 1e-5 : 1e-2;
                expect_close(shared.mask_logits, repeated.mask_logits, tolerance, "mask");
                expect_close(shared.boxes_cxcywh, repeated.boxes_cxcywh, tolerance, "boxes");
            }
        }
    }
}

TEST_F(EngineForwardTest, PhrasesOfOneCaptionAnswerAsEachAlone) {
    const auto config = import_config();
    const auto model = pack_model(random_bundle(config));
    Question caption(config, {9, 9, 9}, 3);
    std::vector<std::uint8_t> span(27, 0);  // the third one means the whole
    span[2] = span[3] = 1;
    span[9 + 6] = 1;
    for (const int threads : {1, 2}) {
        EngineForward forward(model, threads);
        ForwardInput input = caption.input();
        input.span_mask = span.data();
        input.one_image = true;
        EXPECT_TRUE(input.one_text());
        ForwardOutput together;
        forward.run(input, together);
        for (std::size_t b = 0; b < 3; ++b) {
            ForwardInput one = input;
            one.batch = 1;
            one.span_mask += 9 * b;
            ForwardOutput alone;
            forward.run(one, alone);
            // As for batches above.
            expect_close({together.boxes_cxcywh.begin() + std::ptrdiff_t(4 * b),
                          together.boxes_cxcywh.begin() + std::ptrdiff_t(4 * b + 4)},
                         alone.boxes_cxcywh, 1e-6, "box");
            const auto heard = std::ptrdiff_t(alone.token_attention.size());
            expect_close({together.token_attention.begin() + std::ptrdiff_t(b) * heard,
                          together.token_attention.begin() + std::ptrdiff_t(b + 1) * heard},
                         alone.token_attention, 1e-6, "tokens");
        }
        EXPECT_NE(together.boxes_cxcywh[0], together.boxes_cxcywh[4]);
        // A word more in one of them, and they are texts of their own.
        caption.ids[9 + 4] += 1;
        EXPECT_FALSE(input.one_text());
        ForwardOutput other;
        forward.run(input, other);
        EXPECT_NEAR(other.boxes_cxcywh[0], together.boxes_cxcywh[0], 1e-6);
        EXPECT_NE(other.boxes_cxcywh[4], together.boxes_cxcywh[4]);
        caption.ids[9 + 4] -= 1;
    }
}

TEST_F(EngineForwardTest, PaddingChangesNothing) {
    const auto config = import_config();
    const auto forward = make_engine_forward(random_bundle(config), 1);
    Question padded(config, {5, 12}, 1);
    padded.batch = 1;  // the first expression, padded to 12
    Question exact(config, {5}, 1);
    std::copy_n(padded.images.begin(), exact.images.size(), exact.images.begin());
    ForwardOutput with, without;
    forward->run(padded.input(), with);
    forward->run(exact.input(), without);
    expect_close(with.mask_logits, without.mask_logits, 1e-6, "mask");
    expect_close(with.boxes_cxcywh, without.boxes_cxcywh, 1e-6, "boxes");
    EXPECT_EQ(with.token_attention[11], 0);  // padding gets no share
}

TEST_F(EngineForwardTest, ThePassiveBaselineAndEveryPoolingRun) {
    for (const char* kind : {"lowrank", "none"}) {
        for (const char* pool : {"lap", "mean", "max"}) {
            auto config = import_config();
            config.law.kind = kind;
            config.box_head.pool = pool;
            const auto forward = make_engine_forward(random_bundle(config), 1);
            const Question question(config, {4}, 1);
            ForwardOutput output;
            forward->run(question.input(), output);
            EXPECT_EQ(output.token_attention.empty(), std::string(kind) == "none");
            EXPECT_EQ(output.pool_attention.empty(), std::string(pool) == "max");
            for (const float value : output.boxes_cxcywh) EXPECT_TRUE(value > 0 && value < 1);
            for (const float value : output.mask_logits) EXPECT_TRUE(std::isfinite(value));
        }
    }
}

/// A file with int8 weights of `bundle`, beside it.
ModelBundle int8_file_of(const ModelBundle& bundle) {
    auto path = bundle.path;
    path.replace_extension(".int8.safetensors");
    write_bundle_stored(path, bundle, Storage::int8);
    auto read = read_bundle(path);
    std::filesystem::remove(path);  // it stays mapped
    return read;
}

TEST_F(EngineForwardTest, Int8IsCloseToFp32) {
    for (const char* kind : {"lowrank", "none"}) {
        auto config = import_config();
        config.law.kind = kind;
        const auto bundle = random_bundle(config);
        const Question question(config, {9, 4, 6}, 1);
        ForwardOutput exact, rounded;
        make_engine_forward(bundle, 1)->run(question.input(), exact);
        make_engine_forward(bundle, 1, {.arithmetic = Arithmetic::int8})->run(question.input(), rounded);
        // Weights to 1/254 of an output's largest, activations to 1/510 of a row's range, three blocks: a few percent
        // of the largest value; a wrong scale or offset is far beyond.
        expect_close(rounded.mask_logits, exact.mask_logits, 0.05, "mask");
        expect_close(rounded.boxes_cxcywh, exact.boxes_cxcywh, 0.02, "boxes");
        expect_close(rounded.pool_attention, exact.pool_attention, 0.02, "pool");
        EXPECT_EQ(rounded.token_attention, exact.token_attention);  // what the words do stays fp32
        EXPECT_NE(rounded.mask_logits, exact.mask_logits);
    }
}

TEST_F(EngineForwardTest, AFilesStorageSaysTheArithmeticUnlessAskedOtherwise) {
    const auto config = import_config();
    const auto bundle = random_bundle(config), int8 = int8_file_of(bundle);
    const auto arithmetic = [](const ModelBundle& of, Arithmetic asked) {
        return EngineForward(pack_model(of, {.arithmetic = asked}), 1).arithmetic();
    };
    EXPECT_EQ(arithmetic(bundle, Arithmetic::as_stored), Arithmetic::fp32);
    EXPECT_EQ(arithmetic(bundle, Arithmetic::int8), Arithmetic::int8);
    EXPECT_EQ(arithmetic(int8, Arithmetic::as_stored), Arithmetic::int8);
    EXPECT_EQ(arithmetic(int8, Arithmetic::fp32), Arithmetic::fp32);

    const Question question(config, {9, 4}, 1);
    const auto answer = [&](const ModelBundle& of, Arithmetic asked) {
        ForwardOutput output;
        make_engine_forward(of, 1, {.arithmetic = asked})->run(question.input(), output);
        return output;
    };
    // Its weights times their scales: in fp32 the same network but for rounding, F16 included.
    const auto floats = answer(int8, Arithmetic::fp32), exact = answer(bundle, Arithmetic::fp32);
    expect_close(floats.mask_logits, exact.mask_logits, 0.05, "mask");
    EXPECT_NE(floats.mask_logits, exact.mask_logits);
    expect_close(answer(int8, Arithmetic::as_stored).mask_logits, floats.mask_logits, 0.05, "mask");
}

TEST_F(EngineForwardTest, ThreadsShareAModelAndEachGetsItsOwnAnswer) {
    const auto config = import_config();
    const auto model = pack_model(random_bundle(config));
    constexpr int threads = 8, repeats = 20;
    std::vector<ForwardOutput> expected(threads);
    std::vector<Question> questions;
    for (int t = 0; t < threads; ++t) {
        questions.emplace_back(config, std::vector<int>{3 + t % 5, 9}, unsigned(t));
        EngineForward(model, 1).run(questions.back().input(), expected[std::size_t(t)]);
    }
    std::atomic<int> wrong{0};
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
            EngineForward forward(model, 1);
            ForwardOutput output;
            for (int i = 0; i < repeats; ++i) {
                forward.run(questions[std::size_t(t)].input(), output);
                if (output.mask_logits != expected[std::size_t(t)].mask_logits) ++wrong;  // same code, same bits
            }
        });
    }
    for (auto& thread : all) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST_F(EngineForwardTest, TheModelOutlivesItsFile) {
    const auto config = import_config();
    const auto forward = make_engine_forward(random_bundle(config), 1);
    std::filesystem::remove(path_);
    const Question question(config, {4}, 1);
    ForwardOutput output;
    forward->run(question.input(), output);
    EXPECT_EQ(output.boxes_cxcywh.size(), 4u);
}

TEST_F(EngineForwardTest, RefusesWhatItCannotCompute) {
    const auto config = import_config();
    EXPECT_THAT(refusal(ErrorCode::corrupt_data,
                        [&] { (void)pack_model(random_bundle(config, "visual_encoder.blocks.1.mlp.fc1.weight")); }),
                HasSubstr("visual_encoder.blocks.1.mlp.fc1.weight"));
    const auto forward = make_engine_forward(random_bundle(config), 1);
    const Question question(config, {4}, 1);
    ForwardOutput output;
    const auto refused = [&](auto change) {
        auto input = question.input();
        change(input);
        return refusal(ErrorCode::invalid_argument, [&] { forward->run(input, output); });
    };
    EXPECT_THAT(refused([](ForwardInput& input) { input.batch = 0; }), HasSubstr("batch of 0"));
    EXPECT_THAT(refused([](ForwardInput& input) { input.tokens = 0; }), HasSubstr("of 0 tokens"));
    EXPECT_THAT(refused([](ForwardInput& input) { input.tokens = 13; }), HasSubstr("12 positions"));
    EXPECT_THAT(refused([](ForwardInput& input) { input.images = nullptr; }), HasSubstr("null"));
    std::vector<std::int64_t> ids{1, 30, 2, 3};
    EXPECT_THAT(refused([&](ForwardInput& input) { input.ids = ids.data(); }), HasSubstr("token id 30"));
    std::vector<std::uint8_t> mask(4, 0);
    EXPECT_THAT(refused([&](ForwardInput& input) { input.token_mask = mask.data(); }), HasSubstr("no first token"));
}

}  // namespace
}  // namespace vglaw::engine
