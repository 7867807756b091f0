// The models being served, by name; each can be read again from its file while requests go on.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vglaw/serve/served_model.h"
#include "vglaw/serve/work_pool.h"

namespace vglaw::serve {

struct ModelSource {
    std::string name;
    std::filesystem::path file;
};

class ModelShelf {
public:
    using OnPass = std::function<void(const std::string& model, std::size_t expressions, Duration took)>;
    /// Reads them all. A model that nobody uses any more ends on `pool`, which must outlive the shelf.
    /// Throws as ServedModel does, and invalid_argument for no model, a name twice, or one that is not made of letters,
    /// digits, ".", "_" and "-".
    ModelShelf(std::vector<ModelSource> sources, ModelOptions options, WorkPool& pool, OnPass on_pass);
    ModelShelf(const ModelShelf&) = delete;
    ModelShelf& operator=(const ModelShelf&) = delete;
    ~ModelShelf();  ///< returns when the last model has ended

    /// Empty: the first. Throws Refusal (404).
    [[nodiscard]] std::shared_ptr<ServedModel> find(const std::string& name) const;
    [[nodiscard]] std::vector<std::shared_ptr<ServedModel>> all() const;

    struct Reload {
        std::string name;
        std::string failure;  ///< empty: done
    };
    /// Every file again. A file that cannot be read leaves its model as it is. Requests that have begun end with the
    /// model they began with. Holds two of one model for that time.
    std::vector<Reload> reload();

private:
    [[nodiscard]] std::shared_ptr<ServedModel> open(const ModelSource& source) const;

    std::vector<ModelSource> sources_;
    ModelOptions options_;
    WorkPool& pool_;
    OnPass on_pass_;
    std::shared_ptr<std::atomic<int>> alive_ = std::make_shared<std::atomic<int>>(0);  // models, old ones too
    std::mutex reloading_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<ServedModel>> models_;  // as sources_
};

}  // namespace vglaw::serve
