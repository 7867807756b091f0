#include "vglaw/data/refer_pickle.h"

#include <sstream>

#include "vglaw/core/error.h"
#include "vglaw/format/pickle_writer.h"

namespace vglaw {

void ReferPickle::add(const ReferRecord& record) {
    const Id reference = builder_.add_dict();
    const Id ids = builder_.add_list(), sentences = builder_.add_list();
    for (const auto& [id, text] : record.sentences) {
        builder_.append(ids, builder_.add_int(id));
        builder_.append(sentences, sentence(id, text));
    }
    const std::string stem = std::filesystem::path(record.image_name).stem().string();
    put(reference, "sent_ids", ids);
    put(reference, "file_name", builder_.add_string(fmt::format("{}_{}.jpg", stem, record.annotation_id)));
    put(reference, "ann_id", builder_.add_int(record.annotation_id));
    put(reference, "ref_id", builder_.add_int(record.ref_id));
    put(reference, "image_id", builder_.add_int(record.image_id));
    put(reference, "split", builder_.add_string(record.split));
    put(reference, "sentences", sentences);
    put(reference, "category_id", builder_.add_int(record.category_id));
    references_.push_back(reference);
}

void ReferPickle::write(const std::filesystem::path& path) {
    const PickleDocument document = builder_.finish(builder_.add_list(references_));
    write_pickle(path, document.root());
}

ReferPickle::Id ReferPickle::sentence(std::int64_t id, const std::string& text) {
    const Id tokens = builder_.add_list(), out = builder_.add_dict();
    std::istringstream words(text);
    for (std::string word; words >> word;) builder_.append(tokens, builder_.add_string(word));
    put(out, "tokens", tokens);
    put(out, "raw", builder_.add_string(text));
    put(out, "sent_id", builder_.add_int(id));
    put(out, "sent", builder_.add_string(text));
    return out;
}

}  // namespace vglaw
