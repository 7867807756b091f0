# What `cmake --install build [--component NAME] [--prefix DIR]` puts where. Components, a Debian package each (packages.cmake):
#   library  libvglaw_engine.so.0, all that a product needs at run time beside a model
#   program  bin/vglaw with the shipped model and the configurations
#   torch    lib/vglaw/libvglaw_torch.so, the program's part for training and --backend torch (VGLAW_WITH_TORCH)
#   onnx     lib/vglaw/libvglaw_onnx.so, the program's part for export --to onnx (where libonnx-dev was)
#   dev      headers, the CMake package, vglaw.pc
#   python   the module vglaw (VGLAW_PYTHON)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(VGLAW_MODEL_DIR ${CMAKE_INSTALL_DATADIR}/vglaw/models)
set(VGLAW_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/vglaw)
set(folder ${CMAKE_BINARY_DIR}/install) # what is made for installing

install(TARGETS vglaw_library EXPORT vglaw-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT dev)

install(TARGETS vglaw RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
# The program finds both beside itself: ../share/vglaw/models, ../lib/vglaw.
install(FILES models/scenes-small.safetensors models/scenes-small.md DESTINATION ${VGLAW_MODEL_DIR} COMPONENT program)
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/vglaw COMPONENT program)
if(TARGET vglaw_onnx_module)
    install(TARGETS vglaw_onnx_module LIBRARY DESTINATION lib/vglaw COMPONENT onnx)
endif()
if(TARGET vglaw_torch_module)
    install(TARGETS vglaw_torch_module LIBRARY DESTINATION lib/vglaw COMPONENT torch)
endif()

install(FILES vglaw/interface/vglaw.h vglaw/interface/vglaw.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vglaw COMPONENT dev)
install(EXPORT vglaw-targets NAMESPACE vglaw:: DESTINATION ${VGLAW_CMAKE_DIR} COMPONENT dev)
configure_package_config_file(cmake/vglaw-config.cmake.in ${folder}/vglaw-config.cmake INSTALL_DESTINATION ${VGLAW_CMAKE_DIR}
    PATH_VARS CMAKE_INSTALL_INCLUDEDIR VGLAW_MODEL_DIR)
# Before 1.0 a new minor version may break what the one before promised.
write_basic_package_version_file(${folder}/vglaw-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${folder}/vglaw-config.cmake ${folder}/vglaw-config-version.cmake DESTINATION ${VGLAW_CMAKE_DIR} COMPONENT dev)
file(RELATIVE_PATH VGLAW_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /) # so that the files may be moved as a whole
string(REGEX REPLACE "/$" "" VGLAW_PC_TO_PREFIX ${VGLAW_PC_TO_PREFIX})
configure_file(cmake/vglaw.pc.in ${folder}/vglaw.pc @ONLY)
install(FILES ${folder}/vglaw.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

include(cmake/packages.cmake)
