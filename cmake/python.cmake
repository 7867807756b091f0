# The Python module needs Python's headers and pybind11; what a machine does not have is not built.
include(GNUInstallDirs)
find_package(Python3 COMPONENTS Interpreter Development.Module QUIET)
set(PYBIND11_NOPYTHON ON) # the one found above
find_package(pybind11 CONFIG QUIET)
set(found OFF)
# A sanitized module would need a sanitized Python.
if(Python3_Development.Module_FOUND AND pybind11_FOUND AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    set(found ON)
endif()
option(VGLAW_PYTHON "Build the Python module (needs python3-dev and pybind11-dev)" ${found})
if(VGLAW_PYTHON)
    if(NOT Python3_Development.Module_FOUND OR NOT pybind11_FOUND)
        message(FATAL_ERROR "VGLAW_PYTHON needs python3-dev and pybind11-dev: install them, or configure with -D VGLAW_PYTHON=OFF")
    endif()
    add_subdirectory(python)
else()
    message(STATUS "No Python module: it needs python3-dev and pybind11-dev, then -D VGLAW_PYTHON=ON")
endif()
