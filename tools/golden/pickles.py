"""Writes tests/golden/format/*.pkl: the same plain values in protocols 0 to 5, bytes and classes and calls, and hand-written
protocol 0 as Python 2's cPickle makes it. --load FILE loads one pickle and prints it as JSON, to check by hand what we write.

Run from the repository root: python tools/golden/pickles.py
"""

import argparse
import collections
import json
import pickle
from pathlib import Path

OUT = Path("tests/golden/format")

SHARED = ["the", "left"]
PLAIN = [
    {
        "none": None,
        "true": True,
        "false": False,
        "ints": [0, 1, 255, 256, 65535, 65536, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63)],
        "floats": [0.0, -1.5, 1e300, 0.1],
        "empty": [[], {}, (), ""],
        "tuples": [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "text": "caf\u00e9 \u2019 \U0001f600 back\\slash \\u0041 line\nend",
        "shared": [SHARED, SHARED],
        "long": "x" * 300,
        7: "seven",
    },
]

# What Python 2's cPickle writes (formats: STRING with a repr, UNICODE in raw-unicode-escape, INT, LONG, GET of interned keys).
PYTHON2 = (
    b"(lp1\n(dp2\nS'sent_ids'\np3\n(lp4\nI0\naI1\nasS'file_name'\np5\nS'COCO_train2014_000000581857_16.jpg'\np6\n"
    b"sS'ann_id'\np7\nL1719310L\nsS'sentences'\np8\n(lp9\n(dp10\nS'tokens'\np11\n(lp12\nS\"it's\"\np13\naS'a\\\\b\\x41\\n\\''\np14\n"
    b"asS'raw'\np15\nVcaf\xe9 \\u2019 \\U0001f600\np16\nsS'sent_id'\np17\nI0\nsS'sent'\np18\ng13\nsa"
    b"(dp19\ng11\n(lp20\nsg15\nS''\np21\nsg17\nI-1\nsg18\nNsasS'split'\np22\nS'testA'\np23\nsS'flag'\np24\nI01\nsS'off'\np25\nI00\n"
    b"sS'score'\np26\nF1.5\nsa."
)


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def write(name: str, data: bytes) -> None:
    (OUT / name).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--load")
    args = parser.parse_args()
    if args.load:
        with open(args.load, "rb") as file:
            print(json.dumps(pickle.load(file), ensure_ascii=False))
        return
    objects = {
        "ordered": collections.OrderedDict([("a", 1), ("b", [2])]),
        "point": Point(3, "y"),
        "set": {5},
        "bytes": bytes([0, 65, 200, 255]),
        "no_bytes": b"",
        "class": collections.OrderedDict,
    }
    for protocol in range(6):
        write(f"plain_protocol{protocol}.pkl", pickle.dumps(PLAIN, protocol))
        write(f"objects_protocol{protocol}.pkl", pickle.dumps(objects, protocol))
    write("python2.pkl", PYTHON2)
    write("python2_crlf.pkl", PYTHON2.replace(b"\n", b"\r\n"))
    # Python 2, protocol 2: str is SHORT_BINSTRING, text or bytes alike.
    write("python2_protocol2.pkl", b"\x80\x02]q\x01(U\x04leftq\x02U\x02\xff\xfeq\x03T\x03\x00\x00\x00caph\x02e.")


if __name__ == "__main__":
    main()
