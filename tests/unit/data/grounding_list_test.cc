#include "vglaw/data/grounding_list.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string wrong(std::string_view line) {
    const GroundingTask task = parse_grounding_task(line);
    if (!task.wrong) return "accepted";
    EXPECT_TRUE(task.expressions.empty());
    return task.wrong->what();
}

TEST(GroundingTask, ReadsOneExpressionOrSeveralAndTheCallersId) {
    const auto one = parse_grounding_task(R"({"image": "a/b.jpg", "expression": "the ball"})");
    ASSERT_FALSE(one.wrong);
    EXPECT_EQ(one.image, "a/b.jpg");
    EXPECT_THAT(one.expressions, ElementsAre("the ball"));
    EXPECT_TRUE(one.id.is_null());
    const auto several = parse_grounding_task(R"({"id": 7, "expressions": ["x", "y"], "image": "c.png"})");
    ASSERT_FALSE(several.wrong);
    EXPECT_THAT(several.expressions, ElementsAre("x", "y"));
    EXPECT_EQ(several.id, 7);
    EXPECT_EQ(parse_grounding_task(R"({"id": "é", "expression": "x", "image": "c.png"})").id, "é");
}

TEST(GroundingTask, SaysWhatIsWrongWithALine) {
    EXPECT_THAT(wrong("{\"image\": \"a.jpg\", "), HasSubstr("not JSON"));
    EXPECT_THAT(wrong("{\"image\": \"\xff.jpg\", \"expression\": \"x\"}"), HasSubstr("not JSON"));
    EXPECT_THAT(wrong("[1]"), HasSubstr("is array, not an object"));
    EXPECT_THAT(wrong(R"({"expression": "x"})"), HasSubstr("\"image\" is missing"));
    EXPECT_THAT(wrong(R"({"image": "", "expression": "x"})"), HasSubstr("names no file"));
    EXPECT_THAT(wrong("{\"image\": \"a\\u0000b\", \"expression\": \"x\"}"), HasSubstr("names no file"));
    EXPECT_THAT(wrong(R"({"image": 3, "expression": "x"})"), HasSubstr("\"image\" is number"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg"})"), HasSubstr("either"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expression": "x", "expressions": ["y"]})"), HasSubstr("either"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expressions": []})"), HasSubstr("empty"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expressions": ["x", 1]})"), HasSubstr("is number"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expressions": "x"})"), HasSubstr("not a list"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expresion": "x"})"), HasSubstr("no key \"expresion\""));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expression": "x", "id": [1]})"), HasSubstr("\"id\" is array"));
    EXPECT_THAT(wrong(R"({"image": "a.jpg", "expression": "x", "id": 1e99999})"), HasSubstr("too large to be held"));
    EXPECT_THAT(wrong(std::string(GroundingList::kMaxLineBytes + 1, '[')), HasSubstr("bytes long"));
    EXPECT_THAT(wrong(std::string(100'000, '[')), HasSubstr("nests deeper"));  // deep, not long
    EXPECT_THAT(wrong("[[["), HasSubstr("not JSON"));
    EXPECT_EQ(wrong(R"({"image": "a.jpg", "expression": "x"})"), "accepted");
}

TEST(GroundingTask, BracketsWithoutEndAreOneClearLine) {
    const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
    const auto task = parse_grounding_task("{\"id\": " + deep + ", \"image\": \"a\"}");
    ASSERT_TRUE(task.wrong);
    EXPECT_THAT(task.wrong->what(), testing::HasSubstr("nests deeper"));
}

TEST(GroundingTask, AWrongLineKeepsWhatNamesIt) {
    const auto task = parse_grounding_task(R"({"id": "q1", "image": "a.jpg", "expression": 5})");
    ASSERT_TRUE(task.wrong);
    EXPECT_EQ(task.id, "q1");
    EXPECT_EQ(task.image, "a.jpg");
}

TEST(ParseShard, TakesIOfNAndNothingElse) {
    EXPECT_EQ(parse_shard("0/1").count, 1);
    EXPECT_EQ(parse_shard("3/4").index, 3);
    for (const char* text : {"", "1", "/", "1/", "/2", "4/4", "-1/4", "0/0", "1/2/3", "a/b", "0/1000001", " 0/1",
                             "99999999999999999999/2"}) {
        EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)parse_shard(text); }), HasSubstr("is no shard"))
            << text;
    }
}

