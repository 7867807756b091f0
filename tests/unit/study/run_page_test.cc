#include "vglaw/study/run_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/unit/study/run_files.h"
#include "vglaw/image/encode.h"
#include "vglaw/study/run_tables.h"

namespace vglaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kReport =
    R"({"model":"m","data":"refcoco(unc) val","expressions":1500,"mask_threshold":0.35,
        "canvas":{"rec":{"prec@0.5":0.8227,"prec@0.7":0.7,"prec@0.9":0.2,"mean_box_iou":0.705},"res":{"miou":0.7351,"oiou":0.7082}},
        "original":{"rec":null,"res":null}})";

std::string page_of(const std::vector<std::filesystem::path>& folders, const RunPageOptions& options = {}) {
    const auto runs = read_runs(folders);
    std::vector<std::vector<EvaluationFolder>> evaluations;
    for (const RunLog& run : runs) evaluations.push_back(find_evaluations(run.folder));
    return run_page(runs, evaluations, options);
}

TEST(RunTables, HaveTheBestAndTheLastValidation) {
    const TestFolder folder;
    put_run(folder / "mine");
    const auto runs = read_runs({folder / "mine"});
    EXPECT_THAT(validation_table(runs).rows,
                ElementsAre(ElementsAre("mine", "best", "10", "25.00", "30.00", "50.00", "40.00"),
                            ElementsAre("mine", "last", "2,000", "12.50", "30.00", "25.00", "-")));
    EXPECT_THAT(lengths_table(runs).rows, ElementsAre(ElementsAre("mine", "REC Prec@0.5", "50.00", "-", "-", "-")));
    EXPECT_THAT(effort_table(runs).rows,
                ElementsAre(ElementsAre("mine", "2,000", "1.00", "16,000", "100.0", "50.00 %", "3.0 s")));
}

TEST(RunPage, HasATableAChartForEachFigureAndTheKeysThatDiffer) {
    const TestFolder folder;
    put_run(folder / "active", R"({"law":{"kind":"lowrank","rank":32},"train":{"batch":8}})");
    put_run(folder / "passive", R"({"law":{"kind":"none","rank":32},"train":{"batch":8}})");
    const std::string page = page_of({folder / "active", folder / "passive"});
    EXPECT_THAT(page, HasSubstr("REC Prec@0.5</h4>"));
    EXPECT_THAT(page, HasSubstr("total, weighted</h4>"));
    EXPECT_THAT(page, Not(HasSubstr("focal, mask</h4>")));  // 0 throughout: not trained
    const auto differ = page.find("Keys in which the runs differ</caption>"),
               all = page.find("Every key as it was used</caption>");
    ASSERT_NE(differ, std::string::npos);
    ASSERT_NE(all, std::string::npos);
    EXPECT_THAT(page.substr(differ, all - differ), HasSubstr("law.kind"));
    EXPECT_THAT(page.substr(differ, all - differ), Not(HasSubstr("law.rank")));
    EXPECT_THAT(page.substr(all), HasSubstr("law.rank"));
}

TEST(RunPage, EachRunsReadoutIsOfItsOwnLineHoweverManyThereAre) {
    const TestFolder folder;
    std::vector<std::filesystem::path> folders;
    for (int i = 0; i < 10; ++i) put_run(folders.emplace_back(folder / ("run" + std::to_string(i))));
    const std::string page = page_of(folders);
    const auto chart = page.find("REC Prec@0.5</h4>");
    const std::string figure = page.substr(chart, page.find("</figure>", chart) - chart);
    for (int i = 0; i < 10; ++i) {
        const std::string of = "data-of=\"" + std::to_string(i) + "\"";
        const std::regex lines("<path class=\"line s" + std::to_string(i % 8) + "\" d=\"[^\"]*\" " + of + "/>"),
            readouts("run" + std::to_string(i) + "</span><output " + of + ">");
        const auto count = [&figure](const std::regex& what) {
            return std::distance(std::sregex_iterator(figure.begin(), figure.end(), what), std::sregex_iterator());
        };
        EXPECT_EQ(count(lines), 1) << i;
        EXPECT_EQ(count(readouts), 1) << i;
    }
}

TEST(RunPage, TwoEvaluationsOfOneRunAreToldApart) {
    const TestFolder folder;
    put_run(folder / "mine");
    for (const char* name : {"val-best", "val-last"}) put(folder / "mine" / name / "report.json", kReport);
    const auto runs = read_runs({folder / "mine"});
    const auto rows = evaluations_table(runs, {find_evaluations(folder / "mine")}).rows;
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0][1], "val-best");
    EXPECT_EQ(rows[2][1], "val-last");
}

