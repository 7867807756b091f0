#include <algorithm>
#include <cstddef>
#include <limits>

#include "vglaw/engine/engine_forward.h"
#include "vglaw/interface/growing_struct.h"
#include "vglaw/interface/handles.h"
#include "vglaw/interface/image_view.h"
#include "vglaw/interface/thread_option.h"

namespace {

using namespace vglaw::interface;
using vglaw::ErrorCode;
using vglaw::fail;

constexpr std::size_t first_options = offsetof(vglaw_grounder_options, mask_threshold) + sizeof(float);

/// The model's own, with the caller's threshold.
vglaw::ModelBundle bundle_for(const vglaw_model& model, float mask_threshold) {
    auto bundle = model.packed->bundle;
    if (mask_threshold == 0) return bundle;
    if (!(mask_threshold > 0 && mask_threshold < 1)) {
        fail(ErrorCode::invalid_argument,
             "options->mask_threshold is {}; give a probability between 0 and 1, or 0 for the model's own",
             mask_threshold);
    }
    bundle.config.mask_head.threshold = double(mask_threshold);
    return bundle;
}

/// One call at a time: a grounder's buffers are one caller's. None on several threads where there is one.
class AtWork {
public:
    explicit AtWork(vglaw_grounder& grounder) : flag_(grounder.at_work) {
        if (grounder.threads > 1 && is_forked()) {
            fail(
                ErrorCode::unsupported,
                "this process was forked after a model was opened, and has none of its threads; here create a grounder "
                "with options->threads = 1, or open the model after the fork only");
        }
        if (flag_.exchange(true, std::memory_order_acquire)) {
            fail(ErrorCode::invalid_argument,
                 "the grounder is at work in another thread; create one for each thread, they share the model");
        }
    }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    ~AtWork() { flag_.store(false, std::memory_order_release); }

private:
    std::atomic<bool>& flag_;
};

/// The expression as the network reads it, and how much of it that is.
vglaw::GroundingQuery read_expression(const vglaw_grounder& handle, const char* expression, TokenCount& count) {
    auto query = handle.grounder.query(expression);
    count.read = count.given = int(query.ids.size());
    if (count.read >= handle.grounder.config().text.max_tokens) {  // perhaps cut
        constexpr int no_limit = std::numeric_limits<int>::max();
        count.given = int(handle.model.tokenizer->encode(expression, no_limit).size());
    }
    return query;
}

}  // namespace

vglaw_status vglaw_grounder_create(const vglaw_model* model, const vglaw_grounder_options* options,
                                   vglaw_grounder** grounder) {
    return guarded([&] {
        require(grounder, "grounder");
        *grounder = nullptr;
        require(model, "model");
        const auto given = read_options(options, first_options, "options");
        const int asked = checked_threads(given.threads);
        auto forward =
            std::make_unique<vglaw::engine::EngineForward>(model->packed, asked == 0 && is_forked() ? 1 : asked);
        const int threads = forward->threads();
        *grounder = new vglaw_grounder{
            *model, vglaw::Grounder(bundle_for(*model, given.mask_threshold), std::move(forward)), {}, false, threads};
    });
}

void vglaw_grounder_destroy(vglaw_grounder* grounder) { delete grounder; }

vglaw_status vglaw_ground(vglaw_grounder* grounder, const vglaw_image* image, const char* const* expressions,
                          size_t count, vglaw_result** result) {
    return guarded([&] {
        require(result, "result");
        *result = nullptr;
        require(grounder, "grounder");
        if (count == 0) fail(ErrorCode::invalid_argument, "no expressions; give at least one");
        require(expressions, "expressions");
        const AtWork at_work(*grounder);
        auto answers = std::make_unique<vglaw_result>();
        answers->answers = std::vector<vglaw_result::Answer>(count);
        std::vector<vglaw::GroundingQuery> queries;
        for (std::size_t i = 0; i < count; ++i) {
            if (expressions[i] == nullptr) fail(ErrorCode::invalid_argument, "expressions[{}] is NULL", i);
            queries.push_back(read_expression(*grounder, expressions[i], answers->answers[i].tokens));
        }
        copy_pixels(image, grounder->image);
        auto found = grounder->grounder.ground(grounder->image, queries);
        for (std::size_t i = 0; i < count; ++i) answers->answers[i].found = std::move(found[i]);
        *result = answers.release();
    });
}

vglaw_status vglaw_explain(vglaw_grounder* grounder, const vglaw_image* image, const char* expression,
                           vglaw_explanation** explanation) {
    return guarded([&] {
        require(explanation, "explanation");
        *explanation = nullptr;
        require(grounder, "grounder");
        require(expression, "expression");
        const AtWork at_work(*grounder);
        auto explained = std::make_unique<vglaw_explanation>();
        const auto query = read_expression(*grounder, expression, explained->count);
        copy_pixels(image, grounder->image);
        explained->explanation = grounder->grounder.explain(grounder->image, query);
        for (const auto& token : explained->explanation.tokens) explained->tokens.push_back(token.c_str());
        *explanation = explained.release();
    });
}
