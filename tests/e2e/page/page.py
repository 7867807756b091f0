"""The web page of `vglaw serve` in a real browser, held against what the command line says of the same pictures.
Called by page.sh: page.py PROGRAM SOURCE_DIR FOLDER [--screenshot FILE]"""
import json
import os
import shutil
import struct
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gate import Gate  # noqa: E402
from subject import (BLUE, RED, Page, Server, check, compare_box, compare_mask, equal, folder, ground, model,  # noqa: E402
                     program, something_seen, source, write_png)

screenshot = sys.argv[5] if len(sys.argv) > 5 else None


# ---- The claims -------------------------------------------------------------------------------------------------------
def draws_what_the_command_line_finds(page, pictures):
    for picture in pictures:
        expressions = something_seen(picture, 2)
        answers = ground(picture, *expressions)
        page.visit(page.site)
        page.upload(picture)
        for text in expressions:
            page.say(text)
        size = "%d × %d" % tuple(reversed(answers[0]["mask"]["size"]))
        check(size in page.text("#picture-note"), "the page sees %s, the program %s" % (page.text("#picture-note"), size))
        check("PNG" not in page.text("#picture-note"), "the picture was sent otherwise than it was chosen")
        page.set("#opacity", 0)
        compare_box(page, BLUE, answers[1], picture + " second box")
        page.set("#boxes", False)
        equal(sum(map(sum, page.drawn(BLUE))), 0, "a mask that is not to be seen")
        page.set("#opacity", 100)
        compare_mask(page, BLUE, answers[1], picture + " second mask")
        page.click("#legend li:nth-child(2) .remove")
        compare_mask(page, RED, answers[0], picture + " first mask")
        page.set("#boxes", True)
        page.set("#opacity", 0)
        compare_box(page, RED, answers[0], picture + " first box")
        told = page.text("#legend li:nth-child(1) .where")
        rounded = "box %d, %d to %d, %d" % tuple(int(v + 0.5) for v in answers[0]["box"])
        check(told.startswith(rounded), "the legend says %s, the program %s" % (told, rounded))
        check(rounded in page.run("return document.getElementById('canvas').getAttribute('aria-label')"), "the picture does not say what was found")


def looks_while_one_types(page, picture):
    page.visit(page.site)
    page.upload(picture)
    page.type("#expression", "the blue")
    page.wait("a draft", "return document.querySelector('#legend .chip.draft') !== null")
    equal(page.text("#legend .says"), "the blue", "what is typed")
    page.wait("it to be said", "return document.getElementById('status').textContent.includes('“the blue”: box ')")
    page.set("#typing", False)
    page.wait("no draft", "return document.querySelector('#legend .chip.draft') === null")
    equal(page.run("return document.querySelectorAll('#steps button').length"), 2, "steps after mere typing")


def says_why(page, picture):
    page.visit(page.site)
    page.upload(picture)
    page.say("the red ball")
    page.set("#opacity", 0)
    page.set("#boxes", False)
    before = page.drawn((252, 234, 76))
    page.click(".why")
    page.wait("why", "return !document.getElementById('why-part').hidden")
    why = os.path.join(folder, "why")
    subprocess.run([program, "ground", picture, "the red ball", "--model", model, "--threads", "1", "--explain", why],
                   check=True, capture_output=True)
    told = json.load(open(os.path.join(why, "01.json")))
    equal(page.run("return [...document.querySelectorAll('#tokens li')].map(li => li.firstChild.textContent)"), told["tokens"], "tokens")

    def shares():
        return page.run("return [...document.querySelectorAll('#tokens small')].map(e => parseFloat(e.textContent))")

    for block in (None, 0, len(told["blocks"]) - 1):
        page.set("#block", "-1" if block is None else str(block))
        heard = told["token_attention"] if block is None else [told["token_attention"][block]]
        rows = [group for one in heard for group in one]
        for token, share in enumerate(shares()):
            expected = 100 * sum(row[token] for row in rows) / len(rows)
            check(abs(share - expected) <= 0.6, "token %d of block %s: %s %%, not %.2f" % (token, block, share, expected))
    # Where it looked most is the brightest place of the picture.
    grid = told["pool_attention"]
    most = max((value, x, y) for y, row in enumerate(grid) for x, value in enumerate(row))
    height, width = ground(picture, "the red ball")[0]["mask"]["size"]
    long, cells = max(height, width), len(grid)
    x = (most[1] + 0.5) * long / cells - (long - width) / 2
    y = (most[2] + 0.5) * long / cells - (long - height) / 2
    hot = page.pixel(x, y)
    page.set("#heat", False)
    cold = page.pixel(x, y)
    check(sum(abs(a - b) for a, b in zip(hot, cold)) > 60, "no heat where it looked: %s and %s" % (hot, cold))
    check(hot[0] > hot[2] + 40, "what it looked at most is not of the map's brightest colour: %s" % hot)
    equal(page.drawn((252, 234, 76)), before, "the picture without heat map")
    page.click("#why-close")
    check(not page.shown("#why-part"), "it stays open")
    equal(page.focused(), "Why: the red ball", "focus after closing")


