"""tritonclient against the server: metadata, encoded pictures and pixels, binary tensors and JSON, errors, many at once."""
import base64
import json

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from served import DRAWING, SOURCE, Server, ground_alone, need

words = ["the red ball", "the cube on the left"]
drawing_file = SOURCE + "/tests/golden/image/rgb.png"


def decoded(counts, height, width):
    """COCO's compressed runs, as pycocotools reads them."""
    runs, at = [], 0
    while at < len(counts):
        value, shift, more = 0, 0, True
        while more:
            digit = counts[at] - 48
            value |= (digit & 31) << shift
            more = bool(digit & 32)
            at, shift = at + 1, shift + 5
            if not more and digit & 16:
                value |= -1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
    flat = np.concatenate([np.full(run, i % 2, np.uint8) for i, run in enumerate(runs)])
    return flat.reshape(width, height).T


def tensor(name, array, datatype, binary=True):
    given = triton.InferInput(name, list(array.shape), datatype)
    given.set_data_from_numpy(array, binary_data=binary)
    return given


def texts(words):
    return np.array([word.encode() for word in words], dtype=object)


with Server("--threads", 1) as server:
    client = triton.InferenceServerClient(f"127.0.0.1:{server.port}", concurrency=8)
    need(client.is_server_live() and client.is_server_ready() and client.is_model_ready("one"), "it lives and is ready")
    need(client.is_model_ready("one", "1") and not client.is_model_ready("none"), "so is its model, and no other")
    need("binary_tensor_data" in client.get_server_metadata()["extensions"], "it names its extension")
    described = client.get_model_metadata("one")
    need([t["name"] for t in described["inputs"]] == ["image", "expression"], f"it describes its inputs: {described}")
    need({t["name"]: t["datatype"] for t in described["outputs"]} == {"box": "FP32", "rle": "BYTES", "mask": "UINT8", "size": "INT32"},
         "and its outputs")

    expected = [ground_alone(drawing_file, [word])[0] for word in words]
    encoded = tensor("image", np.array([DRAWING], dtype=object), "BYTES")

    def check(result, claim, tolerance=0.001):  # px: a row of a batch is rounded by its place in it
        boxes = result.as_numpy("box")
        need(boxes.dtype == np.float32 and boxes.shape == (len(words), 4), f"{claim}: boxes FP32 [N, 4]")
        need(np.abs(boxes - [e["box"] for e in expected]).max() <= tolerance, f"{claim}: {boxes}")

    wanted = [triton.InferRequestedOutput(name, binary_data=True) for name in ["box", "rle", "mask", "size"]]
    result = client.infer("one", [encoded, tensor("expression", texts(words), "BYTES")], outputs=wanted, request_id="r1")
    check(result, "an encoded picture, binary")
    need(result.get_response()["id"] == "r1", "the id comes back")
    height, width = result.as_numpy("size")
    masks = result.as_numpy("mask")
    need(masks.shape == (2, height, width) and masks.max() <= 1, f"masks UINT8 [N, H, W]: {masks.shape}")
    for mask, counts, truth in zip(masks, result.as_numpy("rle"), expected):
        need(np.array_equal(decoded(counts, height, width), mask), "the runs are the mask")
        need(abs(int(mask.sum()) - truth["mask_area"]) <= 2, "of the area that the command line finds")

    check(client.infer("one", [encoded, tensor("expression", texts(words), "BYTES")]), "no outputs named")
    plain = [triton.InferRequestedOutput(name, binary_data=False) for name in ["box", "rle", "size"]]
    check(client.infer("one", [encoded, tensor("expression", texts(words), "BYTES", binary=False)], outputs=plain), "JSON where JSON can")

    # Pixels: what the server itself decodes, sent as they are.
    scene = json.loads(server.ask("GET", "/v1/scene?seed=3")[1])
    picture = base64.b64decode(scene["image"])
    of_bytes = client.infer("one", [tensor("image", np.array([picture], dtype=object), "BYTES"), tensor("expression", texts(words), "BYTES")])
    raw = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    by_pixels = [client.infer("one", [tensor("image", raw, "UINT8", binary), tensor("expression", texts(words), "BYTES")]).as_numpy("box")
                 for binary in [True, False]]
    need(np.array_equal(*by_pixels) and by_pixels[0].max() <= 50, "pixels as bytes or as JSON are the same picture")
    need(not np.array_equal(by_pixels[0], of_bytes.as_numpy("box")), "and another one than a picture")

    for claim, inputs, said in [("no expression", [encoded], "missing"),
                                ("a broken picture", [tensor("image", np.array([b"JPEG"], dtype=object), "BYTES"), tensor("expression", texts(["a"]), "BYTES")], "picture"),
                                ("another input", [encoded, tensor("expresion", texts(["a"]), "BYTES")], "expresion"),
                                ("another type", [encoded, tensor("expression", np.zeros(1, np.float32), "FP32")], "BYTES"),
                                ("too many expressions", [encoded, tensor("expression", texts(["a"] * 65), "BYTES")], "65")]:
        try:
            client.infer("one", inputs)
            need(False, f"{claim} is refused")
        except InferenceServerException as error:
            need(said in error.message(), f"{claim} is refused in words: {error}")
    try:
        client.infer("none", [encoded, tensor("expression", texts(["a"]), "BYTES")])
        need(False, "another model is refused")
    except InferenceServerException as error:
        need(error.status() == "404" and "'none'" in error.message(), f"another model is refused: {error}")

    pending = [client.async_infer("one", [encoded, tensor("expression", texts(words), "BYTES")]) for _ in range(40)]
    for one in pending:
        check(one.get_result(), "many at once")
print("serve_triton: done")
