#include "vglaw/format/pickle_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/format/pickle_describe.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using testing::HasSubstr;

std::filesystem::path golden(const std::string& name) { return VGLAW_SOURCE_DIR "/tests/golden/format/" + name; }

PickleDocument parse(std::string_view text, const PickleOptions& options = {}) {
    return parse_pickle({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "x.p", options);
}

/// The message of the refusal; empty if the pickle was accepted.
std::string refusal(std::string_view text, const PickleOptions& options = {}) {
    try {
        (void)parse(text, options);
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(std::string_view(error.what()).substr(0, 5), "x.p: ");
        EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
        return error.what();
    }
}

const std::string kPython2 =
    R"([{"sent_ids": [0, 1], "file_name": "COCO_train2014_000000581857_16.jpg", "ann_id": 1719310, "sentences": )"
    R"([{"tokens": ["it's", "a\\bA\n'"], "raw": "café ’ 😀", "sent_id": 0, "sent": "it's"}, )"
    R"({"tokens": [], "raw": "", "sent_id": -1, "sent": None}], "split": "testA", "flag": True, "off": False, )"
    R"("score": 1.5f}])";

TEST(PickleReader, ReadsWhatPython2Writes) {
    PickleOptions plain;
    plain.allow_globals = false;
    EXPECT_EQ(describe(open_pickle(golden("python2.pkl"), plain).root()), kPython2);
    EXPECT_EQ(describe(open_pickle(golden("python2_crlf.pkl"), plain).root()), kPython2) << "a copy damaged by Windows";
    EXPECT_EQ(describe(open_pickle(golden("python2_protocol2.pkl")).root()), R"(["left", b:fffe, "cap", "left"])");
}

TEST(PickleReader, ReadsTheSameValuesFromEveryProtocol) {
    const PickleDocument reference = open_pickle(golden("plain_protocol4.pkl"));
    const PickleValue first = reference.root()[0];
    EXPECT_TRUE(first.at("none").is(PickleKind::none));
    EXPECT_EQ(describe(first.at("ints")),
              "[0, 1, 255, 256, 65535, 65536, 2147483647, -2147483648, 2147483648, 9223372036854775807, "
              "-9223372036854775808]");
    EXPECT_EQ(describe(first.at("floats")), "[0f, -1.5f, 1e+300f, 0.1f]");
    EXPECT_EQ(describe(first.at("empty")), "[[], {}, (), \"\"]");
    EXPECT_EQ(describe(first.at("tuples")), "[(1), (1, 2), (1, 2, 3), (1, 2, 3, 4)]");
    EXPECT_EQ(first.at("text").as_string(), "café ’ 😀 back\\slash \\u0041 line\nend");
    EXPECT_EQ(first.at("shared")[0].id(), first.at("shared")[1].id());
    EXPECT_EQ(first.at("long").as_string(), std::string(300, 'x'));
    EXPECT_EQ(first.entry(first.size() - 1).first.as_int(), 7);
    for (int protocol = 0; protocol <= 5; ++protocol) {
        const auto document = open_pickle(golden(fmt::format("plain_protocol{}.pkl", protocol)));
        EXPECT_EQ(describe(document.root()), describe(reference.root())) << protocol;
    }
}

TEST(PickleReader, KeepsObjectsInert) {
    for (int protocol = 0; protocol <= 5; ++protocol) {
        SCOPED_TRACE(protocol);
        const auto path = golden(fmt::format("objects_protocol{}.pkl", protocol));
        const PickleDocument document = open_pickle(path);
        const PickleValue root = document.root();
        EXPECT_EQ(describe(root.at("bytes")), "b:0041c8ff");
        EXPECT_EQ(describe(root.at("no_bytes")), "b:");
        EXPECT_TRUE(root.at("class").is_global("collections", "OrderedDict"));
        const PickleValue ordered = root.at("ordered");
        EXPECT_EQ(ordered.callable().name(), "OrderedDict");
        if (protocol >= 2) {  // before, its pairs are an argument of the call
            EXPECT_EQ(ordered.at("a").as_int(), 1);
        }
        const PickleValue point = root.at("point");
        EXPECT_TRUE(point.is(PickleKind::object));
        EXPECT_EQ(point.state()->at("x").as_int(), 3);
        EXPECT_THAT(describe(root.at("set")), HasSubstr("5"));

        PickleOptions plain;
        plain.allow_globals = false;
        try {
            (void)open_pickle(path, plain);
            FAIL() << "globals were to be refused";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::unsupported);
            EXPECT_THAT(error.what(), HasSubstr("OrderedDict"));
        }
    }
}

