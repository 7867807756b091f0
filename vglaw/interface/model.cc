#include <cstddef>
#include <optional>

#include "vglaw/engine/kernels.h"
#include "vglaw/engine/parallel.h"
#include "vglaw/interface/growing_struct.h"
#include "vglaw/interface/handles.h"
#include "vglaw/interface/thread_option.h"

namespace {

using namespace vglaw::interface;

constexpr std::size_t first_options = offsetof(vglaw_model_options, threads) + sizeof(std::int32_t),
                      first_info = offsetof(vglaw_model_info, products_by) + sizeof(const char*);

}  // namespace

vglaw_status vglaw_model_open(const char* path, const vglaw_model_options* options, vglaw_model** model) {
    return guarded([&] {
        require(model, "model");
        *model = nullptr;
        require(path, "path");
        watch_for_forks();
        const int asked = checked_threads(read_options(options, first_options, "options").threads);
        const int threads = is_forked() ? 1 : asked;
        std::optional<vglaw::engine::ThreadCount> count;
        if (threads > 0) count.emplace(vglaw::engine::usable_threads(threads));
        auto packed = vglaw::engine::pack_model(vglaw::read_bundle(path));
        auto tokenizer = std::make_shared<const vglaw::Tokenizer>(packed->bundle.vocabulary);
        *model = new vglaw_model{std::move(packed), std::move(tokenizer)};
    });
}

vglaw_status vglaw_model_get(const vglaw_model* model, vglaw_model_info* info) {
    return guarded([&] {
        require(model, "model");
        const auto& config = model->packed->config();
        vglaw_model_info value{};
        value.image_size = config.image.size;
        value.max_tokens = config.text.max_tokens;
        value.packed_bytes = model->packed->packed_bytes;
        value.instruction_set = vglaw::engine::instruction_set();
        value.products_by = vglaw::engine::products_by();
        write_struct(value, info, first_info, "info");
    });
}

void vglaw_model_destroy(vglaw_model* model) { delete model; }
