#!/usr/bin/env python3
"""Grounds expressions in a picture with an exported model, by ONNX Runtime: a box and a mask in the picture's own pixels.

    vglaw export models/scenes-small.safetensors --to onnx --out model.onnx
    pip install -r examples/onnx/requirements.txt
    python examples/onnx/ground.py model.onnx docs/images/demo.png "the red ball" "the biggest star" --mask mask.png

Prints one line of JSON an expression, as `vglaw ground --json` does.
"""
import argparse
import json

import numpy as np
import onnxruntime
from PIL import Image, ImageOps
from tokenizers import BertWordPieceTokenizer


class Grounder:
    """One exported model. What it needs beside the graph (canvas, mean, vocabulary, threshold) is in its metadata."""

    def __init__(self, path, threads=0):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        metadata = self.session.get_modelmeta().custom_metadata_map
        self.config = json.loads(metadata["vglaw.config"])
        pieces = metadata["vglaw.vocab"].removesuffix("\n").split("\n")
        vocabulary = {piece: index for index, piece in enumerate(pieces)}
        self.tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)
        self.tokenizer._tokenizer.encode_special_tokens = True  # a typed "[SEP]" is text, not the end of the expression
        self.tokenizer.enable_truncation(self.config["text"]["max_tokens"])
        self.tokenizer.enable_padding(pad_id=vocabulary["[PAD]"])

    def ground(self, picture, expressions):
        """picture: a PIL image. Returns for each expression its box (x0, y0, x1, y1) and its mask, bool (height, width)."""
        picture = on_white(ImageOps.exif_transpose(picture))
        place = Letterbox(picture.width, picture.height, self.config["image"]["size"])
        image = place.canvas(picture, self.config["image"]["mean"], self.config["image"]["std"])
        encoded = self.tokenizer.encode_batch(list(expressions))
        boxes, mask_logits = self.session.run(["boxes_cxcywh", "mask_logits"], {
            "images": np.repeat(image[None], len(encoded), axis=0),
            "ids": np.array([text.ids for text in encoded], np.int64),
            "token_mask": np.array([text.attention_mask for text in encoded], np.int64),
        })
        threshold = self.config["mask_head"]["threshold"]
        return [(place.box_to_image(box), place.logits_to_image(logits) > np.log(threshold / (1 - threshold)))
                for box, logits in zip(boxes, mask_logits)]


class Letterbox:
    """The long side scaled to the canvas, the rest centred; and back."""

    def __init__(self, width, height, size):
        long_side = max(width, height)
        self.width, self.height, self.size = width, height, size
        # rounded half up
        self.resized_width = max((2 * width * size + long_side) // (2 * long_side), 1)
        self.resized_height = max((2 * height * size + long_side) // (2 * long_side), 1)
        self.left, self.top = (size - self.resized_width) // 2, (size - self.resized_height) // 2

    def canvas(self, picture, mean, std):
        """(3, size, size) float32, RGB, normalised; padded with 0 after normalising."""
        resized = picture.resize((self.resized_width, self.resized_height), Image.Resampling.BILINEAR)
        pixels = (np.asarray(resized, np.float32) / 255 - np.float32(mean)) / np.float32(std)
        canvas = np.zeros((3, self.size, self.size), np.float32)
        canvas[:, self.top:self.top + self.resized_height, self.left:self.left + self.resized_width] = (
            pixels.transpose(2, 0, 1))
        return canvas

    def box_to_image(self, box_cxcywh):
        """[0, 1] of the canvas -> pixels of the picture, clipped to it."""
        cx, cy, w, h = (float(value) * self.size for value in box_cxcywh)
        x = np.array([cx - w / 2, cx + w / 2]) - self.left
        y = np.array([cy - h / 2, cy + h / 2]) - self.top
        x = np.clip(x * self.width / self.resized_width, 0, self.width)
        y = np.clip(y * self.height / self.resized_height, 0, self.height)
        return float(x[0]), float(y[0]), float(x[1]), float(y[1])

    def logits_to_image(self, logits):
        """(size, size) -> (height, width), bilinear, without the padding."""
        inside = logits[self.top:self.top + self.resized_height, self.left:self.left + self.resized_width]
        rows, below, down = self._blend(self.height, self.resized_height)
        columns, beside, across = self._blend(self.width, self.resized_width)
        tall = inside[rows] + (inside[below] - inside[rows]) * down[:, None]
        return tall[:, columns] + (tall[:, beside] - tall[:, columns]) * across

    @staticmethod
    def _blend(count, resized):
        """For each of `count` pixels the cell before its centre, the one after, and the share of the latter."""
        at = np.clip((np.arange(count) + 0.5) * resized / count - 0.5, 0, resized - 1)
        first = np.minimum(at.astype(int), max(resized - 2, 0))
        return first, np.minimum(first + 1, resized - 1), (at - first).astype(np.float32)


def on_white(picture):
    """RGB; what is transparent shows white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="what `vglaw export --to onnx` wrote")
    parser.add_argument("image")
    parser.add_argument("expression", nargs="+")
    parser.add_argument("--mask", help="PNG for the mask of the first expression: white where the thing is")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as ONNX Runtime takes")
    options = parser.parse_args()
    found = Grounder(options.model, options.threads).ground(Image.open(options.image), options.expression)
    for expression, (box, mask) in zip(options.expression, found):
        print(json.dumps({"expression": expression, "box": [round(value, 4) for value in box],
                          "mask_area": int(mask.sum())}, ensure_ascii=False))
    if options.mask:
        Image.fromarray(found[0][1].astype(np.uint8) * 255).save(options.mask)


if __name__ == "__main__":
    main()
