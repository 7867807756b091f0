// Training on files in the REFER layout, from the pictures on disk to the best model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/train/tiny_experiment.h"
#include "vglaw/model/bundle.h"
#include "vglaw/scenes/refer/refer_picture.h"
#include "vglaw/scenes/refer/refer_writer.h"

namespace vglaw::train {
namespace {

using testing::HasSubstr;

ReferSetOptions tiny_set() {
    ReferSetOptions options;
    options.images = 20;
    options.min_side = options.max_side = 64;
    options.min_objects = 3;
    options.max_objects = 4;
    options.threads = 1;
    return options;
}

ExperimentConfig refer_experiment(const TemporaryFolder& folder) {
    auto config = tiny_experiment(folder / "run");
    config.data.source = "refer";
    config.data.refer.root = folder / "data";
    config.train.max_steps = 2;
    config.train.validate_every = 2;
    config.train.log_every = 1;
    return config;
}

TEST(ReferTraining, TrainsAndValidatesFromTheFiles) {
    const TemporaryFolder folder;
    (void)write_refer_layout(folder / "data", tiny_set());
    std::vector<StepReport> steps;
    std::vector<ValidationReport> validations;
    TrainObserver observer;
    observer.step = [&](const StepReport& report) { steps.push_back(report); };
    observer.validation = [&](const ValidationReport& report) { validations.push_back(report); };
    const auto result = train(refer_experiment(folder), false, observer);
    EXPECT_EQ(result.step, 2);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_GT(steps[0].dice, 0);  // the masks arrived
    ASSERT_EQ(validations.size(), 1U);
    EXPECT_GT(validations[0].metrics.expressions(), 0U);
    EXPECT_TRUE(validations[0].metrics.figures(Frame::canvas).res.has_value());
    EXPECT_THAT(read_bundle(result.model).source, HasSubstr("refcoco"));
}

/// Empties the segmentation of every annotation whose picture `chosen` accepts.
template <typename Chosen>
void remove_masks(const std::string& root, const Chosen& chosen) {
    Json instances = Json::parse(read_text(root + "/refcoco/instances.json"));
    for (Json& annotation : instances.at("annotations")) {
        if (chosen(annotation.at("image_id").get<std::int64_t>())) annotation["segmentation"] = Json::array();
    }
    write_text(root + "/refcoco/instances.json", instances.dump());
}

TEST(ReferTraining, WithoutMasksTheBoxTrainsAndAMaskTaskIsRefused) {
    const TemporaryFolder folder;
    (void)write_refer_layout(folder / "data", tiny_set());
    remove_masks(folder / "data", [](std::int64_t) { return true; });
    std::string said;
    std::vector<StepReport> steps;
    TrainObserver observer;
    observer.note = [&](const std::string& text) { said += text + "\n"; };
    observer.step = [&](const StepReport& report) { steps.push_back(report); };
    auto config = refer_experiment(folder);
    EXPECT_GE(train(config, false, observer).best, 0);
    EXPECT_THAT(said, HasSubstr("has no masks"));
    ASSERT_FALSE(steps.empty());
    EXPECT_GT(steps[0].giou, 0);
    EXPECT_EQ(steps[0].dice, 0);

    config.train.out = folder / "mask";
    config.train.tasks = "mask";
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr("set train.tasks = box"));
}

TEST(ReferTraining, AValidationSetWithoutMasksScoresTheBoxAlone) {
    const TemporaryFolder folder;
    (void)write_refer_layout(folder / "data", tiny_set());
    const auto kind = refer_set_kind("refcoco");
    std::set<std::int64_t> validated;
    for (int number = 0; number < tiny_set().images; ++number) {
        if (refer_split(kind, number) == "val") validated.insert(refer_image_id(kind, number));
    }
    remove_masks(folder / "data", [&](std::int64_t image) { return validated.count(image) > 0; });
    std::vector<StepReport> steps;
    std::vector<ValidationReport> validations;
    TrainObserver observer;
    observer.step = [&](const StepReport& report) { steps.push_back(report); };
    observer.validation = [&](const ValidationReport& report) { validations.push_back(report); };
    const auto result = train(refer_experiment(folder), false, observer);
    ASSERT_FALSE(steps.empty());
    EXPECT_GT(steps[0].dice, 0);
    ASSERT_EQ(validations.size(), 1U);
    const auto figures = validations[0].metrics.figures(Frame::canvas);
    EXPECT_FALSE(figures.res.has_value());
    EXPECT_EQ(result.best, figures.rec->precision[0]);
}

TEST(ReferTraining, SkippedExpressionsAreReported) {
    const TemporaryFolder folder;
    (void)write_refer_layout(folder / "data", tiny_set());
    const auto kind = refer_set_kind("refcoco");
    const auto pictures = folder.path / "data" / refer_image_folder(kind);
    ASSERT_TRUE(std::filesystem::remove(pictures / refer_image_name(kind, refer_image_id(kind, 0))));
    auto config = refer_experiment(folder);
    EXPECT_NE(message_of([&] { (void)train(config, false, {}); }), "");
    config.data.refer.skip_missing = true;
    std::string said;
    TrainObserver observer;
    observer.note = [&](const std::string& text) { said += text + "\n"; };
    EXPECT_EQ(train(config, false, observer).step, 2);
    EXPECT_THAT(said, HasSubstr("left out"));
}

TEST(ReferTraining, AMissingSplitOrFolderIsNamed) {
    const TemporaryFolder folder;
    auto config = refer_experiment(folder);
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr(folder / "data"));
    (void)write_refer_layout(folder / "data", tiny_set());
    config.data.refer.val_split = "testC";
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr("testC"));
}

}  // namespace
}  // namespace vglaw::train
