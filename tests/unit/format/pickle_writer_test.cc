#include "vglaw/format/pickle_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/format/pickle_describe.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/pickle_reader.h"

namespace vglaw {
namespace {

using Id = PickleBuilder::Id;

PickleDocument read_back(const std::string& text) {
    return parse_pickle({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "written");
}

PickleDocument two_refs() {
    PickleBuilder builder("refs");
    const Id refs = builder.add_list();
    for (int i = 0; i < 2; ++i) {
        const Id ref = builder.add_dict();
        builder.set(ref, builder.add_string("ref_id"), builder.add_int(i));
        builder.set(ref, builder.add_string("split"), builder.add_string(i == 0 ? "it's" : "caf\u00e9 \u2019\\"));
        builder.append(refs, ref);
    }
    return builder.finish(refs);
}

TEST(PickleWriter, WritesTheBytesOfCPickle) {
    EXPECT_EQ(to_pickle(two_refs().root()),
              "(lp1\n(dp2\nS'ref_id'\np3\nI0\nsS'split'\np4\nS\"it's\"\np5\nsa"
              "(dp6\ng3\nI1\nsg4\nVcaf\xe9 \\u2019\\u005c\np7\nsa.");
}

TEST(PickleWriter, IsReadBackTheSame) {
    PickleBuilder builder("values");
    const Id list = builder.add_list();
    std::string every_ascii;
    for (char letter = 0; letter < 127; ++letter) every_ascii += letter;
    for (const std::string& text :
         {std::string(), every_ascii, every_ascii + "é", std::string("'\""), std::string("\"'\\u0041"),
          std::string("\\u0041é😀\\"), std::string("\r\n\r é\r\n")}) {
        builder.append(list, builder.add_string(text));
    }
    for (const double value : {0.0, 1.0, -0.1, 1e16, 1e-300, 5e-324, std::numeric_limits<double>::infinity()}) {
        builder.append(list, builder.add_real(value));
    }
    for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{0}}) {
        builder.append(list, builder.add_int(value));
    }
    builder.append(list, builder.add_none());
    builder.append(list, builder.add_bool(true));
    builder.append(list, builder.add_bool(false));
    const Id dict = builder.add_dict();
    builder.set(dict, builder.add_int(3), builder.add_list());
    builder.append(list, dict);
    builder.append(list, dict);
    const PickleDocument document = builder.finish(list);
    const std::string text = to_pickle(document.root());
    const PickleDocument again = read_back(text);
    ASSERT_EQ(describe(again.root()), describe(document.root()));
    EXPECT_EQ(again.root()[1].as_string(), every_ascii);
    EXPECT_EQ(to_pickle(again.root()), text) << "deterministic";
    const PickleValue root = again.root();
    EXPECT_EQ(root[root.size() - 1].id(), root[root.size() - 2].id()) << "shared stays shared";
}

TEST(PickleWriter, WritesAFile) {
    const auto path = std::filesystem::path(testing::TempDir()) / "refs(unc).p";
    write_pickle(path, two_refs().root());
    EXPECT_EQ(describe(open_pickle(path).root()), describe(two_refs().root()));
}

TEST(PickleWriter, RefusesKindsItHasNoWordFor) {
    PickleBuilder builder("values");
    const PickleDocument document = builder.finish(builder.add_bytes("ab"));
    EXPECT_THROW((void)to_pickle(document.root()), Error);
}

}  // namespace
}  // namespace vglaw
