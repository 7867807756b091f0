"""Writes tests/golden/data/refs_protocol{0,2,3,4,5}.p: five references as REFER stores them, by Python's own pickler.

Run from the repository root: python3 tools/golden/refer.py
"""
import pathlib
import pickle

OUT = pathlib.Path("tests/golden/data")


def reference(ref_id, ann_id, image_id, split, *sentences):
    return {
        "sent_ids": [sent_id for sent_id, _, _ in sentences],
        "file_name": f"COCO_train2014_{image_id:012d}_{ref_id}.jpg",  # not a picture's name; readers must not use it
        "ann_id": ann_id,
        "ref_id": ref_id,
        "image_id": image_id,
        "split": split,
        "sentences": [
            {"tokens": sent.split(), "raw": raw, "sent_id": sent_id, "sent": sent} for sent_id, raw, sent in sentences
        ],
        "category_id": 1,
    }


REFERENCES = [
    reference(1, 101, 1, "train", (10, "LEFT red box!", "left red box"), (11, "box, that's red", "box thats red")),
    reference(2, 102, 2, "train", (12, 'the "caf\u00e9" table \u2019', "the caf\u00e9 table")),
    reference(3, 103, 1, "testA", (13, "it's here\nnow", "its here")),
    reference(4, 104, 2, "testAB", (14, "both", "both")),
    reference(5, 105, 2, "val", (15, "last", "last")),
]

OUT.mkdir(parents=True, exist_ok=True)
for protocol in (0, 2, 3, 4, 5):
    (OUT / f"refs_protocol{protocol}.p").write_bytes(pickle.dumps(REFERENCES, protocol=protocol))
