#include "vglaw/data/side_words.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

TEST(SwapSides, SwapsWholeWordsInBothDirections) {
    EXPECT_EQ(swap_sides("man on the left of the right car"), "man on the right of the left car");
    EXPECT_EQ(swap_sides("leftmost zebra"), "rightmost zebra");
    EXPECT_EQ(swap_sides("righthand side, left-hand corner"), "lefthand side, right-hand corner");
    EXPECT_EQ(swap_sides("lefty rightest leftside rightward"), "righty leftest rightside leftward");
    EXPECT_EQ(swap_sides("left"), "right");
    EXPECT_EQ(swap_sides(""), "");
}

TEST(SwapSides, SwapsBesidePunctuationAndDigits) {
    EXPECT_EQ(swap_sides("player's left, (right!) left2 right's"), "player's right, (left!) right2 left's");
}

TEST(SwapSides, SwapsCompoundsWithAPlace) {
    EXPECT_EQ(swap_sides("topleft bottomright farleft upperrightmost"), "topright bottomleft farright upperleftmost");
}

TEST(SwapSides, KeepsCase) { EXPECT_EQ(swap_sides("LEFT Right leftMost"), "RIGHT Left rightMost"); }

TEST(SwapSides, LeavesWordsThatOnlyContainASide) {
    for (const char* text : {"bright shirt", "upright", "cleft chin", "leftover pizza", "copyright sign", "frightened",
                             "Wright", "outright", "l\xC3\xA9left", "lift", "rights\xC3\xA9"}) {
        EXPECT_EQ(swap_sides(text), text);
    }
}

TEST(SwapSides, IsItsOwnInverse) {
    for (const char* text : {"left of the bright upright LEFT pole", "Rightmost, topleft's", "nothing here"}) {
        EXPECT_EQ(swap_sides(swap_sides(text)), text);
    }
}

TEST(CanFlip, RefusesSidesWithoutAMirroredWord) {
    for (const char* text :
         {"guy far rt", "lft", "girl at 3 o'clock", "player R", "clockwise arrow", "the WEST wing"}) {
        EXPECT_FALSE(can_flip(text)) << text;
    }
    for (const char* text : {"the clock on the wall", "left man", "art on wall", "eastwood", ""}) {
        EXPECT_TRUE(can_flip(text)) << text;
    }
}

TEST(CanFlip, RefusesRightThatMeansDirectly) {
    for (const char* text : {"dog right next to the man", "right behind her", "right in front of car"}) {
        EXPECT_FALSE(can_flip(text)) << text;
    }
    for (const char* text :
         {"cup right by the sink", "right in the middle", "right in center", "man right there", "right near window"}) {
        EXPECT_FALSE(can_flip(text)) << text;
    }
    for (const char* text : {"man on right in blue", "the one on the right near the door", "guy on the left by the car",
                             "left of the tree"}) {
        EXPECT_TRUE(can_flip(text)) << text;
    }
}

TEST(CanFlip, RefusesLeftThatMeansRemaining) {
    for (const char* text : {"slice left on the plate", "the pizza left over", "bag left behind", "dog left alone"}) {
        EXPECT_FALSE(can_flip(text)) << text;
    }
}

TEST(NamesASide, KnowsPlacesAndTheirForms) {
    for (const char* text : {"left one", "RIGHTMOST", "top shelf", "bottommost", "in the middle", "Centre piece",
                             "mid row", "upper bunk", "uppermost", "corner", "topright", "far lft"}) {
        EXPECT_TRUE(names_a_side(text)) << text;
    }
    for (const char* text :
         {"bright lamp", "stop sign", "the tall man", "laptop", "midget", "flower", "", "cornerstone"}) {
        EXPECT_FALSE(names_a_side(text)) << text;
    }
}

}  // namespace
}  // namespace vglaw
