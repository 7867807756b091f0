// torch.save's files, zip and legacy, and plain pickles with arrays.
#include "vglaw/format/torch_file.h"

#include <vector>

#include "tests/fuzz/pickle_walk.h"

namespace {

// Follows the root's containers; a value that is shared may come often, so their number is bounded.
void read_arrays(const vglaw::TorchFile& file) {
    std::vector<vglaw::PickleValue> open{file.root()};
    for (int visits = 0; !open.empty() && visits < 2000; ++visits) {
        const vglaw::PickleValue value = open.back();
        open.pop_back();
        vglaw::fuzz::look_at(value);
        bool is_array = false;
        const bool read = vglaw::fuzz::read_or_refuse([&] {
            const auto array = file.array(value);
            is_array = array.has_value();
            if (is_array) {
                vglaw::fuzz::require(array->view.bytes.size() == array->view.numel() * size_of(array->view.dtype),
                                     "an array has as many bytes as its shape says");
                vglaw::fuzz::touch(array->view.bytes);
            }
        });
        vglaw::fuzz::require(!is_array || stands_for_array(value), "what is an array stands for one");
        if (!read || is_array) continue;
        if (value.is(vglaw::PickleKind::dict)) {
            for (std::size_t i = 0; i < value.size(); ++i) open.push_back(value.entry(i).second);
        } else if (value.is(vglaw::PickleKind::list) || value.is(vglaw::PickleKind::tuple)) {
            for (std::size_t i = 0; i < value.size(); ++i) open.push_back(value[i]);
        } else if (value.is(vglaw::PickleKind::object)) {
            if (const auto items = value.items()) open.push_back(*items);
            if (const auto state = value.state()) open.push_back(*state);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    vglaw::fuzz::read_or_refuse([&] {
        // A tight bound, so that what slips past it shows as memory.
        const auto file =
            vglaw::TorchFile::parse({data, size}, "input", {.max_entries = 1000, .free_bytes = 1 << 20, .ratio = 64});
        read_arrays(file);
    });
    return 0;
}
