"""An exported model in ONNX Runtime against what `vglaw ground --dump` says of the same pictures and expressions.

Called as: onnx_parity.py MODEL.onnx DUMP.safetensors... Each dump alone, then all of them as one batch, in which shorter
expressions are padded: with 0, and with another piece that must not be heard.
"""
import json
import sys

import numpy as np
import onnxruntime

# Both compute in float32, in another order: what the engine and LibTorch are held to among themselves.
BOX_TOLERANCE = 1e-4    # of the canvas
MASK_TOLERANCE = 1e-3   # of the largest logit
POOL_TOLERANCE = 1e-4


def read_dump(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    types = {"F32": np.float32, "I64": np.int64}
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def compare(session, dumps, padding, what):
    length = max(len(dump["ids"]) for dump in dumps)
    ids = np.full((len(dumps), length), padding, np.int64)
    token_mask = np.zeros((len(dumps), length), np.int64)
    for row, dump in enumerate(dumps):
        ids[row, :len(dump["ids"])] = dump["ids"]
        token_mask[row, :len(dump["ids"])] = 1
    names = [output.name for output in session.get_outputs()]
    given = dict(zip(names, session.run(names, {"images": np.stack([dump["image"] for dump in dumps]), "ids": ids,
                                                "token_mask": token_mask})))
    expected = {"boxes_cxcywh": "box", "mask_logits": "mask_logits"}
    if "pool_attention" in names:
        expected["pool_attention"] = "pool_attention"
    worst = {}
    for name, ours in expected.items():
        assert given[name].shape == (len(dumps), *dumps[0][ours].shape), f"{name}: {given[name].shape}"
        for got, dump in zip(given[name], dumps):
            scale = max(1, np.abs(dump[ours]).max()) if name == "mask_logits" else 1
            difference = np.abs(got - dump[ours]).max() / scale
            assert np.isfinite(difference), f"{name}: not a number"
            worst[name] = max(worst.get(name, 0), float(difference))
    print(f"{what}: " + ", ".join(f"{name} {value:.1e}" for name, value in worst.items()))
    allowed = {"boxes_cxcywh": BOX_TOLERANCE, "mask_logits": MASK_TOLERANCE, "pool_attention": POOL_TOLERANCE}
    for name, value in worst.items():
        assert value <= allowed[name], f"{what}: {name} differs by {value:.2e}, allowed {allowed[name]:.0e}"


def main():
    model, *paths = sys.argv[1:]
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    dumps = [read_dump(path) for path in paths]
    assert len({len(dump["ids"]) for dump in dumps}) > 1, "give expressions of different length, so that some are padded"
    for path, dump in zip(paths, dumps):
        compare(session, [dump], 0, path)
    compare(session, dumps, 0, f"all {len(dumps)}")
    compare(session, dumps, 7, f"all {len(dumps)}, padded with another piece")


if __name__ == "__main__":
    main()
