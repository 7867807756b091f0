#include <gmock/gmock.h>
#include <omp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "tests/unit/interface/caller.h"
#include "vglaw/engine/engine_forward.h"
#include "vglaw/model/grounder.h"

namespace vglaw::interface {
namespace {

using ::testing::HasSubstr;

TEST(Grounder, AnswersAsTheRoomsBelow) {
    const Picture picture;
    const auto model = open_model();
    const auto grounder = make_grounder(model.get());
    const std::vector<std::string> words{"the small red ball left of the blue cube", "the star"};
    const auto result = ground(grounder.get(), picture.view(), {words[0].c_str(), words[1].c_str()});
    ASSERT_EQ(vglaw_result_count(result.get()), 2u);

    const auto bundle = read_bundle(shipped_model);
    const auto expected = vglaw::Grounder(bundle, engine::make_engine_forward(bundle, 1)).ground(picture.image, words);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto found = found_at(result, i);
        EXPECT_EQ(found.expression, words[i]);
        EXPECT_EQ((BoxXyxy{found.x0, found.y0, found.x1, found.y1}), expected[i].box_px);
        EXPECT_EQ(found.width, picture.image.width);
        EXPECT_EQ(found.height, picture.image.height);
        EXPECT_EQ(mask_of(found), expected[i].mask.pixels);
        EXPECT_EQ(found.mask_area, area(expected[i].mask));
        EXPECT_GT(found.mask_area, 0u);
        EXPECT_GT(found.milliseconds, 0);
        const char* counts = nullptr;
        ASSERT_EQ(vglaw_result_rle(result.get(), i, &counts), VGLAW_OK);
        EXPECT_EQ(counts, to_coco_string(encode(expected[i].mask)));
    }
}

// A host's own settings of OpenMP: oneDNN would leave undone what threads that never come should do.
TEST(Grounder, AnswersTheSameHoweverTheHostHasSetOpenMp) {
    const Picture picture;
    const auto model = open_model();
    const auto grounder = make_grounder(model.get(), 0, 2);
    const auto usual = found_at(ground(grounder.get(), picture.view(), {"the small red ball"}), 0);
    const int levels = omp_get_max_active_levels();
    omp_set_dynamic(1);
    omp_set_max_active_levels(0);
    const auto found = found_at(ground(grounder.get(), picture.view(), {"the small red ball"}), 0);
    EXPECT_EQ(omp_get_dynamic(), 1);  // it is the host's again
    EXPECT_EQ(omp_get_max_active_levels(), 0);
    omp_set_dynamic(0);
    omp_set_max_active_levels(levels);
    EXPECT_NEAR(found.x0, usual.x0, 1e-3);  // the same sums, shared by the same number of threads
    EXPECT_NEAR(found.y1, usual.y1, 1e-3);
}

// Of the threads of its parent a child of fork() has none: it would wait for them for ever.
TEST(Grounder, AForkedChildIsToldInsteadOfHanging) {
    const Picture picture;
    const auto model = open_model();
    const auto grounder = make_grounder(model.get(), 0, 2);
    (void)ground(grounder.get(), picture.view(), {"the red ball"});
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::alarm(30);
        const char* words = "the red ball";
        const auto view = picture.view();
        vglaw_result* result = nullptr;
        if (vglaw_ground(grounder.get(), &view, &words, 1, &result) != VGLAW_UNSUPPORTED) ::_exit(1);
        if (std::strstr(vglaw_last_error(), "forked") == nullptr) ::_exit(2);
        const vglaw_grounder_options every{sizeof(every), 0, 0};  // which is one here
        vglaw_grounder* own = nullptr;
        if (vglaw_grounder_create(model.get(), &every, &own) != VGLAW_OK) ::_exit(3);
        if (vglaw_ground(own, &view, &words, 1, &result) != VGLAW_OK) ::_exit(4);
        vglaw_model* again = nullptr;
        if (vglaw_model_open(shipped_model.c_str(), nullptr, &again) != VGLAW_OK) ::_exit(5);
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    (void)ground(grounder.get(), picture.view(), {"the red ball"});  // the parent goes on
}

TEST(Grounder, StridesAndOpaqueAlphaChangeNothing) {
    const Picture picture;
    const auto model = open_model();
    const auto grounder = make_grounder(model.get());
    const auto plain = ground(grounder.get(), picture.view(), {"the red ball"});
    const auto width = std::size_t(picture.image.width), height = std::size_t(picture.image.height);
    const std::size_t stride = width * 4 + 12;
    std::vector<std::uint8_t> rgba(stride * height, 77);
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            std::memcpy(&rgba[y * stride + 4 * x], picture.image.pixel(int(y), int(x)), 3);
            rgba[y * stride + 4 * x + 3] = 255;
        }
    }
    const auto other = ground(grounder.get(), {rgba.data(), int(width), int(height), 4, stride}, {"the red ball"});
    EXPECT_EQ(mask_of(found_at(other, 0)), mask_of(found_at(plain, 0)));
    EXPECT_EQ(found_at(other, 0).x0, found_at(plain, 0).x0);
}

