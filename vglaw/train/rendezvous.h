// How the ranks find each other, and how they learn why one of them is gone: a few keys in c10d's store.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "vglaw/train/launch.h"

namespace vglaw::train {

class Rendezvous {
public:
    /// Opens the store, or joins the one that rank 0 or the launcher has opened, and waits until every rank is there.
    /// Throws io that names those that have not come in time.
    Rendezvous(const Launch& launch, std::chrono::seconds timeout);

    [[nodiscard]] c10::intrusive_ptr<c10d::Store> store() const { return store_; }
    /// Why another rank has failed; empty when none has said so within `patience`.
    [[nodiscard]] std::string failure(std::chrono::milliseconds patience);
    /// The text that rank 0 gave. Throws io when another rank has failed, with its reason, or rank 0 gives none in
    /// time.
    [[nodiscard]] std::string from_leader(const std::string& text);
    void tell_failure(const std::string& reason) noexcept;  ///< see ProcessGroup
    /// Some rank is dead: nobody waits for all to answer.
    void lose_patience() { patient_ = false; }
    void leave() noexcept;

private:
    void wait_for_all(std::chrono::seconds timeout);
    /// Ranks that have not set PREFIX/RANK.
    [[nodiscard]] std::vector<int> missing(const std::string& prefix) const;
    /// Rank 0 holds the store: it waits until all that came have set PREFIX/RANK.
    void linger(const std::string& prefix, std::chrono::milliseconds patience) const;

    Launch launch_;
    std::chrono::seconds timeout_;
    c10::intrusive_ptr<c10d::Store> store_;
    bool patient_ = true;
    bool serves_ = false;  // the store goes when this process goes
    std::string told_;     // what another rank has failed with
    int texts_ = 0;        // from_leader()'s so far
};

}  // namespace vglaw::train
