"""Starts the real TensorBoard on a folder of runs and holds what it serves against each run's metrics.jsonl: every number of every line, under its
tag, at its step, once. Both of its readers: the data server written in Rust (the default) and the Python one.

Needs tensorboard >= 2.20 and setuptools < 81. Usage: python tools/compare/tensorboard_reads.py FOLDER [--port 6123]
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def logged(run: pathlib.Path) -> dict[str, list[tuple[int, float]]]:
    """By tag, (step, value) in the order of the lines."""
    scalars: dict[str, list[tuple[int, float]]] = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        figures = json.loads(line)
        step = figures.pop("step")
        for key, value in figures.items():
            if value is not None:
                tag = "val/" + key[4:] if key.startswith("val_") else "train/" + key
                scalars.setdefault(tag, []).append((step, value))
    return scalars


def get(port: int, path: str):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as answer:
        return json.load(answer)


def served(port: int, run: str, tag: str) -> list[tuple[float, int, float]]:
    query = urllib.parse.urlencode({"run": run, "tag": tag})
    return get(port, f"data/plugin/scalars/scalars?{query}")


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6)  # TensorBoard keeps float32


def compare(folder: pathlib.Path, port: int, fast: bool) -> int:
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port)]
    command += ["--load_fast", "true" if fast else "false", "--samples_per_plugin", "scalars=1000000"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    runs = sorted(path.parent for path in folder.rglob("metrics.jsonl"))
    wrong = checked = 0
    try:
        expected = {("." if run == folder else str(run.relative_to(folder))): logged(run) for run in runs}
        for _ in range(120):  # until everything is read
            time.sleep(1)
            try:
                tags = get(port, "data/plugin/scalars/tags")
            except urllib.error.URLError:
                continue
            if all(set(scalars) == set(tags.get(run, {})) for run, scalars in expected.items()):
                break
        for run, scalars in expected.items():
            if set(scalars) != set(tags.get(run, {})):
                print(f"{run}: tags differ: {set(scalars) ^ set(tags.get(run, {}))}")
                wrong += 1
                continue
            for tag, points in scalars.items():
                times = served(port, run, tag)
                got = [(step, value) for _, step, value in times]
                same = len(got) == len(points) and all(a[0] == b[0] and close(a[1], b[1]) for a, b in zip(got, points))
                in_order = all(a[0] <= b[0] for a, b in zip(times, times[1:]))
                checked += len(points)
                if not (same and in_order):
                    print(f"{run}, {tag}: {len(points)} points logged, {len(got)} served: {points[:5]} {got[:5]}")
                    wrong += 1
    finally:
        server.terminate()
        server.wait()
    print(f"{'data server' if fast else 'Python reader'}: {len(runs)} runs, {checked} points, {wrong} differences")
    return wrong + (checked == 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=6123)
    arguments = parser.parse_args()
    wrong = sum(compare(arguments.folder, arguments.port + fast, bool(fast)) for fast in (1, 0))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