TEST(Grounder, SaysHowMuchOfALongExpressionWasRead) {
    const Picture picture;
    const auto model = open_model();
    vglaw_model_info info{};
    info.struct_size = sizeof(info);
    ASSERT_EQ(vglaw_model_get(model.get(), &info), VGLAW_OK);
    std::string exact = "ball", beyond;
    for (int i = 0; i < info.max_tokens - 3; ++i) exact += " red";  // with [CLS] and [SEP] exactly max_tokens
    beyond = exact + " red red";
    const auto grounder = make_grounder(model.get());
    const auto result = ground(grounder.get(), picture.view(), {"the red ball", exact.c_str(), beyond.c_str()});
    const int given[] = {5, info.max_tokens, info.max_tokens + 2}, read[] = {5, info.max_tokens, info.max_tokens};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(found_at(result, i).tokens_given, given[i]) << i;
        EXPECT_EQ(found_at(result, i).tokens_read, read[i]) << i;
        EXPECT_EQ(found_at(result, i).truncated, i == 2 ? 1 : 0) << i;
    }
    EXPECT_EQ(mask_of(found_at(result, 1)), mask_of(found_at(result, 2)));
}

TEST(Grounder, AHigherThresholdMakesASmallerMask) {
    const Picture picture;
    const auto model = open_model();
    std::uint64_t areas[3];
    const float thresholds[] = {0.05F, 0, 0.95F};
    for (int i = 0; i < 3; ++i) {
        const auto grounder = make_grounder(model.get(), thresholds[i]);
        areas[i] = found_at(ground(grounder.get(), picture.view(), {"the red ball"}), 0).mask_area;
    }
    EXPECT_GT(areas[0], areas[1]);
    EXPECT_GT(areas[1], areas[2]);
}

TEST(Grounder, KeepsItsModel) {
    const Picture picture;
    auto model = open_model();
    const auto grounder = make_grounder(model.get());
    model.reset();
    EXPECT_EQ(vglaw_result_count(ground(grounder.get(), picture.view(), {"the red ball"}).get()), 1u);
}

TEST(Grounder, RefusesBadCallsAndGoesOn) {
    const Picture picture;
    const auto model = open_model();
    const auto grounder = make_grounder(model.get());
    const auto view = picture.view();
    const char* words[] = {"the red ball", nullptr};
    vglaw_result* result = nullptr;
    const auto said = [&](vglaw_grounder* by, const vglaw_image* image, const char* const* expressions,
                          std::size_t count) {
        result = reinterpret_cast<vglaw_result*>(std::uintptr_t{1});
        const auto message = refusal(VGLAW_INVALID_ARGUMENT, vglaw_ground(by, image, expressions, count, &result));
        EXPECT_EQ(result, nullptr) << message;
        return message;
    };
    EXPECT_THAT(said(nullptr, &view, words, 1), HasSubstr("grounder is NULL"));
    EXPECT_THAT(said(grounder.get(), nullptr, words, 1), HasSubstr("image is NULL"));
    EXPECT_THAT(said(grounder.get(), &view, nullptr, 1), HasSubstr("expressions is NULL"));
    EXPECT_THAT(said(grounder.get(), &view, words, 0), HasSubstr("no expressions"));
    EXPECT_THAT(said(grounder.get(), &view, words, 2), HasSubstr("expressions[1] is NULL"));
    words[1] = "the \xc3\x28 ball";
    EXPECT_THAT(said(grounder.get(), &view, words, 2), HasSubstr("UTF-8"));
    words[1] = " \t";
    EXPECT_THAT(said(grounder.get(), &view, words, 2), HasSubstr("empty"));
    const std::string long_one(5000, 'x');
    words[1] = long_one.c_str();
    EXPECT_THAT(said(grounder.get(), &view, words, 2), HasSubstr("5000 bytes"));
    auto bad = view;
    bad.stride = 1;
    EXPECT_THAT(said(grounder.get(), &bad, words, 1), HasSubstr("stride is 1"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_ground(grounder.get(), &view, words, 1, nullptr)),
                HasSubstr("result is NULL"));
    EXPECT_EQ(vglaw_result_count(ground(grounder.get(), view, {"the red ball"}).get()), 1u);
}

