// A part of the program that lies in a library of its own and is opened when a command asks for it: the others start at
// once, and run where what it needs is not installed.
#pragma once

namespace vglaw::app {

struct ProgramModule {
    const char* file;     ///< beside the program, or in ../lib/vglaw
    const char* entry;    ///< a C function without arguments that returns the module's table
    const char* package;  ///< what to install when the library does not load
    const char* absent;   ///< what is wrong and what to do when it is not there
};

/// The module's table, valid to the end of the process. Throws unsupported when the library is not there or does not
/// load, with the loader's reason.
[[nodiscard]] const void* open_module(const ProgramModule& module);

}  // namespace vglaw::app
