"""A headless Chromium, driven by W3C WebDriver over HTTP: chromedriver and Python's own library, nothing else."""
import base64
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Shift": "\ue008", "Control": "\ue009", "Escape": "\ue00c", "Space": " ",
        "Left": "\ue012", "Right": "\ue014", "End": "\ue010", "Home": "\ue011"}


class Browser:
    def __init__(self, folder, size=(1280, 1000)):
        # A profile of its own below `folder`; what Chromium says goes to a file there.
        self.log = open(os.path.join(folder, "chromedriver.log"), "w+")
        self.driver = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdout=self.log, stderr=self.log,
                                       env={**os.environ, "HOME": folder}, start_new_session=True)
        self.base = "http://127.0.0.1:%d" % self._port()
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     "--force-device-scale-factor=1", "--force-color-profile=srgb", "--window-size=%d,%d" % size,
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--user-data-dir=" + os.path.join(folder, "profile")]
        wanted = {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
                  "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments}}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + answer["sessionId"]
        self.do("POST", "/timeouts", {"script": 30000, "pageLoad": 30000})

    def _port(self):
        for _ in range(600):
            self.log.flush()
            found = re.search(r"started successfully on port (\d+)", open(self.log.name).read())
            if found:
                return int(found.group(1))
            if self.driver.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("chromedriver does not start: " + open(self.log.name).read()[-500:])

    def _call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=90) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError("%s: %s" % (value["error"], value["message"].split("\n")[0])) from None

    def do(self, method, path, body=None):
        return self._call(method, self.session + path, body)

    def close(self):
        try:
            self.do("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(10)

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, css):
        return self.do("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def all(self, css):
        return [one[ELEMENT] for one in self.do("POST", "/elements", {"using": "css selector", "value": css})]

    def click(self, css):
        self.do("POST", "/element/%s/click" % self.find(css))

    def type(self, css, text):
        self.do("POST", "/element/%s/value" % self.find(css), {"text": text})

    def text(self, css):
        return self.run("return document.querySelector(arguments[0]).textContent", css)

    def shown(self, css):
        return self.run("const e = document.querySelector(arguments[0]); return e.getClientRects().length > 0", css)

    def press(self, *keys):
        """All held down together, in order: press("Control", "z")."""
        codes = [KEYS.get(key, key) for key in keys]
        steps = [{"type": "keyDown", "value": code} for code in codes]
        steps += [{"type": "keyUp", "value": code} for code in reversed(codes)]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": steps}]})

    def devtools(self, command, **parameters):
        return self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def complaints(self):
        """What the browser's console has, errors and violations of the page's policy among it."""
        return [one["message"] for one in self.do("POST", "/se/log", {"type": "browser"})
                if one["level"] in ("SEVERE", "WARNING")]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.do("GET", "/screenshot")))

    def wait(self, what, script, *arguments, seconds=20):
        """Until the script returns something true; its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError("waited %d s for %s; the page says: %s %s" % (
                    seconds, what, self.text("#status"), self.text("#problem-text")))
            time.sleep(0.02)
