"""The Python module against the program, on real pixels. Needs numpy alone."""

import json
import os
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import numpy as np

import vglaw

SOURCE = Path(os.environ["VGLAW_SOURCE_DIR"])
MODEL = SOURCE / "models" / "scenes-small.safetensors"
PICTURE = SOURCE / "tests" / "golden" / "image" / "rgb.png"  # and rgb.png.ppm, its pixels


def read_ppm(path):
    magic, width, height, greatest, pixels = path.read_bytes().split(maxsplit=4)
    assert (magic, greatest) == (b"P6", b"255")
    header = path.read_bytes().index(b"255") + 4  # split would eat pixels that look like blanks
    return np.frombuffer(path.read_bytes()[header:], np.uint8).reshape(int(height), int(width), 3)


class ModuleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.image = read_ppm(Path(str(PICTURE) + ".ppm"))
        cls.model = vglaw.Model(MODEL, threads=1)
        cls.grounder = vglaw.Grounder(cls.model, threads=1)

    def refused(self, code, word, call, kind=vglaw.Error):
        with self.assertRaises(kind) as caught:
            call()
        self.assertIn(word, str(caught.exception))
        if kind is vglaw.Error:
            self.assertEqual(caught.exception.code, code)

    def test_answers_as_the_program(self):
        expressions = ["the red ball", "cube on the left"]
        lines = subprocess.run(
            [os.environ["VGLAW_PROGRAM"], "ground", PICTURE, *expressions, "--model", MODEL, "--threads", "1", "--json"],
            check=True, capture_output=True, text=True).stdout.splitlines()
        answers = self.grounder.ground(self.image, expressions)
        self.assertEqual(len(answers), 2)
        for line, found in zip(map(json.loads, lines), answers):
            self.assertEqual(found["expression"], line["expression"])
            self.assertEqual(list(found["box"]), line["box"])
            self.assertEqual(found["rle"], line["mask"])
            self.assertEqual(found["mask_area"], line["mask_area"])
            self.assertEqual(found["mask"].sum(), line["mask_area"])
            self.assertEqual(found["mask"].dtype, np.bool_)
            self.assertEqual(found["mask"].shape, self.image.shape[:2])
            self.assertFalse(found["truncated"])
            self.assertGreater(found["milliseconds"], 0)

    def same(self, image):
        return self.grounder.ground(image, "the red ball")[0]["rle"]

    def test_any_strides_are_read(self):
        height, width, _ = self.image.shape
        expected = self.same(self.image)
        wide = np.full((height, width + 5, 3), 9, np.uint8)
        wide[:, :width] = self.image
        self.assertEqual(self.same(wide[:, :width]), expected)  # rows apart: read in place
        twice = np.repeat(self.image, 2, axis=1)
        self.assertEqual(self.same(twice[:, ::2]), expected)
        self.assertEqual(self.same(np.asfortranarray(self.image)), expected)
        self.assertEqual(self.same(np.ascontiguousarray(self.image[::-1, ::-1, ::-1])[::-1, ::-1, ::-1]), expected)
        rgba = np.dstack([self.image, np.full((height, width), 255, np.uint8)])
        self.assertEqual(self.same(rgba), expected)
        self.assertEqual(self.same(rgba[:, :, :3]), expected)
        read_only = self.image.copy()
        read_only.setflags(write=False)
        self.assertEqual(self.same(read_only), expected)

    def test_explains(self):
        explanation = self.grounder.explain(self.image, "the red ball")
        self.assertEqual(explanation["tokens"], ["[CLS]", "the", "red", "ball", "[SEP]"])
        self.assertAlmostEqual(explanation["pool_attention"].sum(), 1, places=4)
        blocks, groups, tokens = explanation["token_attention"].shape
        self.assertEqual((blocks, tokens), (len(explanation["blocks"]), 5))
        np.testing.assert_allclose(explanation["token_attention"].sum(axis=2), 1, atol=1e-4)
        self.assertEqual(explanation["placement"]["canvas_size"], self.model.image_size)
        self.assertEqual(explanation["pool_attention"].dtype, np.float32)

    def test_says_when_an_expression_is_cut(self):
        found = self.grounder.ground(self.image, " ".join(["ball"] * 100))[0]
        self.assertTrue(found["truncated"])
        self.assertEqual((found["tokens_given"], found["tokens_read"]), (102, self.model.max_tokens))

    def test_a_threshold_changes_the_mask(self):
        areas = [vglaw.Grounder(str(MODEL), 1, mask_threshold=t).ground(self.image, "ball")[0]["mask_area"]
                 for t in (0.01, 0.99)]
        self.assertGreater(areas[0], areas[1])

    def test_refuses_in_one_line(self):
        ground = self.grounder.ground
        self.refused("not found", "no/such", lambda: vglaw.Model("no/such"))
        self.refused("invalid argument", "no expressions", lambda: ground(self.image, []))
        self.refused("invalid argument", "empty", lambda: ground(self.image, ["ball", ""]))
        self.refused("invalid argument", "zero byte", lambda: ground(self.image, "red\0ball"))
        self.refused("invalid argument", "dimensions", lambda: ground(self.image[0], "ball"))
        self.refused("invalid argument", "2 channels", lambda: ground(self.image[:, :, :2], "ball"))
        self.refused("invalid argument", "0 x", lambda: ground(self.image[:, :0], "ball"))
        self.refused("invalid argument", "threads is -1", lambda: vglaw.Grounder(self.model, threads=-1))
        for bad in (0, 1, -0.5, float("nan")):
            self.refused("invalid argument", "mask_threshold", lambda: vglaw.Grounder(self.model, mask_threshold=bad))
        self.refused("", "uint8", lambda: ground(self.image.astype(np.float32), "ball"), TypeError)
        self.refused("", "incompatible", lambda: ground(self.image, 7), TypeError)
        self.refused("", "incompatible", lambda: ground(self.image, ["ball", None]), TypeError)
        self.assertIn("\u00e9", ground(self.image, "caf\u00e9")[0]["expression"])
        with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
            file.write(MODEL.read_bytes()[:5000])
            file.flush()
            self.refused("corrupt data", file.name, lambda: vglaw.Model(file.name))

    def test_threads_ground_at_the_same_time(self):
        expected, wrong = self.same(self.image), []

        def work():
            grounder = vglaw.Grounder(self.model, threads=1)
            for _ in range(10):
                if grounder.ground(self.image, "the red ball")[0]["rle"] != expected:
                    wrong.append(threading.get_ident())

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_other_threads_run_while_it_computes(self):
        # A call of many expressions lasts much longer than Python's switch interval of 5 ms: with the lock held
        # throughout, this thread would not wake once in between.
        ended = threading.Event()

        def work():
            vglaw.Grounder(self.model, threads=1).ground(self.image, ["the red ball"] * 100)
            ended.set()

        thread, turns = threading.Thread(target=work), 0
        thread.start()
        while not ended.is_set():
            time.sleep(0.001)
            turns += 1
        thread.join()
        self.assertGreater(turns, 10)


if __name__ == "__main__":
    unittest.main()
