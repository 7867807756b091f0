"""The loader's work in Python: Pillow and numpy in two processes, pycocotools for the masks; the same examples, the same order.

JPEG to RGB, long side to 448 (bilinear), centred on the canvas, normalised to float32 [3, 448, 448]; the mask painted from its polygons,
resized (nearest), padded. Tokens are left out here, the program makes them too. Prints pictures a second.

Run with numpy, Pillow and pycocotools: python3 tools/compare/loader.py FOLDER [SPLIT [EXPRESSIONS]]
FOLDER is what tools/compare/refcoco_sized.py wrote; compare with build/benchmarks/refcoco_sized FOLDER.
"""
import json
import multiprocessing
import pathlib
import pickle
import resource
import sys
import time

import numpy
from PIL import Image
from pycocotools import mask as coco

SIZE, BATCH, PROCESSES = 448, 16, 2
MEAN = numpy.array([0.485, 0.456, 0.406], dtype=numpy.float32)[:, None, None]
STD = numpy.array([0.229, 0.224, 0.225], dtype=numpy.float32)[:, None, None]


def prepare(item):
    path, polygons, box = item
    image = Image.open(path).convert("RGB")
    width, height = image.size
    scale = SIZE / max(width, height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (SIZE - w) // 2, (SIZE - h) // 2
    pixels = numpy.asarray(image.resize((w, h), Image.BILINEAR), dtype=numpy.float32).transpose(2, 0, 1) / 255
    canvas = numpy.zeros((3, SIZE, SIZE), dtype=numpy.float32)
    canvas[:, top : top + h, left : left + w] = (pixels - MEAN) / STD
    mask = coco.decode(coco.merge(coco.frPyObjects(polygons, height, width)))
    small = numpy.asarray(Image.fromarray(mask).resize((w, h), Image.NEAREST))
    padded = numpy.zeros((SIZE, SIZE), dtype=numpy.uint8)
    padded[top : top + h, left : left + w] = small
    x, y, bw, bh = box
    target = numpy.array([x + bw / 2, y + bh / 2, bw, bh], dtype=numpy.float32) * scale
    target[:2] += left, top
    return canvas, padded, target / SIZE


def batch(items):
    images, masks, boxes = zip(*map(prepare, items))
    # What the trainer would get: the arrays cross to the parent as in any loader with worker processes.
    return numpy.stack(images), numpy.stack(masks), numpy.stack(boxes)


def main():
    folder = pathlib.Path(sys.argv[1])
    split = sys.argv[2] if len(sys.argv) > 2 else "val"
    limit = int(sys.argv[3]) if len(sys.argv) > 3 else 640
    started = time.perf_counter()
    with open(folder / "refcoco/refs(unc).p", "rb") as file:
        refs = [ref for ref in pickle.load(file) if ref["split"] == split]
    with open(folder / "refcoco/instances.json") as file:
        instances = json.load(file)
    annotations = {annotation["id"]: annotation for annotation in instances["annotations"]}
    names = {image["id"]: image["file_name"] for image in instances["images"]}
    root = folder / "images/mscoco/images/train2014"
    items = [
        (root / names[ref["image_id"]], annotations[ref["ann_id"]]["segmentation"], annotations[ref["ann_id"]]["bbox"])
        for ref in refs
        for _ in ref["sentences"]
    ][:limit]
    print(f"opened in {time.perf_counter() - started:.2f} s, {time.process_time():.2f} s of them on a core")
    batches = [items[i : i + BATCH] for i in range(0, len(items), BATCH)]
    with multiprocessing.Pool(PROCESSES) as pool:
        for _ in pool.imap(batch, batches[:2]):  # the processes start outside the clock
            pass
        started = time.perf_counter()
        count = sum(len(images) for images, _, _ in pool.imap(batch, batches))
        seconds = time.perf_counter() - started
        pool.close()
        pool.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = (used.ru_utime + used.ru_stime) / (count + sum(map(len, batches[:2])))
    print(f"{count} examples in {seconds:.2f} s: {count / seconds:.1f} a second, {PROCESSES} processes; {1000 * work:.2f} ms of a core each")


if __name__ == "__main__":
    main()
