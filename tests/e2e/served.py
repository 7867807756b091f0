"""A vglaw server for the tests in serve_*.py, and a client that is as crude as the test needs it."""
import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

VGLAW, SOURCE = sys.argv[1], sys.argv[2]
PHOTO = open(SOURCE + "/tests/golden/image/rgb.jpg", "rb").read()
# What a sanitizer's program, some ten times slower, is granted: limits of time that are not its own are this much longer.
SLOWNESS = float(os.environ.get("VGLAW_TEST_SLOWNESS", "1"))
DRAWING = open(SOURCE + "/tests/golden/image/rgb.png", "rb").read()


def need(condition, claim):
    if not condition:
        sys.exit(f"FAILED: {claim}")


class Server:
    """Runs `vglaw serve` on a free port; its log is read as it comes."""

    def __init__(self, *arguments, model="one.safetensors"):
        self.log, self.lines = [], []
        command = [VGLAW, "serve", "--port", "0", "--model", model, *map(str, arguments)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.listening = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        need(self.listening.wait(60 * SLOWNESS), f"the server listens: {self.lines}")

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            self.log.append(entry)
            if entry["event"] == "listening":
                self.port = int(entry["message"].rsplit(":", 1)[1])
                self.listening.set()

    def events(self, kind):
        return [entry for entry in list(self.log) if entry["event"] == kind]

    def wait_for(self, kind, count=1, seconds=20):
        end = time.monotonic() + seconds * SLOWNESS
        while len(self.events(kind)) < count:
            need(time.monotonic() < end, f"the log says {kind} {count} times: {self.lines[-5:]}")
            time.sleep(0.01)

    def ask(self, method, target, body=None, headers={}, timeout=60 * SLOWNESS):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, data, dict(response.getheaders())

    def ground(self, image, expressions, **more):
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        body = {"image": base64.b64encode(image).decode(), "expressions": expressions, **more}
        status, data, given = self.ask("POST", "/v1/ground", json.dumps(body), headers)
        return status, json.loads(data), given

    def send(self, data, seconds=20, end=False):
        """Bytes as they are; what comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as sock:
            got = b""
            try:
                sock.sendall(data)
                if end:
                    sock.shutdown(socket.SHUT_WR)
                while piece := sock.recv(65536):
                    got += piece
            except ConnectionError:
                pass
            return got

    def metric(self, name):
        for line in self.ask("GET", "/metrics")[1].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def wait_for_metric(self, name, condition, claim, seconds=20):
        """Counts are made beside the answers, a moment before or after a client has its own."""
        end = time.monotonic() + seconds * SLOWNESS
        while not condition(self.metric(name)):
            need(time.monotonic() < end, claim)
            time.sleep(0.005)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        code = self.process.wait(60 * SLOWNESS)
        need(code == 0, f"the server ends with 0, not {code}: {self.lines[-5:]}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.process.kill()


def ground_alone(image_file, expressions, model="one.safetensors"):
    """What the command line says: a list of {"expression", "box", "mask", "mask_area"}."""
    command = [VGLAW, "ground", image_file, *expressions, "--model", model, "--json", "--threads", "1"]
    return [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]


def differs(found, expected, pixels=0.0, area=0):
    """Why two results are not the same; nothing when they are, boxes to `pixels`, masks to `area` of them."""
    if found["expression"] != expected["expression"]:
        return f"expression {found['expression']}"
    if any(abs(a - b) > pixels for a, b in zip(found["box"], expected["box"])):
        return f"box {found['box']} for {expected['box']}"
    if abs(found["mask_area"] - expected["mask_area"]) > area or found["mask"]["size"] != expected["mask"]["size"]:
        return f"mask of {found['mask_area']} for {expected['mask_area']} px"
    if area == 0 and found["mask"]["counts"] != expected["mask"]["counts"]:
        return "the mask's runs"
    return None