def offers_scenes(page):
    page.visit(page.site + "/#scene=7")
    page.wait("a scene", "return document.querySelectorAll('#examples button').length > 1")
    text = page.text("#examples button")
    page.click("#examples button")
    page.wait("its answer", "return document.querySelector('#legend .where')?.textContent.startsWith('box ')")
    equal(page.text("#legend .says"), text, "the expression that was clicked")
    equal(page.run("return document.querySelector('#examples button').getAttribute('aria-pressed')"), "true", "pressed")
    scene = json.load(urllib.request.urlopen(page.site + "/v1/scene?seed=7"))
    check([one["text"] for one in scene["expressions"]] ==
          page.run("return [...document.querySelectorAll('#examples button')].map(b => b.textContent)"), "other expressions than the server's")


def undoes(page, picture):
    page.visit(page.site)
    page.upload(picture)
    page.say("the red ball")
    page.say("the blue one")
    says = "return [...document.querySelectorAll('#legend .says')].map(e => e.textContent)"
    page.click("#legend li:nth-child(1) .remove")
    equal(page.run(says), ["the blue one"], "after removal")
    page.click("#boxes")  # not in a text field
    page.press("Control", "z")
    equal(page.run(says), ["the red ball", "the blue one"], "after undo")
    page.press("Control", "z")
    page.press("Control", "z")
    equal(page.run(says), [], "after three")
    page.press("Control", "Shift", "z")
    equal(page.run(says), ["the red ball"], "after redo")
    page.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.click("#steps li:nth-child(4) button")
    equal(page.run(says), ["the red ball", "the blue one"], "by the list")
    page.click("#undo")
    page.say("the green one")
    check(page.run("return document.getElementById('redo').disabled"), "redo after a new step")
    page.click("#expression")
    page.type("#expression", "abc")
    page.press("Control", "z")
    equal(page.run(says), ["the red ball", "the green one"], "undo in a text field belongs to the text")


def gives_it_away(page, picture):
    downloads = os.path.join(folder, "downloads")
    os.makedirs(downloads)
    page.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=downloads)
    tricky = "@the \"red\" one; it's $HOME & <b>"
    page.visit(page.site)
    page.upload(picture)
    page.say("the red ball")
    page.say(tricky)
    page.run("document.querySelectorAll('details').forEach(d => d.open = true)")

    def fetched(name):
        for _ in range(400):
            if name in os.listdir(downloads):
                return os.path.join(downloads, name)
            time.sleep(0.05)
        raise AssertionError("no %s in %s" % (name, os.listdir(downloads)))

    stem = os.path.splitext(os.path.basename(picture))[0]
    page.click("#png")
    with open(fetched(stem + "-vglaw.png"), "rb") as file:
        head = file.read(24)
    width, height = struct.unpack(">II", head[16:24])
    canvas = page.run("const c = document.getElementById('canvas'); return [c.width, c.height]")
    check(width == canvas[0] and height > canvas[1], "the PNG is %d x %d, the canvas %s" % (width, height, canvas))
    page.click("#json")
    saved = json.load(open(fetched(stem + "-vglaw.json")))
    answers = ground(picture, "the red ball")
    equal([one["expression"] for one in saved["results"]], ["the red ball", tricky], "expressions of the JSON")
    check(all(abs(a - b) < 0.01 for a, b in zip(saved["results"][0]["box"], answers[0]["box"])), "the JSON has another box")
    equal(saved["image"]["name"], os.path.basename(picture), "the JSON's picture")
    # The command that is shown, run by a shell beside the picture.
    call = page.run("return document.getElementById('curl').value")
    if shutil.which("curl"):
        out = subprocess.run(["bash", "-c", call], cwd=os.path.dirname(picture), check=True, capture_output=True, text=True).stdout
        answer = json.loads(out)
        equal([one["expression"] for one in answer["results"]], ["the red ball", tricky], "curl's expressions")
        equal(answer["results"][0]["mask"]["size"], answers[0]["mask"]["size"], "curl's picture")
    page.click("#copy")
    page.wait("the copy", "return document.getElementById('status').textContent === 'Copied.'")


