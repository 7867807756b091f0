"""Writes tests/golden/format/reference.safetensors with the reference `safetensors` package: every dtype we read, rank 0,
a zero-size tensor, names that need JSON escapes. One metadata key only: the reference's order of several is random.

Needs safetensors >= 0.8. Run from the repository root: python tools/golden/safetensors.py
"""

import ctypes
import struct

from safetensors import TensorSpec, serialize_file

TENSORS = [
    ("b.f32", "float32", [2, 3], struct.pack("<6f", *[i * 0.5 - 1 for i in range(6)])),
    ("a.f32", "float32", [], struct.pack("<f", 3.25)),
    ("c.f64", "float64", [2], struct.pack("<2d", 1e-3, -2.0)),
    ("d.f16", "float16", [3], struct.pack("<3e", 1.0, -0.5, 65504.0)),
    ("e.bf16", "bfloat16", [2], struct.pack("<2H", 0x3F80, 0xC000)),
    ("f.i64", "int64", [1], struct.pack("<q", -5)),
    ("g.i32", "int32", [2], struct.pack("<2i", 7, -8)),
    ("h.i16", "int16", [2], struct.pack("<2h", 9, -10)),
    ("i.i8", "int8", [3], struct.pack("<3b", 1, -1, 127)),
    ("j.u8", "uint8", [5], bytes([0, 1, 2, 254, 255])),
    ("k.bool", "bool", [2], bytes([1, 0])),
    ("empty", "float32", [0, 4], b""),
    ('quote" back\\ tab\t é', "uint8", [1], b"\x2a"),
]


def main() -> None:
    buffers = {name: ctypes.create_string_buffer(data, max(1, len(data))) for name, _, _, data in TENSORS}
    specs = {
        name: TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffers[name]), data_len=len(data))
        for name, dtype, shape, data in TENSORS
    }
    serialize_file(specs, "tests/golden/format/reference.safetensors", metadata={"format": "pt \n é"})


if __name__ == "__main__":
    main()
