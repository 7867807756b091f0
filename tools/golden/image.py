"""Golden files of vglaw/image, made by Pillow: python tools/golden/image.py (needs pillow and numpy).

Writes tests/golden/image/: small encoded pictures, NAME.EXT, each with NAME.EXT.ppm, the RGB pixels Pillow sees in it
(transparency composited on white), and resize.txt, a checksum for each resize of a noise picture.
"""

import io
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "image"
WIDTH, HEIGHT = 29, 19

# from width, from height, to width, to height
RESIZES = [
    (224, 224, 128, 128), (640, 480, 448, 336), (480, 640, 336, 448), (100, 75, 448, 336), (33, 57, 33, 20),
    (33, 57, 20, 57), (33, 57, 33, 57), (1, 1, 7, 5), (7, 5, 1, 1), (2, 3, 3, 2), (500, 333, 448, 298),
    (17, 1000, 8, 448), (1000, 3, 448, 1), (13, 13, 14, 12), (321, 123, 64, 25), (5, 9, 200, 3), (448, 448, 447, 449),
]


def noise(width, height):
    """The same linear congruential noise as in resize_test.cc: the test needs no input file."""
    state, out = 12345, np.empty(width * height * 3, np.uint8)
    for i in range(out.size):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out[i] = state >> 16 & 255
    return Image.fromarray(out.reshape(height, width, 3))


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def scene():
    """Smooth colours and one hard edge."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    rgb = np.stack([255 * x / WIDTH, 255 * y / HEIGHT, 128 + 100 * np.sin(x / 4) * np.cos(y / 3)], -1)
    rgb[3:9, 5:14] = (220, 40, 30)
    return Image.fromarray(rgb.astype(np.uint8))


def on_white(image):
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def keep(name, data, pixels=None):
    (OUT / name).write_bytes(data)
    pixels = on_white(Image.open(io.BytesIO(data))) if pixels is None else pixels
    (OUT / f"{name}.ppm").write_bytes(b"P6 %d %d 255\n" % pixels.size + pixels.tobytes())


def encoded(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def jpegs(rgb):
    keep("rgb.jpg", encoded(rgb, "JPEG", quality=90))
    keep("rgb_444.jpg", encoded(rgb, "JPEG", quality=90, subsampling=0))
    keep("progressive.jpg", encoded(rgb, "JPEG", quality=90, progressive=True))
    keep("gray.jpg", encoded(rgb.convert("L"), "JPEG", quality=90))
    cmyk = encoded(rgb.convert("CMYK"), "JPEG", quality=90)
    keep("cmyk.jpg", cmyk)
    # The Adobe marker's last byte says how the four channels were transformed: 0 none (CMYK), 2 YCCK.
    transform = cmyk.index(b"Adobe") + 11
    keep("ycck.jpg", cmyk[:transform] + b"\x02" + cmyk[transform + 1 :])
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = encoded(rgb, "JPEG", quality=90, exif=exif.tobytes())
        turned = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        keep(f"orientation_{orientation}.jpg", data, turned)


def png_file(width, height, depth, colour, interlace, rows):
    """A PNG of raw filtered rows: Pillow writes neither 16-bit RGB nor Adam7."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png_16(array, colour):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    return png_file(array.shape[1], array.shape[0], 16, colour, 0, rows)


def interlaced(rgb):
    pixels, rows = np.asarray(rgb), b""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for x, y, dx, dy in passes:
        rows += b"".join(b"\0" + row.tobytes() for row in pixels[y::dy, x::dx])
    return png_file(rgb.width, rgb.height, 8, 2, 1, rows)


def pngs(rgb):
    keep("rgb.png", encoded(rgb, "PNG"))
    keep("gray.png", encoded(rgb.convert("L"), "PNG"))
    keep("bilevel.png", encoded(rgb.convert("1"), "PNG"))
    keep("palette.png", encoded(rgb.quantize(13), "PNG"))
    transparent = rgb.quantize(13)
    keep("palette_trns.png", encoded(transparent, "PNG", transparency=bytes(range(0, 260, 20))))
    keep("rgb_trns.png", encoded(rgb, "PNG", transparency=(220, 40, 30)))
    rgba = rgb.convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size))
    keep("rgba.png", encoded(rgba, "PNG"))
    keep("gray_alpha.png", encoded(rgba.convert("LA"), "PNG"))
    wide = np.asarray(rgb).astype(np.uint16) * 251 + 99
    keep("rgb_16.png", png_16(wide, 2))
    high = (wide[..., :1] >> 8).astype(np.uint8).repeat(3, -1)  # Pillow clips 16-bit gray instead of scaling it
    keep("gray_16.png", png_16(wide[..., 0], 0), Image.fromarray(high))
    keep("interlaced.png", interlaced(rgb))


def webps(rgb):
    keep("lossy.webp", encoded(rgb, "WEBP", quality=90))
    keep("lossless.webp", encoded(rgb, "WEBP", lossless=True))
    rgba = rgb.convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size))
    keep("alpha.webp", encoded(rgba, "WEBP", lossless=True, exact=True))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(rgb, "WEBP", lossless=True, exif=exif.tobytes())
    keep("orientation_6.webp", data, rgb.transpose(Image.Transpose.ROTATE_270))
    (OUT / "animated.webp").write_bytes(
        encoded(rgb, "WEBP", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)])
    )


def resizes():
    lines = [f"# Pillow {PIL.__version__}: from width, height; to width, height; FNV-1a of the resized RGB bytes"]
    for from_width, from_height, width, height in RESIZES:
        # One axis at a time, horizontal first: the only order before Pillow 13, which picks the cheaper one.
        rows = noise(from_width, from_height).resize((width, from_height), Image.Resampling.BILINEAR)
        resized = rows.resize((width, height), Image.Resampling.BILINEAR)
        lines.append(f"{from_width} {from_height} {width} {height} {fnv1a(resized.tobytes())}")
    (OUT / "resize.txt").write_text("\n".join(lines) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rgb = scene()
    jpegs(rgb)
    pngs(rgb)
    webps(rgb)
    resizes()


if __name__ == "__main__":
    main()