class GroundingListTest : public testing::Test {
protected:
    void SetUp() override {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder = fs::path(testing::TempDir()) / (std::string("grounding_list_test_") + test->name());
        fs::create_directories(folder);
    }
    void TearDown() override { fs::remove_all(folder); }
    GroundingList list(const std::string& text, Shard shard = {}) {
        write_text(folder / "list.jsonl", text);
        return GroundingList(folder / "list.jsonl", shard);
    }
    static std::string line(const std::string& image, int expressions = 1) {
        std::string text = R"({"image": ")" + image + R"(", "expressions": [)";
        for (int i = 0; i < expressions; ++i) text += i == 0 ? "\"x\"" : ", \"x\"";
        return text + "]}\n";
    }
    /// Line numbers, group by group: "1 2 | 3".
    static std::string groups(GroundingList& list, std::size_t expressions) {
        std::string text;
        for (auto group = list.next_group(expressions); !group.empty(); group = list.next_group(expressions)) {
            if (!text.empty()) text += " |";
            for (const auto& task : group) text += (text.empty() ? "" : " ") + std::to_string(task.line);
        }
        return text;
    }
    fs::path folder;
};

TEST_F(GroundingListTest, EveryLineIsInExactlyOneShardBlankOnesInNone) {
    const std::string text = line("a") + "\n" + line("b") + "   \r\n" + line("c") + "not JSON\n" + line("d");
    std::vector<std::int64_t> seen;
    std::int64_t counted = 0;
    for (std::int64_t index = 0; index < 3; ++index) {
        auto part = list(text, {index, 3});
        counted += part.count();
        while (const auto task = part.next()) {
            EXPECT_EQ((task->line - 1) % 3, index);
            seen.push_back(task->line);
        }
    }
    EXPECT_THAT(seen, testing::UnorderedElementsAre(1, 3, 5, 6, 7));
    EXPECT_EQ(counted, 5);
}

TEST_F(GroundingListTest, ALastLineWithoutNewlineCounts) {
    auto one = list(R"({"image": "a", "expression": "x"})");
    EXPECT_EQ(one.count(), 1);
    EXPECT_FALSE(one.next()->wrong);
    EXPECT_FALSE(one.next());
    auto none = list("");
    EXPECT_EQ(none.count(), 0);
    EXPECT_FALSE(none.next());
}

TEST_F(GroundingListTest, GroupsConsecutiveLinesOfOnePictureUpToSoManyExpressions) {
    auto mixed = list(line("a") + line("a") + line("b") + line("a"));
    EXPECT_EQ(groups(mixed, 16), "1 2 | 3 | 4");
    auto many = list(line("a", 2) + line("a", 2) + line("a", 1) + line("a", 9) + line("a", 1));
    EXPECT_EQ(groups(many, 4), "1 2 | 3 | 4 | 5");
    auto broken = list("?\n" + line("a") + "?\n" + line("a") + line("b") + "?\n");
    EXPECT_EQ(groups(broken, 16), "1 2 3 4 | 5 6");
    auto rubbish = list("?\n?\n?\n?\n?\n");
    EXPECT_EQ(groups(rubbish, 1), "1 2 3 4 | 5");
}

TEST_F(GroundingListTest, PicturesAreRelativeToTheList) {
    const auto one = list("");
    EXPECT_EQ(one.resolve("b/c.jpg"), folder / "b" / "c.jpg");
    EXPECT_EQ(one.resolve("/data/c.jpg"), "/data/c.jpg");
}

TEST_F(GroundingListTest, DigestTellsListsApart) {
    const std::string before = list(line("a")).digest();
    EXPECT_EQ(list(line("a")).digest(), before);
    EXPECT_NE(list(line("b")).digest(), before);
}

}  // namespace
}  // namespace vglaw
