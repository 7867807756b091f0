#include "vglaw/data/refer_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A list of one dict in pickle protocol 0; the values are opcodes.
std::string pickle_of(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string text = "(l(d";
    for (const auto& [key, value] : fields) text += "S'" + key + "'\n" + value + "s";
    return text + "a.";
}

std::vector<std::pair<std::string, std::string>> good_fields() {
    return {{"ref_id", "I1\n"},      {"ann_id", "I2\n"}, {"image_id", "I3\n"},
            {"split", "S'train'\n"}, {"extra", "N"},     {"sentences", "(l(dS'sent'\nS\"it's\"\nsS'sent_id'\nI4\nsa"}};
}

std::string refusal(const std::string& pickle, ErrorCode code = ErrorCode::corrupt_data) {
    const TemporaryFolder folder;
    folder.write("refs.p", pickle);
    try {
        (void)read_references(folder.path() / "refs.p", "train", ReferText::sent);
    } catch (const Error& error) {
        EXPECT_EQ(int(error.code()), int(code)) << error.what();
        EXPECT_THAT(error.what(), HasSubstr("refs.p"));
        return error.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

TEST(InSplit, FollowsRefersRule) {
    EXPECT_TRUE(in_split("train", "train"));
    EXPECT_FALSE(in_split("trainval", "train"));
    EXPECT_TRUE(in_split("testA", "testA"));
    EXPECT_TRUE(in_split("testAB", "testA"));
    EXPECT_TRUE(in_split("testAB", "testB"));
    EXPECT_FALSE(in_split("testAB", "testC"));
    EXPECT_TRUE(in_split("testA", "test"));
    EXPECT_TRUE(in_split("test", "test"));
    EXPECT_FALSE(in_split("val", "test"));
    EXPECT_TRUE(in_split("testAB", "testAB"));
    EXPECT_FALSE(in_split("testA", "testAB"));
}

TEST(ReadReferences, ReadsHandWrittenProtocolZero) {
    const TemporaryFolder folder;
    folder.write("refs.p", pickle_of(good_fields()));
    const auto references = read_references(folder.path() / "refs.p", "train", ReferText::sent);
    ASSERT_EQ(references.size(), 1U);
    EXPECT_EQ(references[0].ref_id, 1);
    EXPECT_EQ(references[0].ann_id, 2);
    EXPECT_EQ(references[0].image_id, 3);
    ASSERT_EQ(references[0].sentences.size(), 1U);
    EXPECT_EQ(references[0].sentences[0].sentence_id, 4);
    EXPECT_EQ(references[0].sentences[0].text, "it's");
}

TEST(ReadReferences, TakesEverySplitWhenNoneIsNamed) {
    const TemporaryFolder folder;
    folder.write("refs.p", pickle_of(good_fields()));
    const auto references = read_references(folder.path() / "refs.p", "", ReferText::sent);
    ASSERT_EQ(references.size(), 1U);
    EXPECT_EQ(references[0].label, "train");
}

TEST(ReadReferences, TakesTheOnlyWordingThereIs) {
    const TemporaryFolder folder;
    auto fields = good_fields();
    fields[5].second = "(l(dS'raw'\nS'It is!'\nsa";  // neither sent nor sent_id
    folder.write("refs.p", pickle_of(fields));
    for (const ReferText text : {ReferText::sent, ReferText::raw}) {
        EXPECT_EQ(read_references(folder.path() / "refs.p", "train", text)[0].sentences[0].text, "It is!");
    }
    fields[5].second = "(l(dS'sent_id'\nI4\nsa";
    EXPECT_THAT(refusal(pickle_of(fields)), HasSubstr("'sent'"));
}

TEST(ReadReferences, NamesAMissingKey) {
    for (const char* key : {"ref_id", "ann_id", "image_id", "split", "sentences"}) {
        auto fields = good_fields();
        std::erase_if(fields, [&](const auto& field) { return field.first == key; });
        EXPECT_THAT(refusal(pickle_of(fields)), AllOf(HasSubstr("reference number 0"), HasSubstr(key)));
    }
}

TEST(ReadReferences, NamesAKeyOfTheWrongType) {
    for (std::size_t i = 0; i < good_fields().size(); ++i) {
        auto fields = good_fields();
        if (fields[i].first == "extra") continue;
        fields[i].second = "F1.5\n";
        EXPECT_THAT(refusal(pickle_of(fields)), AllOf(HasSubstr("reference number 0"), HasSubstr(fields[i].first)));
    }
    auto fields = good_fields();
    fields[5].second = "(l(dS'sent'\nI3\nsa";
    EXPECT_THAT(refusal(pickle_of(fields)), HasSubstr("'sent'"));
    fields[5].second = "(lI3\na";
    EXPECT_THAT(refusal(pickle_of(fields)), HasSubstr("sentences"));
}

TEST(ReadReferences, RefusesOtherPickles) {
    EXPECT_THAT(refusal("(d."), HasSubstr("list of references"));
    EXPECT_THAT(refusal("(lI1\na."), HasSubstr("reference number 0"));
    EXPECT_THAT(refusal("(l.", ErrorCode::not_found), HasSubstr("no reference at all"));
}

TEST(ReadReferences, RefusesATruncatedPickleWhereverItEnds) {
    const std::string whole = pickle_of(good_fields());
    for (std::size_t length = 0; length < whole.size(); ++length) (void)refusal(whole.substr(0, length));
}

TEST(ReadReferences, RefusesAPickleThatNamesCode) {
    auto fields = good_fields();
    fields[0].second = "cos\nsystem\n(S'true'\ntR";
    EXPECT_THAT(refusal(pickle_of(fields), ErrorCode::unsupported), HasSubstr("system"));
    fields = good_fields();
    fields[4].second = "cos\nsystem\n";  // even where nobody looks
    EXPECT_THAT(refusal(pickle_of(fields), ErrorCode::unsupported), HasSubstr("system"));
}

}  // namespace
}  // namespace vglaw
