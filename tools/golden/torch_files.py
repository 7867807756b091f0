"""Writes tests/golden/format/torch/: files of torch.save (zip, legacy, compressed), numpy pickles of every protocol and of
Python 2, detectron2-style model zoo pickles, kinds that must be refused, and arrays.json with what each array holds.

Run from the repository root, with torch and numpy: python tools/golden/torch_files.py [--python2 PYTHON] [--load FILE]
PYTHON is a Python 2.7 with numpy 1.x; without it the two python2_* files are left as they are.
--load reads one of our files with torch.load(weights_only=True) and prints it, to check by hand what we write.
"""

import argparse
import collections
import json
import os
import pickle
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import torch

OUT = Path("tests/golden/format/torch")

PYTHON2 = """
import numpy, pickle, sys
arrays = {"f4": numpy.arange(6, dtype="f4").reshape(2, 3), "i8": numpy.array([-1, 1 << 40]),
          "fortran": numpy.asfortranarray(numpy.arange(6, dtype="f8").reshape(2, 3)), "scalar": numpy.float32(2.5)}
for protocol in (0, 2):
    with open("%s/python2_protocol%d.pkl" % (sys.argv[1], protocol), "wb") as file:
        pickle.dump(arrays, file, protocol)
"""


class Command:
    """What a hostile file does: unpickling it with Python runs a program."""

    def __reduce__(self):
        return os.system, ("true",)


class Version3:
    """A tensor as newer torch writes those without a typed storage."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, protocol):
        tensor = self.tensor
        arguments = (tensor.untyped_storage(), 1, (2, 2), (3, 1), False, collections.OrderedDict(), tensor.dtype)
        return torch._utils._rebuild_tensor_v3, arguments


def state():
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    attributed = torch.nn.Parameter(torch.tensor([3.0]))
    attributed.note = "kept beside the parameter"
    return collections.OrderedDict(
        [
            ("base", base),
            ("transposed", base.t()),
            ("slice", base[1:, 1:3]),
            ("expanded", torch.tensor([7.0]).expand(3, 2)),
            ("scalar", torch.tensor(5.0)),
            ("empty", torch.zeros(0, 3)),
            ("half", torch.tensor([0.5, -2.0], dtype=torch.float16)),
            ("brain", torch.tensor([1.5, -3.0], dtype=torch.bfloat16)),
            ("double", torch.tensor([0.1], dtype=torch.float64)),
            ("long", torch.tensor([-1, 2**40])),
            ("int", torch.tensor([2**30], dtype=torch.int32)),
            ("short", torch.tensor([-300], dtype=torch.int16)),
            ("char", torch.tensor([-128, 127], dtype=torch.int8)),
            ("byte", torch.tensor([255], dtype=torch.uint8)),
            ("bool", torch.tensor([True, False])),
            ("parameter", torch.nn.Parameter(torch.tensor([[1.0, 2.0]]))),
            ("attributed", attributed),
            ("four", torch.arange(24, dtype=torch.int16).reshape(2, 3, 2, 2).permute(3, 1, 0, 2)),
        ]
    )


def described(array):
    if isinstance(array, torch.Tensor):
        dtype = str(array.dtype).removeprefix("torch.")
        array = array.detach().double().numpy() if array.is_floating_point() else array.numpy()
    else:
        dtype = str(array.dtype)
    return {"dtype": dtype, "shape": list(array.shape), "values": np.ravel(array, order="C").tolist()}


def numpy_arrays():
    return {
        "f2": np.array([0.5, -2], "f2"),
        "f4": np.arange(6, dtype="f4").reshape(2, 3),
        "f8": np.array([0.1]),
        "i1": np.array([-128], "i1"),
        "u1": np.array([255], "u1"),
        "i2": np.array([-300], "i2"),
        "i4": np.array([1 << 30], "i4"),
        "i8": np.array([-1, 1 << 40]),
        "b1": np.array([True, False]),
        "fortran": np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3)),
        "fortran3": np.asfortranarray(np.arange(24, dtype="f8").reshape(2, 3, 4)),
        "empty": np.zeros((0, 3), "f4"),
        "zero_rank": np.array(2.5, "f4"),
        "scalar": np.float32(2.5),
        "integer_scalar": np.int64(-7),
    }


def detectron2():
    """As the model zoo's export does: arrays in place of tensors, the OrderedDict keeps its _metadata."""
    model = collections.OrderedDict()
    model["backbone.net.pos_embed"] = np.arange(20, dtype="f4").reshape(1, 5, 4)
    model["backbone.net.blocks.0.attn.qkv.weight"] = np.asfortranarray(np.arange(48, dtype="f4").reshape(12, 4))
    model["backbone.net.blocks.0.attn.qkv.bias"] = np.arange(12, dtype="f4")
    model._metadata = collections.OrderedDict([("", {"version": 1}), ("backbone", {"version": 2})])
    return {"model": model, "__author__": "Detectron2 Model Zoo"}


