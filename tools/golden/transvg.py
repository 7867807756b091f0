"""Writes tests/golden/data/transvg/*.pth: index files as TransVG, OneRef and EEVG save them, by torch itself.

Run from the repository root, with torch and numpy: python3 tools/golden/transvg.py
"""
import pathlib

import numpy
import torch

OUT = pathlib.Path("tests/golden/data/transvg")
OUT.mkdir(parents=True, exist_ok=True)

IMAGE = "COCO_train2014_00000000000%d.jpg"
ATTRIBUTES = [("r1", ["box"]), ("r2", ["none"]), ("r8", ["red"])]
POLYGON = [2.0, 3.0, 6.0, 3.0, 6.0, 7.0, 2.0, 7.0]

coco = [
    (IMAGE % 1, "101.pth", [2.0, 3.0, 7.5, 4.0], "left red box", ATTRIBUTES),
    (IMAGE % 1, "101.pth", [2.0, 3.0, 7.5, 4.0], "box thats red", ATTRIBUTES),
    (IMAGE % 2, "105.pth", [5, 5, 2, 2], "the caf\u00e9 table", []),
]


def save(name, value, **options):
    torch.save(value, OUT / name, **options)


save("unc_val.pth", coco)
save("unc_testA.pth", coco[2:], _use_new_zipfile_serialization=False)
# Boxes as numpy arrays, as tensors, as lists of numpy scalars.
kinds = [numpy.array([2.0, 3.0, 7.5, 4.0]), torch.tensor([2.0, 3.0, 7.5, 4.0]), list(numpy.float32([2, 3, 7.5, 4]))]
save("unc+_val.pth", [(IMAGE % 1, "101.pth", kind, f"kind {i}", ATTRIBUTES) for i, kind in enumerate(kinds)])
save(
    "unc+_testA.pth",
    [(IMAGE % 1, "101.pth", numpy.array([2, 3, 7, 4]), "integers", ATTRIBUTES)],
    _use_new_zipfile_serialization=False,
)
save("referit_val.pth", [("25.jpg", "25_1.pth", [0, 0, 15, 3], "sky", ATTRIBUTES)])
save("flickr_test.pth", [("1000092795.jpg", [2, 3, 9, 7], "a man")])
oneref = [(IMAGE % 1, {"height": 12, "width": 16}, [2.0, 3.0, 4.0, 4.0], "left red box", [POLYGON])]
save("oneref_val.pth", oneref)
save("eevg_val.pth", [(IMAGE % 1, "coco", [2.0, 3.0, 4.0, 4.0, [POLYGON]], "left red box", ATTRIBUTES)])
# What a damaged or foreign file holds.
save("nan_val.pth", [(IMAGE % 1, "101.pth", [float("nan"), 3.0, 7.5, 4.0], "x", ATTRIBUTES), coco[2]])
save("names_val.pth", [("../../etc/passwd", "101.pth", [2.0, 3.0, 7.5, 4.0], "x", ATTRIBUTES)])
save("dict_val.pth", {"val": coco})
save("short_val.pth", [("a.jpg", "101.pth")])
save("five_val.pth", [(IMAGE % 1, "101.pth", [1.0, 2.0, 3.0], "x", ATTRIBUTES)])