TEST(RunPage, APrecisionOf0WasMeasured) {
    const TestFolder folder;
    put_run(folder / "new", "{}", "{\"step\":4,\"val_prec@0.5\":0.0,\"val_miou\":0.1,\"val_seconds\":1.0}\n");
    EXPECT_THAT(page_of({folder / "new"}), HasSubstr("REC Prec@0.5</h4>"));
}

TEST(RunPage, OfOneRunNamesWhatDiffersFromTheDefaults) {
    const TestFolder folder;
    put_run(folder / "mine", R"({"train":{"batch":8,"seed":1}})");
    RunPageOptions options;
    options.defaults = Json::parse(R"({"train":{"batch":256,"seed":1,"clip":1}})");
    const std::string page = page_of({folder / "mine"}, options);
    const auto differ = page.find("Keys that differ from the defaults"),
               all = page.find("Every key as it was used</caption>");
    EXPECT_THAT(page.substr(differ, all - differ), HasSubstr("<td>256</td>"));
    EXPECT_THAT(page.substr(differ, all - differ), Not(HasSubstr("train.seed")));
}

TEST(RunPage, FetchesNothingAndEveryElementIsClosed) {
    const TestFolder folder;
    put_run(folder / "run <script>");
    put(folder / "run <script>/report/report.json", kReport);
    const std::string page = page_of({folder / "run <script>"});
    EXPECT_FALSE(std::regex_search(page, std::regex("(src|href)=\"(?!#|data:)")));
    EXPECT_FALSE(std::regex_search(page, std::regex("url\\(|@import|https?://(?!www\\.w3\\.org/2000/svg)")));
    EXPECT_THAT(page, Not(HasSubstr("<script>\"")));
    EXPECT_THAT(page, HasSubstr("run &lt;script&gt;"));
    // Tags nest; <meta>, <img>, <br>, <path/> and <circle/> have no end.
    std::vector<std::string> open;
    const std::string body = std::regex_replace(page, std::regex("<(script|style)>[^<]*"), "<$1>");
    const std::regex tag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
    for (std::sregex_iterator match(body.begin(), body.end(), tag), end; match != end; ++match) {
        const std::string name = (*match)[2];
        if (name == "meta" || name == "img" || name == "br" || (*match)[3] == "/") continue;
        if ((*match)[1] == "") {
            open.push_back(name);
        } else {
            ASSERT_FALSE(open.empty()) << name;
            ASSERT_EQ(open.back(), name);
            open.pop_back();
        }
    }
    EXPECT_TRUE(open.empty());
}

TEST(RunPage, ShowsPicturesAndFiguresOfEvaluationsInTheRunsFolder) {
    const TestFolder folder;
    put_run(folder / "mine");
    put(folder / "mine/report/report.json", kReport);
    put(folder / "mine/report/per_expression.jsonl",
        "{\"index\":7,\"expression\":\"the <red> ball\",\"original\":{\"box_iou\":0.816,\"mask_iou\":0.77}}\n"
        "{\"index\":9,\"expression\":\"not shown\"}\nnot json\n");
    std::filesystem::create_directories(folder / "mine/report/hits");
    save_png(folder / "mine/report/hits/000007.png", Image(1000, 500));
    const std::string page = page_of({folder / "mine"});
    EXPECT_THAT(page, HasSubstr("82.27"));
    EXPECT_THAT(page, HasSubstr("1,500"));
    EXPECT_THAT(page, HasSubstr("the &lt;red&gt; ball"));
    EXPECT_THAT(page, HasSubstr("box IoU 0.82, mask IoU 0.77"));
    EXPECT_THAT(page, HasSubstr("width=\"640\" height=\"320\" src=\"data:image/jpeg;base64,/9j/"));
    EXPECT_THAT(page, Not(HasSubstr("not shown")));
    EXPECT_THAT(page, Not(HasSubstr("Misses:")));
    RunPageOptions none;
    none.examples = 0;
    EXPECT_THAT(page_of({folder / "mine"}, none), Not(HasSubstr("data:image")));
}

TEST(RunPage, OfARunThatHasJustBegunSaysSo) {
    const TestFolder folder;
    put_run(folder / "new", "{}", "");
    EXPECT_THAT(page_of({folder / "new"}), HasSubstr("Nothing has been logged yet"));
    EXPECT_NE(failure([] { (void)run_page({}, {}, {}); }), "");
}

TEST(EvaluationFolder, ADamagedReportIsNamed) {
    const TestFolder folder;
    put(folder / "run/report/report.json", "{\"canvas\": 1}");
    EXPECT_THAT(failure([&] { (void)find_evaluations(folder / "run"); }), HasSubstr("report/report.json"));
    EXPECT_TRUE(find_evaluations(folder / "nothing").empty());
}

}  // namespace
}  // namespace vglaw