TEST(PickleReader, NeverCallsAnything) {
    const PickleDocument document = parse("cos\nsystem\n(S'touch pwned'\ntR.");
    EXPECT_EQ(describe(document.root()), R"(<os.system>!("touch pwned"))");
    EXPECT_FALSE(std::filesystem::exists("pwned"));
    EXPECT_EQ(describe(parse("(S'a'\nios\nsystem\n.").root()), R"(<os.system>!("a"))");
    EXPECT_EQ(describe(parse("(cos\nsystem\nI1\no.").root()), "<os.system>!(1)");
    EXPECT_EQ(describe(parse("P12\n.").root()), "@\"12\"");
    EXPECT_EQ(describe(parse("\x80\x02(U\x01sK\x05tQ.").root()), "@(\"s\", 5)");
    PickleOptions plain;
    plain.allow_globals = false;
    EXPECT_THAT(refusal("cos\nsystem\n(S'touch pwned'\ntR.", plain), HasSubstr("\"os\".\"system\""));
    EXPECT_NE(refusal("P12\n.", plain), "");
    EXPECT_NE(refusal("(S'a'\nios\nsystem\n.", plain), "");
    EXPECT_THAT(refusal("S'not a class'\n(tR.", plain), HasSubstr("makes a call at byte 17"));
    EXPECT_THAT(refusal("S'not a class'\n(I1\nt\x81.", plain), HasSubstr("makes a call"));
}

TEST(PickleReader, TellsWhereTheNextPickleBegins) {
    const std::string two = "I1\n.I2\n.";
    const PickleDocument first = parse(two);
    EXPECT_EQ(first.root().as_int(), 1);
    EXPECT_EQ(first.consumed(), 4u);
    EXPECT_EQ(parse(std::string_view(two).substr(4)).root().as_int(), 2);
}

TEST(PickleReader, KeepsTheMappingAliveWithTheDocument) {
    PickleDocument moved = [] {
        PickleDocument document = open_pickle(golden("python2.pkl"));
        return document;
    }();
    EXPECT_EQ(moved.root()[0].at("split").as_string(), "testA");
}

TEST(PickleReader, RefusesMalformedPicklesWithAReason) {
    EXPECT_THAT(refusal(""), HasSubstr("truncated"));
    EXPECT_THAT(refusal("I1\n"), HasSubstr("truncated"));
    EXPECT_THAT(refusal("I1"), HasSubstr("inside a line"));
    EXPECT_THAT(refusal("."), HasSubstr("stack is too short"));
    EXPECT_THAT(refusal("I1\nI2\n."), HasSubstr("left over"));
    EXPECT_THAT(refusal("(I1\n."), HasSubstr("MARK"));
    EXPECT_THAT(refusal("l."), HasSubstr("no MARK"));
    EXPECT_THAT(refusal("]a."), HasSubstr("stack is too short"));
    EXPECT_THAT(refusal("](a."), HasSubstr("stack is too short")) << "a value below the mark is out of reach";
    EXPECT_THAT(refusal("I1\nI2\na."), HasSubstr("appended to an integer"));
    EXPECT_THAT(refusal("(I1\nd."), HasSubstr("key without a value"));
    EXPECT_THAT(refusal("}(I1\nu."), HasSubstr("key without a value"));
    EXPECT_THAT(refusal("Iseven\n."), HasSubstr("not a number"));
    EXPECT_THAT(refusal("I9223372036854775808\n."), HasSubstr("64 bits"));
    EXPECT_THAT(refusal("L9223372036854775808L\n."), HasSubstr("64 bits"));
    EXPECT_THAT(refusal(std::string_view("\x8a\x09\0\0\0\0\0\0\0\0\x01.", 12)), HasSubstr("64 bits"));
    EXPECT_THAT(refusal("Sabc\n."), HasSubstr("not quoted"));
    EXPECT_THAT(refusal("S'abc\n."), HasSubstr("not quoted"));
    EXPECT_THAT(refusal("V\\u12\n."), HasSubstr("escape"));
    EXPECT_THAT(refusal("V\\ud800\n."), HasSubstr("escape"));
    EXPECT_THAT(refusal("\x8c\x02\xff\xff."), HasSubstr("UTF-8"));
    EXPECT_THAT(refusal("X\xff\xff\xff\x7f"), HasSubstr("truncated"));
    EXPECT_THAT(refusal("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"), HasSubstr("truncated"));
    EXPECT_THAT(refusal("g1\n."), HasSubstr("never stored"));
    EXPECT_THAT(refusal("I1\np-1\n."), HasSubstr("not a number"));
    EXPECT_THAT(refusal("I1\np4000000000\n."), HasSubstr("memo number"));
    EXPECT_THAT(refusal("I1\nb."), HasSubstr("stack"));
    EXPECT_THAT(refusal("]I1\nb."), HasSubstr("state is set on a list"));
    EXPECT_THAT(refusal("\x80\x06."), HasSubstr("protocol"));
    EXPECT_THAT(refusal("\x82\x01."), HasSubstr("extension registry"));
    EXPECT_THAT(refusal("\x97."), HasSubstr("out-of-band"));
    EXPECT_THAT(refusal("zzz"), HasSubstr("0x7a is no pickle opcode"));
}

