#include "vglaw/scenes/scene_vocabulary.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "vglaw/scenes/scene_dataset.h"
#include "vglaw/text/wordpiece_trainer.h"

namespace vglaw {

Vocabulary scene_vocabulary(std::size_t size) {
    constexpr std::uint64_t corpus_seed =
        0x76676c6177;                          // any fixed number: the corpus is part of the format of small models
    constexpr std::size_t corpus_size = 8000;  // enough for every word of the grammar to occur dozens of times
    SceneOptions options;
    options.style = "mixed";
    const auto corpus = expression_corpus(options, corpus_seed, corpus_size);
    const auto learned = train_wordpiece(corpus, size);
    std::vector<std::string> pieces;
    for (std::size_t id = 0; id < learned.size(); ++id) pieces.push_back(learned.piece(std::int64_t(id)));
    for (int i = 1; pieces.size() < size; ++i) pieces.push_back(fmt::format("[unused{}]", i));
    return Vocabulary(std::move(pieces));
}

}  // namespace vglaw