def says_errors_in_words(page, server, picture):
    gate = Gate(server.port)
    page.visit(gate.url)
    page.click("#find")
    page.wait("a hint", "return document.getElementById('status').textContent.includes('Say what to find')")
    page.type("#expression", "the ball\ue007")
    check("no picture yet" in page.problem(), page.problem())
    notes = os.path.join(folder, "notes.txt")
    with open(notes, "w") as file:
        file.write("not a picture\n")
    page.upload(notes)
    check("“notes.txt” is not a picture" in page.problem(), page.problem())
    page.set("#typing", False)
    page.upload(picture)
    check(not page.shown("#problem"), "a problem that is over stays")

    def tried(answers, text):
        gate.next = list(answers)
        page.run("document.getElementById('expression').value = ''")
        page.type("#expression", text + "\ue007")

    said = json.dumps({"error": {"code": "invalid_argument", "message": "the expression is odd"}, "request_id": "abc"}).encode()
    tried([(400, {"Content-Type": "application/json"}, said)], "one")
    equal(page.problem(), "The server says: the expression is odd (request abc)", "the server's own words")
    page.click("#again")
    page.wait("another try", "return document.querySelector('#legend .where').textContent.startsWith('box ')")
    check(not page.shown("#problem"), "a problem that is over stays")
    tried([(502, {"Content-Type": "text/html"}, b"<html>Bad gateway</html>")], "two")
    check("HTTP 502" in page.problem(), page.problem())
    # Busy: said, and asked again by itself when the server says.
    busy = json.dumps({"error": {"code": "busy", "message": "the queue is full"}, "request_id": "x"}).encode()
    begin, calls = time.monotonic(), gate.calls
    tried([(503, {"Content-Type": "application/json", "Retry-After": "1"}, busy)], "three")
    page.wait("busy", "return document.getElementById('status').textContent.includes('busy; asking again in 1 s')")
    page.wait("the answer", "return [...document.querySelectorAll('#legend .where')].every(e => e.textContent.startsWith('box '))")
    check(time.monotonic() - begin >= 1 and gate.calls >= calls + 2, "it did not wait, or did not ask again")
    # Too large: sent smaller, and said.
    tried([(413, {"Content-Type": "application/json"}, busy)], "four")
    page.wait("smaller", "return document.getElementById('picture-note').textContent.includes('Scaled down from')")
    # Down, and up again.
    server.stop()
    tried([], "five")
    check("The server does not answer" in page.problem(), page.problem())
    server.start()
    page.click("#again")
    page.wait("the answer", "return [...document.querySelectorAll('#legend .where')].every(e => e.textContent.startsWith('box '))")
    page.complaints()  # of the failures that were asked for


def scales_large_pictures_down(page):
    big = os.path.join(folder, "big.png")
    write_png(big, 5000, 40, lambda x, y: (x % 256, 5 * y, 90))
    page.visit(page.site)
    page.upload(big)
    check("Scaled down from 5000 × 40 to 4096 × 33" in page.text("#picture-note"), page.text("#picture-note"))
    page.say("the bar")


def takes_pictures_by_drop_and_paste(page, picture):
    with open(picture, "rb") as file:
        bytes_ = list(file.read())
    text, = something_seen(picture, 1)
    for event, carries in (("drop", "dataTransfer"), ("paste", "clipboardData")):
        page.visit(page.site)
        page.run("const data = new DataTransfer(); data.items.add(new File([new Uint8Array(arguments[2])], 'handed.jpg', {type: 'image/jpeg'}));"
                 "const kind = arguments[0] === 'drop' ? DragEvent : ClipboardEvent;"
                 "document.body.dispatchEvent(new kind(arguments[0], {[arguments[1]]: data, bubbles: true, cancelable: true}))", event, carries, bytes_)
        page.wait("the picture", "return document.getElementById('picture-note').textContent.startsWith('handed.jpg')")
        page.say(text)
        page.set("#boxes", False)
        page.set("#opacity", 100)
        compare_mask(page, RED, ground(picture, text)[0], event)
    page.run("document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: new DataTransfer(), bubbles: true, cancelable: true}))")
    check("was not a file" in page.problem(), page.problem())


