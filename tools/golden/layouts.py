"""Writes tests/golden/data/{seqtr.json,vglaw.jsonl,layout_masks.json}: four objects in SeqTR's layout and in our own, their masks
encoded and measured by pycocotools.

Run from the repository root, with pycocotools and numpy: python3 tools/golden/layouts.py
"""
import json
import pathlib

import numpy
from pycocotools import mask as coco

OUT = pathlib.Path("tests/golden/data")
HEIGHT, WIDTH = 60, 80

POLYGONS = [
    [[10.5, 8.25, 41.75, 12.5, 30.0, 40.125, 8.0, 33.5]],
    [[2, 2, 20, 2, 20, 20, 2, 20], [40.2, 41.7, 70.9, 44.1, 55.5, 58.3]],
]


def runs_of(mask):
    """The counts, not compressed, as COCO's crowd annotations have them."""
    flat = mask.flatten(order="F")
    edges = numpy.flatnonzero(numpy.diff(flat)) + 1
    counts = numpy.diff(numpy.concatenate([[0], edges, [flat.size]])).tolist()
    return {"size": [HEIGHT, WIDTH], "counts": counts if flat[0] == 0 else [0] + counts}


def compressed(mask):
    rle = coco.encode(numpy.asfortranarray(mask))
    return {"size": [HEIGHT, WIDTH], "counts": rle["counts"].decode("ascii")}


ys, xs = numpy.mgrid[:HEIGHT, :WIDTH]
disc = ((xs - 40.3) ** 2 + (ys - 25.8) ** 2 < 18.5**2).astype(numpy.uint8)
stripes = ((xs // 3 + ys // 5) % 2).astype(numpy.uint8)

objects = []
for number, segmentation in enumerate([*POLYGONS, compressed(disc), runs_of(stripes)]):
    if isinstance(segmentation, list):
        rle = coco.merge(coco.frPyObjects(segmentation, HEIGHT, WIDTH))
    elif isinstance(segmentation["counts"], list):
        rle = coco.frPyObjects(segmentation, HEIGHT, WIDTH)
    else:
        rle = segmentation
    objects.append(
        {
            "segmentation": segmentation,
            "area": int(coco.area(rle)),
            "bbox": [float(v) for v in coco.toBbox(rle)],
            "counts": compressed(coco.decode(rle))["counts"],
            "expression": f"object {number}",
        }
    )

OUT.mkdir(parents=True, exist_ok=True)
seqtr = {
    "val": [
        {
            "image_id": 7,
            "expressions": [o["expression"]],
            "bbox": o["bbox"],
            "mask": o["segmentation"],
            "height": HEIGHT,
            "width": WIDTH,
        }
        for o in objects
    ]
}
(OUT / "seqtr.json").write_text(json.dumps(seqtr) + "\n")
lines = [
    json.dumps(
        {
            "image": "COCO_train2014_000000000007.jpg",
            "expression": o["expression"],
            "box": o["bbox"],
            "mask": o["segmentation"],
            "split": "val",
            "width": WIDTH,
            "height": HEIGHT,
        }
    )
    for o in objects
]
(OUT / "vglaw.jsonl").write_text("\n".join(lines) + "\n")
measured = [{key: o[key] for key in ("area", "bbox", "counts")} for o in objects]
(OUT / "layout_masks.json").write_text(json.dumps(measured, indent=1) + "\n")