TEST(PickleReader, RefusesValuesThatContainThemselves) {
    EXPECT_THAT(refusal("]q\x01h\x01\x61."), HasSubstr("contains itself"));
    EXPECT_THAT(refusal("}q\x01(K\x01]q\x02h\x01\x61u."), HasSubstr("contains itself"));
    EXPECT_THAT(refusal("c__main__\nA\n)\x81q\x01h\x01\x62."), HasSubstr("contains itself"));
}

TEST(PickleReader, SharesInsteadOfCopying) {
    // 40 lists, each holding the one before twice: 2^40 leaves for whoever copies, 43 nodes here.
    std::string text = "]";
    for (int i = 0; i < 40; ++i) text += fmt::format("p{0}\n0(g{0}\ng{0}\nl", i);
    EXPECT_EQ(parse(text + ".").node_count(), 44u);
}

TEST(PickleReader, KeepsEachLimit) {
    const auto limited = [](auto change, std::string_view text) {
        PickleOptions options;
        change(options.limits);
        return refusal(text, options);
    };
    const std::string nested = std::string(30, '(') + std::string(30, 'l') + ".";
    EXPECT_EQ(refusal(nested), "");
    EXPECT_THAT(limited([](PickleLimits& l) { l.max_depth = 20; }, nested), HasSubstr("nested deeper"));
    EXPECT_THAT(refusal(std::string(100000, '(') + std::string(100000, 'l') + "."), HasSubstr("nested deeper"));
    EXPECT_THAT(limited([](PickleLimits& l) { l.max_bytes = 10; }, nested), HasSubstr("bytes of pickle"));
    EXPECT_THAT(limited([](PickleLimits& l) { l.max_nodes = 10; }, nested), HasSubstr("values accepted"));
    EXPECT_THAT(limited([](PickleLimits& l) { l.max_memo = 1; }, "I1\np0\np1\n."), HasSubstr("memoised"));
    EXPECT_THAT(limited([](PickleLimits& l) { l.max_text_bytes = 2; }, "V\\u0041bc\n."), HasSubstr("unfold"));
    // The same long text turned into bytes again and again.
    std::string bomb = "c_codecs\nencode\np0\n0V" + std::string(100000, 'a') + "\np1\n0Vlatin1\np2\n0(";
    for (int i = 0; i < 1000; ++i) bomb += "g0\n(g1\ng2\ntR";
    EXPECT_THAT(refusal(bomb + "t."), HasSubstr("unfold"));
}

TEST(PickleReader, SurvivesTruncationAndEverySingleByteChange) {
    for (const auto& item : std::filesystem::directory_iterator(golden(""))) {
        if (item.path().extension() != ".pkl") continue;
        std::vector<std::uint8_t> bytes = read_file(item.path());
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            // A copy of the exact size, so that a sanitizer sees a read behind its end.
            const std::vector<std::uint8_t> cut(bytes.begin(), bytes.begin() + std::ptrdiff_t(size));
            EXPECT_THROW((void)parse_pickle(cut, "x"), Error) << item.path() << size;
        }
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const std::uint8_t original = bytes[at];
            for (int k = 1; k < 256; k += 19) {
                bytes[at] = std::uint8_t(original + k);
                try {
                    (void)describe(parse_pickle(bytes, "x").root());
                } catch (const Error&) {
                }
            }
            bytes[at] = original;
        }
    }
}

TEST(PickleValue, NamesTheKindItDidNotExpect) {
    const PickleDocument document = parse("(lp0\nI1\na.");
    const auto message = [](auto action) -> std::string {
        try {
            action();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt_data);
            return error.what();
        }
        return "";
    };
    const PickleValue root = document.root();
    EXPECT_EQ(message([&] { (void)root.as_string(); }), "x.p: expected a string, found a list");
    EXPECT_THAT(message([&] { (void)root[1]; }), HasSubstr("missing"));
    EXPECT_THAT(message([&] { (void)root[0].size(); }), HasSubstr("has no elements"));
    EXPECT_THAT(message([&] { (void)root.at("key"); }), HasSubstr("expected a dict"));
    EXPECT_EQ(root[0].as_double(), 1.0);
}

}  // namespace
}  // namespace vglaw
