"""Writes tests/golden/geometry/polygons.jsonl: random polygons and pycocotools' rasterisation of each; one line an object of one or
more polygons: {"size": [h, w], "polygons": [[x, y, ...], ...], "parts": [RLE, ...], "merged": RLE, "area": int}.

Run from the repository root: python tools/golden/masks.py [--count 400] [--seed 1] [--out FILE]
"""

import argparse
import json
import random

from pycocotools import mask as coco


def polygon(rng: random.Random, height: int, width: int) -> list[float]:
    kind = rng.choice(["star", "inside", "around", "integers", "tiny", "far", "line", "point", "quarter", "negative"])
    points = rng.randint(3, 9)
    if kind == "star":  # self-crossing more often than not
        return [round(rng.uniform(-0.3, 1.3) * s, 2) for _ in range(points) for s in (width, height)]
    if kind == "inside":
        return [round(rng.uniform(0, 1) * s, 2) for _ in range(points) for s in (width, height)]
    if kind == "around":  # covers the whole image
        return [-9.0, -9.0, width + 9.5, -3.25, width + 20.0, height + 7.0, -5.0, height + 5.5]
    if kind == "integers":
        return [float(rng.randint(-2, s + 2)) for _ in range(points) for s in (width, height)]
    if kind == "tiny":
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        return [round(c + rng.uniform(-0.7, 0.7), 3) for _ in range(points) for c in (x, y)]
    if kind == "far":  # leaves the image by a long way, at every slope
        return [round(rng.uniform(-1, 1) * rng.choice([10, 1000, 50000]), 1) for _ in range(2 * points)]
    if kind == "line":
        x, y, dx, dy = (rng.uniform(-5, s) for s in (width, height, 10, 10))
        return [round(c + t * d, 2) for t in range(points) for c, d in ((x, dx), (y, dy))]
    if kind == "point":
        return [round(rng.uniform(0, width), 1), round(rng.uniform(0, height), 1)] * points
    if kind == "quarter":  # exactly on the boundaries where rounding decides
        return [rng.randint(-8, 4 * s + 8) / 4 for _ in range(points) for s in (width, height)]
    return [round(rng.uniform(-1.2, 0.6) * s, 1) for _ in range(points) for s in (width, height)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default="tests/golden/geometry/polygons.jsonl")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with open(args.out, "w", encoding="ascii") as out:
        for _ in range(args.count):
            height, width = rng.choice([(1, 1), (1, 40), (40, 1), (7, 5), (30, 50), (64, 48), (120, 90)])
            polygons = [polygon(rng, height, width) for _ in range(rng.choice([1, 1, 2, 3]))]
            parts = coco.frPyObjects(polygons, height, width)
            merged = coco.merge(parts)
            line = {
                "size": [height, width],
                "polygons": polygons,
                "parts": [p["counts"].decode() for p in parts],
                "merged": merged["counts"].decode(),
                "area": int(coco.area(merged)),
            }
            out.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
