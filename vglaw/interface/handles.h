// What stands behind the handles of vglaw.h.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/engine/packed_model.h"
#include "vglaw/interface/vglaw.h"
#include "vglaw/model/grounder.h"
#include "vglaw/text/tokenizer.h"

/// Read-only once made.
struct vglaw_model {
    std::shared_ptr<const vglaw::engine::PackedModel> packed;
    std::shared_ptr<const vglaw::Tokenizer> tokenizer;
};

struct vglaw_grounder {
    vglaw_model model;  // a share of it
    vglaw::Grounder grounder;
    vglaw::Image image;                // the last call's pixels: their memory serves the next
    std::atomic<bool> at_work{false};  // a call in progress
    int threads = 1;
};

/// How much of an expression was read.
struct TokenCount {
    int given = 0, read = 0;
};

struct vglaw_result {
    struct Answer {
        vglaw::Grounding found;
        TokenCount tokens;
        mutable std::once_flag encoded;
        mutable std::string rle;  // of found.mask, once asked for
    };
    std::vector<Answer> answers;  // never resized: once_flag does not move
};

struct vglaw_explanation {
    vglaw::Explanation explanation;
    std::vector<const char*> tokens;  // into explanation.tokens
    TokenCount count;
};
