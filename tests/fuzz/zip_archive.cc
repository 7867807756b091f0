// Zip archives by themselves: directories, zip64, compressed entries.
#include "vglaw/format/zip_archive.h"

#include "tests/fuzz/contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    fuzz::read_or_refuse([&] {
        ZipArchive archive({data, size}, "input", 1000);
        MemoryBudget budget("input", std::size_t{1} << 22);
        for (const std::string_view name : archive.names()) {
            fuzz::require(archive.contains(name), "a listed name is there");
            fuzz::read_or_refuse([&] { fuzz::touch(archive.read(name, budget)); });
        }
    });
    return 0;
}
