# LibTorch as one target, vglaw_torch. Debian's 1.13 by default; any newer one by -DCMAKE_PREFIX_PATH.
#
# Debian's BLAS: apt picks OpenBLAS's pthread variant, whose threads fight LibTorch's OpenMP (the base model's forward pass took
# twice the time on two cores). Programs therefore name the OpenMP variant's folder in an inherited run path (DT_RPATH, not
# RUNPATH, which would not reach LibTorch's own dependencies), whatever update-alternatives says. tests/policy checks what is loaded.
find_package(Torch REQUIRED)
if(NOT TORCH_INSTALL_PREFIX STREQUAL "/usr" AND TORCH_LIBRARY MATCHES "^/usr/lib")
    # Its search looks beside CMAKE_PREFIX_PATH, not beside its own file: headers of one version with the library of another.
    message(FATAL_ERROR "LibTorch's files are of ${TORCH_INSTALL_PREFIX}, but its library would be ${TORCH_LIBRARY}; "
        "give CMAKE_PREFIX_PATH the folder that holds include/ and lib/ (python3 -c 'import torch; print(torch.__path__[0])')")
endif()
add_library(vglaw_torch INTERFACE)
target_link_libraries(vglaw_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(vglaw_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
# LibTorch 2.x brings headers of a newer fmt, which its include path puts before the system's: there fmt's code comes from them too.
foreach(folder ${TORCH_INCLUDE_DIRS})
    if(EXISTS ${folder}/fmt/format.h AND NOT folder MATCHES "^/usr/include")
        target_compile_definitions(vglaw_torch INTERFACE FMT_HEADER_ONLY)
    endif()
endforeach()

find_library(VGLAW_OPENBLAS_OPENMP NAMES openblas
    PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp NO_DEFAULT_PATH)
if(VGLAW_OPENBLAS_OPENMP AND TORCH_INSTALL_PREFIX MATCHES "^/usr")
    get_filename_component(VGLAW_OPENBLAS_DIR ${VGLAW_OPENBLAS_OPENMP} DIRECTORY)
    target_link_options(vglaw_torch INTERFACE -Wl,--disable-new-dtags -Wl,-rpath,${VGLAW_OPENBLAS_DIR})
endif()