def chooses_models(page, picture):
    other = os.path.join(folder, "other.safetensors")
    subprocess.run([program, "init", os.path.join(source, "tests/e2e/tiny.toml"), "--seed", "3", "--active", "--out", other], check=True, capture_output=True)
    server = Server("--model", "small=" + model, "--model", "tiny=" + other)
    try:
        page.visit(server.url)
        check(page.shown("#model"), "there are two models, and no choice")
        equal(page.run("return [...document.getElementById('model').options].map(o => o.value)"), ["small", "tiny"], "models")
        page.upload(picture)
        page.say("the red ball")
        first = page.text(".where")
        page.set("#model", "tiny")
        page.wait("another answer", "const t = document.querySelector('.where').textContent; return t.startsWith('box ') && t !== arguments[0]", first)
        answer = ground(picture, "the red ball", by=other)[0]
        page.set("#boxes", False)
        page.set("#opacity", 100)
        equal(page.text(".where").split(";")[0], "box %d, %d to %d, %d" % tuple(int(v + 0.5) for v in answer["box"]), "the other model's box")
        check("model=tiny" in page.run("return document.getElementById('curl').value"), "curl asks the first model")
        page.click("#undo")
        equal(page.run("return document.getElementById('model').value"), "small", "the model after undo")
        equal(page.text(".where"), first, "the answer after undo")
    finally:
        server.stop()


def asks_for_a_token(page, picture):
    tokens = os.path.join(folder, "tokens")
    with open(tokens, "w") as file:
        file.write("let-me-in-please\n")
    server = Server("--model", model, "--token-file", tokens)
    try:
        page.open("about:blank")
        page.open(server.url)
        page.wait("the question", "return document.getElementById('token-form').getClientRects().length > 0")
        for answer in ("wrong", "let-me-in-please"):
            page.type("#token", answer + "\ue007")
            page.wait("an answer", "return arguments[0] ? document.getElementById('model').options.length > 0 : document.getElementById('problem-text').textContent !== ''", answer != "wrong")
            page.run("document.getElementById('token').value = ''")
        page.upload(picture)
        page.say("the red ball")
        check("$TOKEN" in page.run("return document.getElementById('curl').value"), "curl goes without a token")
        check("let-me-in" not in page.run("return document.documentElement.outerHTML + document.getElementById('curl').value"), "the token stands on the page")
    finally:
        server.stop()
    check(all("401" in one for one in page.complaints()), "other complaints than of 401")


def shrinks_pictures_for_a_server_that_takes_less(page):
    noisy = os.path.join(folder, "noisy.png")
    write_png(noisy, 300, 200, lambda x, y: ((x * x * 7 + y * 13) % 251, (x * y * 31 + y) % 241, (x * 17 + y * y * 3) % 239))
    server = Server("--model", model, "--max-body", "40000")
    try:
        check(os.path.getsize(noisy) > 40000, "the picture is not too large")
        page.visit(server.url)
        page.upload(noisy)
        page.say("the red ball")
        check("Scaled down from 300 × 200 to" in page.text("#picture-note"), page.text("#picture-note"))
    finally:
        server.stop()
    page.complaints()  # of the 413


def works_by_keyboard_alone(page):
    page.visit(page.site)
    page.press("Tab")
    equal(page.run("return document.activeElement.className"), "skip", "the first stop")
    page.tab_to("scene")
    page.press("Enter")
    page.wait("a scene", "return document.querySelectorAll('#examples button').length > 1")
    page.tab_to("expression")
    for letter in "the red ball":
        page.press(letter)
    page.press("Enter")
    page.wait("the answer", "return document.querySelector('#legend .where')?.textContent.startsWith('box ')"
              " && !document.querySelector('#legend .draft')")
    equal(page.focused(), "expression", "focus after Enter")
    page.tab_to("Why: the red ball")
    page.press("Enter")
    page.wait("why", "return document.activeElement.id === 'why-title'")
    page.tab_to("block")
    page.press("End")
    check("block" in page.run("const b = document.getElementById('block'); return b.options[b.selectedIndex].text"), "no block by the End key")
    page.press("Shift", "Tab")
    page.tab_to("why-close") if page.focused() != "heat" else [page.press("Shift", "Tab")]
    page.press("Enter")
    equal(page.focused(), "Why: the red ball", "focus after closing")
    page.tab_to("opacity")
    before = page.run("return document.getElementById('opacity').value")
    page.press("Right")
    check(page.run("return document.getElementById('opacity').value") != before, "the slider does not hear the keys")
    page.press("Shift", "Tab")
    equal(page.focused(), "Remove the red ball", "the stop before")
    page.press("Enter")
    page.wait("removal", "return document.querySelectorAll('#legend li').length === 0")
    equal(page.focused(), "expression", "focus after the last was removed")
    page.press("Shift", "Tab")
    page.press("Control", "z")
    equal(page.text("#legend .says"), "the red ball", "undone by keys")


