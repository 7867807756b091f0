"""Writes a data set of RefCOCO's size in REFER's layout: 50,000 references, 142,210 sentences, 196,771 annotations, 19,994 pictures.

What is in it means nothing; sizes, kinds and formats are RefCOCO's: refs(unc).p in pickle protocol 0, instances.json of some 150 MB
with polygons of two decimals, pictures of 640x480 (64 different ones under all the names). benchmarks/refcoco_sized.cc and
tools/compare/loader.py read it.

Run with numpy and Pillow: python3 tools/compare/refcoco_sized.py FOLDER
"""
import argparse
import json
import math
import os
import pathlib
import pickle
import random

import numpy
from PIL import Image

WIDTH, HEIGHT = 640, 480
IMAGES, ANNOTATIONS, REFERENCES, SENTENCES = 19994, 196771, 50000, 142210
SPLITS = [("train", 16994), ("val", 1500), ("testA", 750), ("testB", 750)]
WORDS = "left right man woman red blue shirt guy girl in the on with of front back chair table bear pizza black white".split()


def polygon(rng):
    """A wobbly outline of 12 to 68 points: RefCOCO's average is near the middle."""
    radius = rng.uniform(20, 110)
    cx, cy = rng.uniform(radius, WIDTH - radius), rng.uniform(radius, HEIGHT - radius)
    count = rng.randrange(12, 69)
    points = []
    for i in range(count):
        angle, r = 2 * math.pi * i / count, radius * rng.uniform(0.7, 1.0)
        points += [round(cx + r * math.cos(angle), 2), round(cy + r * math.sin(angle), 2)]
    return points


def annotation(rng, ann_id, image_id):
    points = polygon(rng)
    xs, ys = points[0::2], points[1::2]
    box = [min(xs), min(ys), round(max(xs) - min(xs), 2), round(max(ys) - min(ys), 2)]
    return {
        "segmentation": [points],
        "area": round(box[2] * box[3] * 0.6, 5),
        "iscrowd": 0,
        "image_id": image_id,
        "bbox": box,
        "category_id": rng.randrange(1, 91),
        "id": ann_id,
    }


def picture(rng):
    """Smooth colours with grain: a JPEG of a photograph's size, about 90 kB."""
    coarse = rng.integers(0, 256, (15, 20, 3), dtype=numpy.uint8)
    smooth = numpy.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.BICUBIC), dtype=numpy.int16)
    return numpy.clip(smooth + rng.integers(-14, 15, smooth.shape, dtype=numpy.int16), 0, 255).astype(numpy.uint8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    rng = random.Random(1)
    image_ids = sorted(rng.sample(range(1, 581930), IMAGES))
    rng.shuffle(image_ids)
    split_of, start = {}, 0
    for name, count in SPLITS:
        split_of.update((image_id, name) for image_id in image_ids[start : start + count])
        start += count

    pictures = folder / "images/mscoco/images/train2014"
    pictures.mkdir(parents=True)
    originals = folder / "originals"
    originals.mkdir()
    array_rng = numpy.random.default_rng(1)
    for i in range(64):
        Image.fromarray(picture(array_rng)).save(originals / f"{i}.jpg", quality=88)
    names = {image_id: f"COCO_train2014_{image_id:012d}.jpg" for image_id in image_ids}
    for i, image_id in enumerate(image_ids):
        os.link(originals / f"{i % 64}.jpg", pictures / names[image_id])

    annotations = [annotation(rng, i + 1, image_ids[i % IMAGES]) for i in range(ANNOTATIONS)]
    instances = {
        "info": {},
        "images": [
            {"license": 1, "file_name": names[i], "coco_url": "", "height": HEIGHT, "width": WIDTH, "id": i} for i in image_ids
        ],
        "licenses": [],
        "annotations": annotations,
        "categories": [{"id": i, "name": str(i), "supercategory": ""} for i in range(1, 91)],
    }
    (folder / "refcoco").mkdir()
    (folder / "refcoco/instances.json").write_text(json.dumps(instances))

    counts = [2] * REFERENCES
    for i in range(SENTENCES - 2 * REFERENCES):
        counts[i % REFERENCES] += 1
    refs, sent_id = [], 0
    for ref_id, count in enumerate(counts):
        target = annotations[ref_id]
        sentences = []
        for _ in range(count):
            tokens = rng.choices(WORDS, k=rng.randrange(2, 7))
            text = " ".join(tokens)
            sentences.append({"tokens": tokens, "raw": text.capitalize(), "sent_id": sent_id, "sent": text})
            sent_id += 1
        image_id = target["image_id"]
        refs.append(
            {
                "sent_ids": [s["sent_id"] for s in sentences],
                "file_name": names[image_id].replace(".jpg", f"_{ref_id}.jpg"),
                "ann_id": target["id"],
                "ref_id": ref_id,
                "image_id": image_id,
                "split": split_of[image_id],
                "sentences": sentences,
                "category_id": target["category_id"],
            }
        )
    (folder / "refcoco/refs(unc).p").write_bytes(pickle.dumps(refs, protocol=0))
    size = (folder / "refcoco/instances.json").stat().st_size
    print(f"{len(refs)} references, {sent_id} sentences, {len(annotations)} annotations, instances.json {size / 1e6:.0f} MB")


main()
