# A file as a function of the program: vglaw_embed(TARGET NAME FILE) defines std::string_view vglaw::serve::NAME().
# As a script (-P) with INPUT, OUTPUT and NAME it writes that function's source.
if(CMAKE_SCRIPT_MODE_FILE)
    file(READ ${INPUT} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    file(WRITE ${OUTPUT} "#include \"vglaw/serve/page.h\"
namespace vglaw::serve {
namespace {
constexpr unsigned char bytes[] = {
${bytes}
};
}
std::string_view ${NAME}() { return {reinterpret_cast<const char*>(bytes), sizeof bytes}; }
}
")
    return()
endif()

set(VGLAW_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(vglaw_embed target name file)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cc)
    add_custom_command(OUTPUT ${source}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${source} -DNAME=${name} -P ${VGLAW_EMBED_SCRIPT}
        DEPENDS ${file} ${VGLAW_EMBED_SCRIPT} VERBATIM)
    target_sources(${target} PRIVATE ${source})
endfunction()
