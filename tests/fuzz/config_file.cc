// Configurations: TOML, and one line of it on the command line.
#include "vglaw/core/config_file.h"

#include "tests/fuzz/contract.h"
#include "tests/fuzz/input_bytes.h"
#include "vglaw/model/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    const fuzz::InputBytes input(data, size);
    const std::string text(input.text());
    fuzz::read_or_refuse([&] {
        const Json tree = parse_toml(text, "input");
        const auto config = config_from_json<ModelConfig>(tree, "input");
        config.validate("input");
        fuzz::require(!tensor_shapes(config).empty(), "a configuration that is valid describes a network");
        const Json written = config_to_json(config);
        fuzz::require(config_to_json(config_from_json<ModelConfig>(written, "input")) == written,
                      "a configuration survives being written");
    });
    fuzz::read_or_refuse([&] {
        Json tree = Json::object();
        apply_override(tree, text);
        fuzz::require(tree.size() == 1, "an override changes one key");
    });
    return 0;
}
