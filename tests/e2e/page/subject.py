"""What page.py tests and compares with: the server, the command line's answers, and the page in the browser."""
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.request
import zlib

from browser import Browser

program, source, folder = sys.argv[1:4]
model = os.path.join(source, "models/scenes-small.safetensors")
# The server may compute an expression with others, which moves a logit's last digits: pixels on the threshold may turn.
PIXELS_ON_THE_THRESHOLD = 3
# CSS rounds nothing of a canvas, but the box's line is blended with its white rim and the picture at its edge.
COLOUR_TOLERANCE = 40
RED, BLUE = (230, 57, 70), (24, 119, 222)
LEAST_MASK = 20  # pixels; with fewer nothing would be compared


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def equal(got, expected, what):
    check(got == expected, "%s: %r, not %r" % (what, got, expected))


# ---- The server and the command line ----------------------------------------------------------------------------------
class Server:
    def __init__(self, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.options = options
        self.url = "http://127.0.0.1:%d" % self.port
        self.start()

    def start(self):
        self.log = open(os.path.join(folder, "server.log"), "a")
        self.process = subprocess.Popen([program, "serve", "--port", str(self.port), "--threads", "1", *self.options],
                                        stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url + "/readyz", timeout=5).read()
                return
            except OSError:
                check(self.process.poll() is None, "the server ended: " + open(self.log.name).read()[-500:])
                time.sleep(0.05)
        raise AssertionError("the server does not get ready")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def ground(picture, *expressions, by=None):
    out = subprocess.run([program, "ground", picture, *expressions, "--model", by or model, "--threads", "1", "--json"],
                         check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def something_seen(picture, count):
    """Expressions for which the command line finds enough to compare, whatever the picture shows and the model knows."""
    tried = ["the red ball", "the biggest one on the left", "the leftmost one", "the rightmost one", "the biggest one", "the smallest one"]
    seen = [one["expression"] for one in ground(picture, *tried) if sum(map(sum, decode(one["mask"]))) > LEAST_MASK]
    check(len(seen) >= count, "%s: the program sees %d things of %d" % (picture, len(seen), count))
    return seen[:count]


def decode(mask):
    """COCO's compressed run lengths -> rows of 0 and 1. Written apart from the page's own reader."""
    (height, width), text = mask["size"], mask["counts"]
    runs, at = [], 0
    while at < len(text):
        value, shift = 0, 0
        while True:
            code = ord(text[at]) - 48
            at += 1
            value |= (code & 0x1F) << shift
            shift += 5
            if not code & 0x20:
                break
        if code & 0x10:
            value -= 1 << shift
        if len(runs) > 2:
            value += runs[-2]
        runs.append(value)
    flat = []
    for number, run in enumerate(runs):
        flat += [number % 2] * run
    equal(len(flat), height * width, "pixels of the mask")
    return [[flat[x * height + y] for x in range(width)] for y in range(height)]


def write_png(path, width, height, pixel):
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


# ---- The page ---------------------------------------------------------------------------------------------------------
class Page(Browser):
    def visit(self, url):
        self.open("about:blank")
        self.open(url)
        self.wait("the page", "return document.readyState === 'complete' && document.getElementById('model').options.length > 0")

    def upload(self, path):
        name = os.path.basename(path)
        self.run("document.getElementById('picture-note').textContent = ''")
        self.type("#file", path)
        self.wait("the picture " + name, "return document.getElementById('picture-note').textContent !== ''"
                  " || !document.getElementById('problem').hidden")

    def say(self, text):
        """Types an expression, keeps it by Enter, waits for its answer."""
        self.type("#expression", text + "\ue007")
        self.wait("an answer to " + text, "return [...document.querySelectorAll('#legend li')].some("
                  "li => li.querySelector('.says').textContent === arguments[0] && !li.textContent.includes('(typing)')"
                  " && li.querySelector('.where').textContent.startsWith('box '))", text)

    def set(self, css, value):
        self.run("const e = document.querySelector(arguments[0]); if (e.type === 'checkbox') e.checked = arguments[1]; else e.value = arguments[1];"
                 "for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true}))", css, value)

    def drawn(self, colour):
        """Which pixels of the picture are exactly of this colour on the canvas, at their middles: rows of 0 and 1."""
        rows = self.run("""
            const canvas = document.getElementById('canvas'), scale = Number(canvas.dataset.scale);
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data, rows = [];
            for (let y = scale >> 1; y < canvas.height; y += scale) {
              let row = '';
              for (let x = scale >> 1; x < canvas.width; x += scale) {
                const at = 4 * (y * canvas.width + x);
                row += arguments[0].every((c, i) => data[at + i] === c) ? '1' : '0';
              }
              rows.push(row);
            }
            return rows""", list(colour))
        return [[int(c) for c in row] for row in rows]

    def pixel(self, x, y):
        """Of the canvas, at a place in the picture's pixels."""
        return self.run("""
            const canvas = document.getElementById('canvas'), scale = Number(canvas.dataset.scale);
            const at = v => Math.round(v * scale), clip = (v, most) => Math.min(Math.max(v, 0), most - 1);
            return [...canvas.getContext('2d').getImageData(clip(at(arguments[0]), canvas.width), clip(at(arguments[1]), canvas.height), 1, 1).data].slice(0, 3)""", x, y)

    def problem(self):
        self.wait("a problem", "return !document.getElementById('problem').hidden")
        return self.text("#problem-text")

    def focused(self):
        return self.run("const e = document.activeElement; return e.id || e.getAttribute('aria-label') || e.textContent")

    def tab_to(self, name):
        for _ in range(60):
            self.press("Tab")
            if self.focused() == name:
                return
        raise AssertionError("no Tab leads to " + name)


def compare_mask(page, colour, answer, what):
    expected, got = decode(answer["mask"]), page.drawn(colour)
    equal((len(got), len(got[0])), (len(expected), len(expected[0])), what + ": size")
    wrong = sum(a != b for row, other in zip(got, expected) for a, b in zip(row, other))
    check(sum(map(sum, expected)) > LEAST_MASK, what + ": the mask is empty, nothing is compared")
    check(wrong <= PIXELS_ON_THE_THRESHOLD, "%s: %d pixels of the mask differ from the command line's" % (what, wrong))


def near(got, expected):
    return all(abs(a - b) <= COLOUR_TOLERANCE for a, b in zip(got, expected))


def compare_box(page, colour, answer, what):
    """The line runs where the command line has the box: on its four sides, and not inside."""
    x0, y0, x1, y1 = answer["box"]
    line = [at for share in (0.4, 0.6) for at in ((x0 + share * (x1 - x0), y0), (x0 + share * (x1 - x0), y1),
                                                  (x0, y0 + share * (y1 - y0)), (x1, y0 + share * (y1 - y0)))]
    inside = ((x0 + x1) / 2, (y0 + y1) / 2)
    page.set("#boxes", False)
    before = [page.pixel(*at) for at in line]
    empty = page.pixel(*inside)
    page.set("#boxes", True)
    for at in line:
        check(near(page.pixel(*at), colour), "%s: no line at %s but %s" % (what, at, page.pixel(*at)))
    check(sum(not near(one, colour) for one in before) >= 4, what + ": the picture has the line's colour already, nothing is compared")
    equal(page.pixel(*inside), empty, what + ": inside the box")
