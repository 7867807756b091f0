#include "vglaw/serve/model_shelf.h"

#include <algorithm>

#include "vglaw/core/error.h"
#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {
namespace {

void check(const std::vector<ModelSource>& sources) {
    if (sources.empty()) fail(ErrorCode::invalid_argument, "there is no model to serve; name one with --model");
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const std::string& name = sources[i].name;
        const bool plain = std::ranges::all_of(name, [](unsigned char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                   c == '-';
        });
        if (name.empty() || name.size() > 64 || !plain) {
            fail(ErrorCode::invalid_argument,
                 "'{}' cannot be a model's name: 1 to 64 letters, digits, '.', '_' and '-'; say --model NAME={}", name,
                 sources[i].file.string());
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (sources[j].name == name)
                fail(ErrorCode::invalid_argument, "two models are named {}; say --model NAME=FILE", name);
        }
    }
}

}  // namespace

ModelShelf::ModelShelf(std::vector<ModelSource> sources, ModelOptions options, WorkPool& pool, OnPass on_pass)
    : sources_(std::move(sources)), options_(options), pool_(pool), on_pass_(std::move(on_pass)) {
    check(sources_);
    for (const auto& source : sources_) models_.push_back(open(source));
}

ModelShelf::~ModelShelf() {
    models_.clear();
    for (int alive = *alive_; alive != 0; alive = *alive_) alive_->wait(alive);
}

std::shared_ptr<ServedModel> ModelShelf::open(const ModelSource& source) const {
    auto model = std::make_unique<ServedModel>(
        source.name, source.file, options_,
        [tell = on_pass_, name = source.name](std::size_t expressions, Duration took) {  // it may outlive this shelf
            if (tell) tell(name, expressions, took);
        });
    ++*alive_;
    // Its batcher's threads must not be joined by one of themselves, which may hold the last request.
    return {model.release(), [pool = &pool_, alive = alive_](ServedModel* old) {
                pool->start([old, alive] {
                    delete old;
                    --*alive;
                    alive->notify_all();
                });
            }};
}

std::shared_ptr<ServedModel> ModelShelf::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    if (name.empty()) return models_.front();
    for (const auto& model : models_) {
        if (model->name() == name) return model;
    }
    refuse(404, "no_such_model", "there is no model '{}'; GET /v1/models lists them",
           printable_text(std::string_view(name).substr(0, 64)));
}

std::vector<std::shared_ptr<ServedModel>> ModelShelf::all() const {
    const std::lock_guard lock(mutex_);
    return models_;
}

std::vector<ModelShelf::Reload> ModelShelf::reload() {
    const std::lock_guard one_at_a_time(reloading_);
    std::vector<Reload> done;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Reload result{sources_[i].name, ""};
        try {
            auto fresh = open(sources_[i]);
            const std::lock_guard lock(mutex_);
            models_[i].swap(fresh);
        } catch (const std::exception& error) {
            result.failure = error.what();
        }
        done.push_back(std::move(result));
    }
    return done;
}

}  // namespace vglaw::serve
