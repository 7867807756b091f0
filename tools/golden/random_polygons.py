"""Writes tests/golden/geometry/random_polygons.txt: a digest for each hundred of 10,000 random polygons as pycocotools rasterises
them. The polygons are not stored: tests/unit/geometry/random_polygons_test.cc makes the same ones, by the same arithmetic.

Run from the repository root: python tools/golden/random_polygons.py
"""

from pathlib import Path

from pycocotools import mask as coco

MASK = (1 << 64) - 1


class Numbers:
    """Knuth's linear congruential generator, upper half: a few lines in any language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, bound: int) -> int:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 32) % bound


def polygon(numbers: Numbers, height: int, width: int) -> list[float]:
    kind = numbers.below(8)
    points = 3 + numbers.below(8)
    sides = (width, height)
    out = []
    if kind == 0:  # anywhere on the picture, two decimals as COCO has them; crosses itself more often than not
        out = [numbers.below(100 * s + 1) / 100 for _ in range(points) for s in sides]
    elif kind == 1:  # over the edges
        out = [(numbers.below(160 * s + 1) - 30 * s) / 100 for _ in range(points) for s in sides]
    elif kind == 2:  # whole pixels
        out = [float(numbers.below(s + 5) - 2) for _ in range(points) for s in sides]
    elif kind == 3:  # quarters: on the boundaries where rounding decides
        out = [(numbers.below(4 * s + 17) - 8) / 4 for _ in range(points) for s in sides]
    elif kind == 4:  # smaller than a pixel or two
        centre = [numbers.below(100 * s + 1) for s in sides]
        out = [(c + numbers.below(301) - 150) / 100 for _ in range(points) for c in centre]
    elif kind == 5:  # leaves the picture by a long way
        out = [(numbers.below(40001) - 20000) / 10 for _ in range(2 * points)]
    elif kind == 6:  # a line there and back, or a point
        start = [numbers.below(100 * s + 1) for s in sides]
        step = [numbers.below(401) - 200 for _ in sides] if numbers.below(3) else [0, 0]
        out = [(start[a] + i * step[a]) / 100 for i in range(points) for a in (0, 1)]
    else:  # beside the picture
        away = [s + numbers.below(3 * s) if numbers.below(2) else -3 * s - numbers.below(s) for s in sides]
        out = [away[a] + numbers.below(200 * sides[a] + 1) / 100 for _ in range(points) for a in (0, 1)]
    return out


def digest(texts: list[str]) -> str:
    value = 0xCBF29CE484222325  # FNV-1a
    for text in texts:
        for byte in (text + "\n").encode():
            value = ((value ^ byte) * 0x100000001B3) & MASK
    return f"{value:016x}"


def main() -> None:
    numbers = Numbers(2014)
    lines = []
    empty = 0
    for _ in range(100):
        texts = []
        for _ in range(100):
            height, width = 1 + numbers.below(160), 1 + numbers.below(160)
            rle = coco.frPyObjects([polygon(numbers, height, width)], height, width)[0]
            empty += int(coco.area(rle)) == 0
            texts.append(rle["counts"].decode())
        lines.append(digest(texts))
    Path("tests/golden/geometry/random_polygons.txt").write_text("\n".join(lines) + "\n")
    print(f"10000 polygons, {empty} of them empty")


if __name__ == "__main__":
    main()