TEST(Grounder, RefusesBadOptions) {
    const auto model = open_model();
    const auto said = [&](std::int32_t threads, float threshold) {
        const vglaw_grounder_options options{sizeof(options), threads, threshold};
        vglaw_grounder* grounder = nullptr;
        return refusal(VGLAW_INVALID_ARGUMENT, vglaw_grounder_create(model.get(), &options, &grounder));
    };
    EXPECT_THAT(said(-1, 0), HasSubstr("threads is -1"));
    for (const float bad : {-0.1F, 1.0F, 2.0F, std::numeric_limits<float>::quiet_NaN()})
        EXPECT_THAT(said(1, bad), HasSubstr("mask_threshold"));
    vglaw_grounder* grounder = nullptr;
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_grounder_create(nullptr, nullptr, &grounder)),
                HasSubstr("model is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_grounder_create(model.get(), nullptr, nullptr)),
                HasSubstr("grounder is NULL"));
    vglaw_grounder_destroy(nullptr);
}

// What ThreadSanitizer watches: the tsan preset.
TEST(Grounder, EightThreadsShareAModel) {
    const Picture picture;
    auto model = open_model();
    constexpr int threads = 8, repeats = 10;
    const char* const words[] = {"the red ball", "the small blue cube", "the star on the left", "ball"};
    std::vector<std::vector<std::uint8_t>> expected;
    for (const char* word : words)
        expected.push_back(mask_of(found_at(ground(make_grounder(model.get()).get(), picture.view(), {word}), 0)));
    std::atomic<int> wrong{0};
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
            const auto grounder = make_grounder(model.get());
            for (int i = 0; i < repeats; ++i) {
                const auto which = std::size_t(t + i) % 4;
                const auto result = ground(grounder.get(), picture.view(), {words[which]});
                if (mask_of(found_at(result, 0)) != expected[which]) ++wrong;  // same code, same bits
                const char* counts = nullptr;
                if (vglaw_result_rle(result.get(), 0, &counts) != VGLAW_OK) ++wrong;
            }
        });
    }
    for (auto& thread : all) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Grounder, AtWorkItRefusesASecondThread) {
    const Picture picture;
    const auto model = open_model();
    const auto grounder = make_grounder(model.get());
    std::atomic<int> answered{0}, refused{0}, other{0};
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) {
        all.emplace_back([&] {
            const char* word = "the red ball";
            const auto view = picture.view();
            for (int i = 0; i < 25; ++i) {
                vglaw_result* result = nullptr;
                const auto status = vglaw_ground(grounder.get(), &view, &word, 1, &result);
                if (status == VGLAW_OK)
                    ++answered;
                else if (std::strstr(vglaw_last_error(), "at work in another thread") != nullptr)
                    ++refused;
                else
                    ++other;
                vglaw_result_destroy(result);
            }
        });
    }
    for (auto& thread : all) thread.join();
    EXPECT_GT(answered, 0);
    EXPECT_GT(refused, 0);
    EXPECT_EQ(other, 0);
}

}  // namespace
}  // namespace vglaw::interface
