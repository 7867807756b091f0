#include "vglaw/data/refer_references.h"

#include <map>
#include <optional>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/format/pickle_reader.h"

namespace vglaw {

namespace {

// Runs `read` and puts the key's name before what goes wrong.
template <typename Read>
auto read_key(PickleValue record, const char* key, Read read) {
    const std::optional<PickleValue> value = record.find(key);
    if (!value) fail(ErrorCode::corrupt_data, "the key '{}' is missing", key);
    try {
        return read(*value);
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("key '{}': {}", key, error.what()));
    }
}

std::int64_t read_int(PickleValue record, const char* key) {
    return read_key(record, key, [](PickleValue value) { return value.as_int(); });
}

std::string_view read_string(PickleValue record, const char* key) {
    return read_key(record, key, [](PickleValue value) { return value.as_string(); });
}

ReferSentence read_sentence(PickleValue record, ReferText text) {
    const bool has_raw = record.find("raw").has_value(), has_sent = record.find("sent").has_value();
    // Where a re-written data set has only one wording, it is the expression.
    const char* text_key = (text == ReferText::raw && has_raw) || !has_sent ? "raw" : "sent";
    if (!has_raw && !has_sent) text_key = "sent";
    ReferSentence sentence;
    sentence.text = std::string(read_string(record, text_key));
    // Only reports use the id, and re-written data sets sometimes lack it.
    if (record.find("sent_id")) sentence.sentence_id = read_int(record, "sent_id");
    return sentence;
}

Reference read_reference(PickleValue record, ReferText text) {
    Reference reference;
    reference.ref_id = read_int(record, "ref_id");
    reference.ann_id = read_int(record, "ann_id");
    reference.image_id = read_int(record, "image_id");
    read_key(record, "sentences", [&](PickleValue sentences) {
        if (!sentences.is(PickleKind::list)) {
            fail(ErrorCode::corrupt_data, "expected a list, found {}", name_of(sentences.kind()));
        }
        for (std::size_t i = 0; i < sentences.size(); ++i) {
            reference.sentences.push_back(read_sentence(sentences[i], text));
        }
    });
    return reference;
}

std::string describe(const std::map<std::string, std::size_t, std::less<>>& labels) {
    std::string text;
    for (const auto& [label, count] : labels) {
        if (!text.empty()) text += ", ";
        text += fmt::format("{} ({} references)", label, count);
        if (text.size() > 400) return text + ", ...";
    }
    return text.empty() ? "no reference at all" : text;
}

}  // namespace

bool in_split(std::string_view label, std::string_view split) {
    if (split == "testA" || split == "testB" || split == "testC") return label.find(split.back()) != label.npos;
    if (split == "test") return label.find(split) != label.npos;
    return label == split;
}

std::vector<Reference> read_references(const std::filesystem::path& path, std::string_view split, ReferText text) {
    const PickleDocument document = open_pickle(path, {.limits = {}, .allow_globals = false});
    const PickleValue records = document.root();
    if (!records.is(PickleKind::list)) {
        fail(ErrorCode::corrupt_data, "{} holds a {} instead of REFER's list of references", path.string(),
             name_of(records.kind()));
    }
    std::vector<Reference> references;
    std::map<std::string, std::size_t, std::less<>> labels;
    for (std::size_t i = 0; i < records.size(); ++i) {
        try {
            const PickleValue record = records[i];
            if (!record.is(PickleKind::dict)) {
                fail(ErrorCode::corrupt_data, "expected a dict, found {}", name_of(record.kind()));
            }
            const std::string_view label = read_string(record, "split");
            if (const auto known = labels.find(label); known != labels.end()) {
                ++known->second;
            } else {
                labels.emplace(label, 1);
            }
            if (split.empty() || in_split(label, split)) {
                references.push_back(read_reference(record, text));
                references.back().label = label;
            }
        } catch (const Error& error) {
            throw Error(error.code(), fmt::format("{}: reference number {}: {}", path.string(), i, error.what()));
        }
    }
    if (references.empty()) {
        fail(ErrorCode::not_found, "{} has no split {}; it has: {}", path.string(), split, describe(labels));
    }
    return references;
}

}  // namespace vglaw
