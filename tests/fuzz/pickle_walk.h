// Looks at everything a pickle holds, as its consumers may.
#pragma once

#include <cstdint>

#include "tests/fuzz/contract.h"
#include "vglaw/format/pickle_value.h"

namespace vglaw::fuzz {

inline void look_at(const PickleValue& value) {
    switch (value.kind()) {
        case PickleKind::none:
            break;
        case PickleKind::boolean:
            (void)value.as_bool();
            break;
        case PickleKind::integer:
            (void)value.as_int();
            break;
        case PickleKind::real:
            (void)value.as_double();
            break;
        case PickleKind::string:
            (void)value.as_string();
            break;
        case PickleKind::bytes:
            (void)value.as_bytes();
            break;
        case PickleKind::list:
        case PickleKind::tuple:
        case PickleKind::set:
            for (std::size_t i = 0; i < value.size(); ++i) (void)value[i].kind();
            break;
        case PickleKind::dict:
            for (std::size_t i = 0; i < value.size(); ++i) (void)value.entry(i).second.kind();
            (void)value.find("model");
            break;
        case PickleKind::global:
            require(value.is_global(value.module(), value.name()), "a global is what it is called");
            break;
        case PickleKind::object:
            (void)value.callable().kind();
            (void)value.args().kind();
            (void)value.kwargs();
            (void)value.state();
            (void)value.items();
            (void)value.find("model");
            break;
        case PickleKind::persistent:
            (void)value.persistent_id().kind();
            break;
    }
}

/// Every value once, also those that the root does not reach.
inline void look_at_all(const PickleDocument& document) {
    for (std::uint32_t i = 0; i < document.node_count(); ++i) look_at(document.value(i));
}

}  // namespace vglaw::fuzz
