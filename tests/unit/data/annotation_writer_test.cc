#include "vglaw/data/annotation_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vglaw/core/rng.h"

namespace vglaw {
namespace {

// What readers make of [x, y, w, h].
BoxXyxy read_back(const nlohmann::json& box) {
    const auto at = [&](int i) { return box[std::size_t(i)].get<double>(); };
    return {float(at(0)), float(at(1)), float(at(0) + at(2)), float(at(1) + at(3))};
}

TEST(BoxJson, IsReadAsTheSameBox) {
    Rng rng(3);
    for (int i = 0; i < 2000; ++i) {
        const auto x = float(rng.uniform(-5, 2000)), y = float(rng.uniform(0, 1e-3));
        const BoxXyxy box{x, y, x + float(rng.uniform(0.001, 700)), y + float(rng.uniform(0.1, 700))};
        EXPECT_EQ(read_back(nlohmann::json::parse(to_line(box_json(box)))), box);
    }
}

TEST(BoxJson, HasTwoDecimalsWhereTheyDo) {
    const BoxXyxy box{float(303.58), float(69.03), float(303.58 + 293.29), float(69.03 + 425.79)};
    EXPECT_EQ(to_line(box_json(box)), "[303.58,69.03,293.29,425.79]");
}

TEST(WrittenReferences, KeepIdsThatAreUniqueAndGiveOthersAnew) {
    const auto references_of = [](std::vector<std::int64_t> refs, std::vector<std::int64_t> annotations) {
        TableBuilder builder("set");
        const auto picture = builder.picture(1, "a.jpg", 4, 4);
        for (std::size_t i = 0; i < refs.size(); ++i) {
            TableTarget target;
            target.picture = picture;
            target.split = builder.split("val");
            target.ref_id = refs[i];
            target.annotation_id = annotations[i];
            target.box_px = {0, 0, float(i + 1), 1};
            builder.expression(builder.target(std::move(target)), 0, "x");
        }
        const AnnotationTable table = builder.finish();
        std::vector<std::pair<std::int64_t, std::int64_t>> ids;
        for (const auto& reference : written_references(table))
            ids.emplace_back(reference.ref_id, reference.annotation_id);
        return ids;
    };
    using Ids = std::vector<std::pair<std::int64_t, std::int64_t>>;
    EXPECT_EQ(references_of({0, 9}, {5, 6}), (Ids{{0, 5}, {9, 6}}));
    EXPECT_EQ(references_of({9, 9}, {5, 6}), (Ids{{1, 5}, {2, 6}}));
    EXPECT_EQ(references_of({8, 9}, {5, 5}), (Ids{{8, 1}, {9, 2}}));  // one id, two boxes
    EXPECT_EQ(references_of({8, 9}, {5, 0}), (Ids{{8, 1}, {9, 2}}));
}

}  // namespace
}  // namespace vglaw
