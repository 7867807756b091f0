// A long JSON list, written item by item: the annotations of a large set need not be in memory as one document.
#pragma once

#include <string_view>

#include "vglaw/core/files.h"

namespace vglaw {

class JsonListWriter {
public:
    explicit JsonListWriter(AtomicFile& file) : file_(file) {}
    /// `before` is what the file has in front of the first item, the bracket included.
    void open(std::string_view before) {
        file_.write(before);
        first_ = true;
    }
    void add(std::string_view item) {
        file_.write(first_ ? "\n" : ",\n");
        file_.write(item);
        first_ = false;
    }

private:
    AtomicFile& file_;
    bool first_ = true;
};

}  // namespace vglaw
