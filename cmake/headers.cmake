# The minimal build's libraries: headers alone, from the system or from the folder -DCMAKE_INCLUDE_PATH names, under the names
# that the libraries' own packages give their targets.
function(vglaw_headers target file)
    string(MAKE_C_IDENTIFIER "VGLAW_${file}" variable)
    find_path(${variable} ${file} REQUIRED)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} SYSTEM INTERFACE ${${variable}})
endfunction()

vglaw_headers(nlohmann_json::nlohmann_json nlohmann/json.hpp)
vglaw_headers(tomlplusplus::tomlplusplus toml++/toml.h)
vglaw_headers(CLI11::CLI11 CLI/CLI.hpp)
vglaw_headers(fmt::fmt fmt/format.h)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