def speaks_to_screen_readers(page, picture):
    page.visit(page.site)
    page.upload(picture)
    page.say("the red ball")
    page.click(".why")
    page.wait("why", "return !document.getElementById('why-part').hidden")
    page.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    seen = 0
    for element in page.all("button, input, select, textarea, canvas, a"):
        if not page.run("return arguments[0].getClientRects().length > 0", {"element-6066-11e4-a52e-4f735466cecf": element}):
            continue
        name = page.do("GET", "/element/%s/computedlabel" % element)
        check(name.strip(), "something without a name: " + page.run("return arguments[0].outerHTML", {"element-6066-11e4-a52e-4f735466cecf": element})[:200])
        seen += 1
    named = page.do("GET", "/element/%s/computedlabel" % page.find("#expression"))
    check(named.startswith("Expression"), "the expression's field is called " + named)  # not by its placeholder, which goes
    check(seen >= 20, "only %d things were looked at" % seen)
    for css, role in (("#status", "status"), ("#canvas", "image"), ("#legend", "list"), ("#opacity", "slider")):
        got = page.do("GET", "/element/%s/computedrole" % page.find(css))
        check(got == role or (role, got) == ("image", "img"), "%s is a %s, not a %s" % (css, got, role))
    equal(page.run("return document.documentElement.lang"), "en", "language")
    equal(page.run("return [...document.querySelectorAll('h1,h2')].filter(e => e.getClientRects().length).every((h, i) => (h.tagName === 'H1') === (i === 0))"), True, "order of headings")


CONTRAST = """
const light = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const probe = document.createElement('i'); document.body.append(probe);
const lum = name => { probe.style.color = `var(${name})`; const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
  return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b); };
const result = arguments[0].map(([a, b]) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); });
probe.remove(); return result"""


