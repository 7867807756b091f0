// A group of a list's lines -> their lines of output.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "vglaw/data/grounding_list.h"
#include "vglaw/model/grounder.h"

namespace vglaw::app {

/// Lines that share a picture, and the picture, read by another thread while the group before it is computed.
struct ListGroup {
    std::vector<GroundingTask> tasks;
    std::shared_future<std::shared_ptr<const Image>> picture;  ///< its get() throws what reading threw
};

/// How every answer to a line begins; tells whether a line of output belongs to a line of the list.
[[nodiscard]] std::string answer_start(const GroundingTask& task);
/// Whether a line of output says that its line could not be answered.
[[nodiscard]] bool is_wrong_answer(std::string_view line);
/// One line for each task, in order, each with its newline. A task that fails costs the others of its group nothing.
[[nodiscard]] std::vector<std::string> answer(Grounder& grounder, const ListGroup& group);

}  // namespace vglaw::app
