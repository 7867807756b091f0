// A list of pictures and expressions to ground: no line is lost, whatever it holds.
#include "vglaw/data/grounding_list.h"

#include "tests/fuzz/contract.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    if (size < 1) return 0;
    const fuzz::MemoryFile file({data + 1, size - 1});
    const std::int64_t shards = 1 + data[0] % 3;
    std::int64_t lines = 0, answered = 0;
    for (std::int64_t index = 0; index < shards; ++index) {
        GroundingList list(file.path(), {index, shards});
        lines += list.count();
        std::int64_t last = 0;
        for (auto group = list.next_group(4); !group.empty(); group = list.next_group(4)) {
            const std::string* image = nullptr;
            for (const GroundingTask& task : group) {
                ++answered;
                fuzz::require(task.line > last, "a line comes once, in order");
                fuzz::require((task.line - 1) % shards == index, "a line is in its shard");
                last = task.line;
                fuzz::read_or_refuse([&] {
                    if (task.wrong) throw Error(*task.wrong);
                });
                fuzz::require(task.wrong.has_value() == task.expressions.empty(), "a line asks, or is wrong");
                if (task.wrong) continue;
                fuzz::require(image == nullptr || *image == task.image, "a group has one picture");
                image = &task.image;
            }
        }
    }
    fuzz::require(lines == answered, "every line is read, in one shard");
    return 0;
}