def is_legible_in_light_and_dark_and_on_a_phone(page, picture):
    pairs = [("--ink", "--ground"), ("--ink", "--card"), ("--soft", "--card"), ("--soft", "--ground"), ("--act", "--card"),
             ("--on-act", "--act"), ("--ink", "--bad-ground"), ("--ink", "--mark")]
    grounds = []
    for scheme in ("light", "dark"):
        page.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.visit(page.site)
        for pair, ratio in zip(pairs, page.run(CONTRAST, pairs)):
            check(ratio >= 4.5, "%s on %s in %s has a contrast of %.2f, WCAG AA asks 4.5" % (*pair, scheme, ratio))
        for pair, ratio in zip([("--edge", "--card")], page.run(CONTRAST, [("--edge", "--card")])):
            check(ratio >= 3, "%s on %s in %s has a contrast of %.2f, WCAG AA asks 3 of a control's edge" % (*pair, scheme, ratio))
        grounds.append(page.run("return getComputedStyle(document.body).backgroundColor"))
    check(grounds[0] != grounds[1], "dark is as light")
    page.devtools("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    page.devtools("Emulation.setTouchEmulationEnabled", enabled=True)
    page.visit(page.site)
    page.upload(picture)
    page.say("a long expression about the small red ball beside the supercalifragilisticexpialidocious_triangle")
    page.click(".why")
    page.wait("why", "return !document.getElementById('why-part').hidden")
    wide = page.run("const seen = [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length && !e.matches('.skip, .unseen'));"
                    "const range = document.createRange(); const right = e => { range.selectNodeContents(e); return range.getBoundingClientRect().right + scrollX; };"
                    "return seen.map(e => [right(e), e.outerHTML.slice(0, 80)]).reduce((a, b) => a[0] > b[0] ? a : b)")
    check(wide[0] <= 361, "on a phone of 360 px something reaches to %d px: %s" % tuple(wide))
    page.screenshot(os.path.join(folder, "phone.png"))
    for command in ("Emulation.clearDeviceMetricsOverride",):
        page.devtools(command)
    page.devtools("Emulation.setTouchEmulationEnabled", enabled=False)
    page.devtools("Emulation.setEmulatedMedia", features=[])


def fetches_nothing_from_elsewhere(page):
    resources = page.run("return performance.getEntriesByType('resource').map(e => e.name)")
    check(resources and all(name.startswith(page.site) or name.startswith(("data:", "blob:")) for name in resources), resources)
    # The policy is in force: a script that was not there when the page was written does not run.
    page.run("const s = document.createElement('script'); s.textContent = 'window.intruder = 1'; document.body.append(s)")
    check(page.run("return window.intruder === undefined"), "a stranger's script ran")
    check(any("Content Security Policy" in one for one in page.complaints()), "and nobody complained")


def take_screenshot(page, picture, expressions):
    page.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    page.devtools("Emulation.setDeviceMetricsOverride", width=1200, height=1060, deviceScaleFactor=1, mobile=False)
    page.visit(page.site + "/#scene=%d" % picture)
    page.wait("a scene", "return document.querySelectorAll('#examples button').length > 1")
    for text in expressions:
        page.say(text)
    page.click("#legend li:nth-child(1) .why")
    page.wait("why", "return !document.getElementById('why-part').hidden")
    page.set("#heat", False)
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.screenshot(screenshot)


def main():
    subprocess.run([program, "scenes", os.path.join(folder, "scenes"), "--dataset", "refcoco", "--images", "20", "--seed", "5"],
                   check=True, capture_output=True)
    scenes = sorted(os.path.join(at, name) for at, _, names in os.walk(os.path.join(folder, "scenes")) for name in names
                    if name.endswith((".jpg", ".png")))
    # Far from square: most of the canvas is padding, and a heat map that is laid over it wrongly shows.
    oblong = os.path.join(folder, "oblong.png")
    write_png(oblong, 300, 120, lambda x, y: (220, 40, 40) if (x - 220) ** 2 + (y - 70) ** 2 < 900 else (150, 160, 150))
    golden = os.path.join(source, "tests/golden/image")
    server = Server("--model", model)
    page = Page(folder)
    page.site = server.url
    failed = 0
    claims = [(draws_what_the_command_line_finds, ([scenes[0], os.path.join(golden, "orientation_6.jpg")],)),
              (looks_while_one_types, (scenes[0],)), (says_why, (oblong,)), (offers_scenes, ()), (undoes, (scenes[1],)),
              (gives_it_away, (scenes[1],)), (says_errors_in_words, (server, scenes[0])), (scales_large_pictures_down, ()),
              (takes_pictures_by_drop_and_paste, (scenes[0],)), (chooses_models, (scenes[0],)), (asks_for_a_token, (scenes[0],)),
              (shrinks_pictures_for_a_server_that_takes_less, ()), (works_by_keyboard_alone, ()), (speaks_to_screen_readers, (scenes[0],)),
              (is_legible_in_light_and_dark_and_on_a_phone, (scenes[0],)), (fetches_nothing_from_elsewhere, ())]
    try:
        for claim, arguments in claims:
            begin = time.monotonic()
            try:
                claim(page, *arguments)
                complaints = page.complaints()
                check(not complaints, "the browser complains: %s" % complaints[:2])
                print("ok      %-50s %5.1f s" % (claim.__name__, time.monotonic() - begin), flush=True)
            except (AssertionError, RuntimeError, IndexError, KeyError, subprocess.CalledProcessError) as error:
                failed += 1
                print("FAILED  %s: %s" % (claim.__name__, error), flush=True)
                page.complaints()
        if screenshot:
            # A scene whose boxes the shipped model gets right; one in five it does not (docs/results.md).
            take_screenshot(page, 143, ["the tiny black diamond near large gray cross", "brown cross beside dotted diamond",
                                        "square with stripes below plain cube", "big gray cross near the medium grey cross"])
    finally:
        page.close()
        server.stop()
    print("%d passed, %d failed" % (len(claims) - failed, failed))
    return 1 if failed else 0


sys.exit(main())