def compress(source: Path, target: Path):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, (2020, 1, 1, 0, 0, 0)), old.read(entry), zipfile.ZIP_DEFLATED)


def save(name, thing, **options):
    torch.save(thing, OUT / name, **options)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python2")
    parser.add_argument("--load")
    args = parser.parse_args()
    if args.load:
        for name, tensor in torch.load(args.load, weights_only=True).items():
            print(name, tensor.dtype, list(tensor.shape), tensor.flatten()[:6].tolist())
        return
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    legacy = {"_use_new_zipfile_serialization": False}

    save("state.pth", state())
    save("state_legacy.pth", state(), **legacy)
    compress(OUT / "state.pth", OUT / "state_deflated.pth")
    save("one_key.pth", {"x": torch.tensor([1.0])})
    save("one_key_legacy.pth", {"x": torch.tensor([1.0])}, **legacy)
    save("one_key_legacy4.pth", {"x": torch.tensor([1.0])}, pickle_protocol=4, **legacy)
    save("version3.pth", {"x": Version3(torch.arange(12, dtype=torch.float32))})

    layer = torch.nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(2)).sum().backward()
    optimizer.step()
    checkpoint = {
        "epoch": 3,
        "args": argparse.Namespace(lr=1e-4, out=Path("runs")),
        "optimizer": optimizer.state_dict(),
        "model": state(),
    }
    save("checkpoint.pth", checkpoint)
    save("checkpoint_legacy.pth", checkpoint, **legacy)

    index = [
        ("COCO_train2014_000000000839.jpg", "482127.pth", [303.58, 69.03, 293.29, 425.79], "guy on the right", [("r1", ["guy"])]),
        ("COCO_train2014_000000000840.jpg", "482128.pth", np.array([1, 2, 3, 4]), "caf\u00e9", [("r8", ["right"])]),
    ]
    save("index.pth", index)
    save("index_legacy.pth", index, **legacy)

    for protocol in range(6):
        (OUT / f"numpy_protocol{protocol}.pkl").write_bytes(pickle.dumps(numpy_arrays(), protocol))
    for protocol in range(2, 6):
        (OUT / f"detectron2_protocol{protocol}.pkl").write_bytes(pickle.dumps(detectron2(), protocol))
    if args.python2:
        subprocess.run([args.python2, "-c", PYTHON2, str(OUT)], check=True)

    (OUT / "command.pkl").write_bytes(pickle.dumps(Command(), 2))
    save("command.pth", {"model": {"weight": torch.ones(1), "bias": Command()}})
    refused = {
        "sparse": torch.eye(2).to_sparse(),
        "complex": torch.ones(1, dtype=torch.complex64),
        "uint16": torch.ones(1, dtype=torch.uint16),
        "float8": torch.ones(1).to(torch.float8_e4m3fn),
        "quantized": torch.quantize_per_tensor(torch.ones(1), 0.1, 0, torch.qint8),
        "meta": torch.ones(1, device="meta"),
        "big_endian": np.ones(1, ">f4"),
        "structured": np.zeros(1, [("x", "f4")]),
        "text": np.array(["a"]),
        "objects": np.array([None]),
        "complex_numpy": np.ones(1, "c8"),
    }
    save("refused.pth", refused)
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), str(OUT / "torchscript.pt"))

    expected = {
        "state": {name: described(array) for name, array in state().items()},
        "numpy": {name: described(array) for name, array in numpy_arrays().items()},
        "detectron2": {name: described(array) for name, array in detectron2()["model"].items()},
    }
    (OUT / "arrays.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
