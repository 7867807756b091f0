#include "vglaw/scenes/wording.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace vglaw {
namespace {

TEST(Wording, PicksAsOftenAsTheWeightsSay) {
    Rng rng(1);
    std::map<std::string, int> counts;
    for (int i = 0; i < 10000; ++i)
        ++counts[std::string(pick_wording(rng, {{"often", 3}, {"seldom", 1}, {"never", 0}}))];
    EXPECT_NEAR(counts["often"], 7500, 200);  // four standard deviations
    EXPECT_EQ(counts.count("never"), 0U);
}

TEST(Wording, NeverUsesOneWordForTwoThings) {
    std::map<std::string, std::string> meaning;
    const auto collect = [&](const std::string& word, const std::string& what) {
        const auto [at, added] = meaning.emplace(word, what);
        EXPECT_EQ(at->second, what) << word;
    };
    Rng rng(2);
    for (int i = 0; i < 300; ++i) {
        for (std::size_t s = 0; s < shape_names.size(); ++s)
            collect(std::string(say(Shape(s), rng)), std::string(shape_names[s]));
        for (std::size_t c = 0; c < colour_names.size(); ++c)
            collect(std::string(say(Colour(c), rng)), std::string(colour_names[c]));
        for (std::size_t z = 0; z < size_names.size(); ++z)
            collect(std::string(say(SizeClass(z), rng)), std::string(size_names[z]));
        for (std::size_t p = 0; p < pattern_names.size(); ++p)
            collect(std::string(say(Pattern(p), rng)), std::string(pattern_names[p]));
        collect(std::string(say_anything(false, rng)), "anything");
    }
    // Every thing has a word and some have synonyms.
    std::set<std::string> things;
    for (const auto& [word, what] : meaning) things.insert(what);
    EXPECT_EQ(things.size(), 12U + 12U + 3U + 3U + 1U);
    EXPECT_GE(meaning.size(), 50U);
}

TEST(Wording, CountsInWordsAndDigits) {
    EXPECT_EQ(say_rank(2, false), "second");
    EXPECT_EQ(say_rank(2, true), "2nd");
    EXPECT_EQ(say_rank(5, false), "fifth");
}

}  // namespace
}  // namespace vglaw
