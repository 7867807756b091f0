"""Many clients at once: each gets its own answer; a full house refuses at once; a deadline holds."""
import base64
import json
import threading
import time

from served import DRAWING, SLOWNESS, Server, differs, ground_alone, need

clients, rounds = 64, 4
# A row of a batch is rounded by its place in it (oneDNN's blocks): boxes move by less than a thousandth of a pixel, and pixels whose
# logit lies on the threshold may change sides.
pixels, area = 0.001, 2


def everyone(count, work):
    failures = []

    def run(number):
        try:
            work(number)
        except SystemExit as failure:
            failures.append(str(failure))
        except Exception as failure:  # a connection that breaks is a failure of the server
            failures.append(f"client {number}: {failure!r}")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    need(not failures, f"{len(failures)} of {count} clients failed, the first: {failures[:1]}")


with Server("--threads", 1, "--workers", 2, "--max-wait-ms", 2, "--deadline-ms", 120_000, "--quiet") as server:
    scenes = []  # picture, expressions, what the command line finds; all different
    for seed in range(8):
        scene = json.loads(server.ask("GET", f"/v1/scene?seed={seed}")[1])
        picture = base64.b64decode(scene["image"])
        with open(f"scene{seed}.png", "wb") as file:
            file.write(picture)
        texts = [e["text"] for e in scene["expressions"]][:3]
        truths = [ground_alone(f"scene{seed}.png", [text])[0] for text in texts]
        scenes.append((picture, texts, truths))
    boxes = {tuple(truth["box"]) for _, _, truths in scenes for truth in truths}
    need(len(boxes) > 16, f"the expected boxes are distinct: {len(boxes)}")

    def client(number):
        for turn in range(rounds):
            picture, texts, truths = scenes[(number + turn) % len(scenes)]
            pick = [(number + i) % len(texts) for i in range(1 + number % 2)]
            status, reply, _ = server.ground(picture, [texts[i] for i in pick])
            need(status == 200, f"client {number} is answered: {status} {reply}")
            for i, result in zip(pick, reply["results"], strict=True):
                why = differs(result, truths[i], pixels, area)
                need(why is None, f"client {number} gets its own answer: {why}")

    everyone(clients, client)
    passes = server.metric('vglaw_batch_expressions_count{model="one"}')
    expressions = server.metric('vglaw_batch_expressions_sum{model="one"}')
    need(expressions >= clients * rounds, "every expression was computed")
    need(passes < expressions, f"some of them together: {expressions} in {passes} passes")
    need(not server.events("request"), "--quiet leaves the requests out of the log")

# A house for few: the rest is refused at once, and what is taken is answered.
with Server("--threads", 1, "--queue", 8, "--max-batch", 1, "--max-expressions", 8, "--deadline-ms", 120_000) as server:
    seen = {200: [], 503: []}

    def crowd(number):
        begin = time.monotonic()
        status, reply, headers = server.ground(DRAWING, [f"ball {number} {i}" for i in range(8)])
        need(status in seen, f"a crowd is answered or refused, not {status} {reply}")
        seen[status].append(time.monotonic() - begin)
        if status == 503:
            need(headers["Retry-After"] == "1" and reply["error"]["code"] == "overloaded", "with Retry-After")

    for _ in range(5):
        everyone(64, crowd)
    need(seen[200] and seen[503], f"some are answered, some refused: {len(seen[200])}, {len(seen[503])}")
    begin = time.monotonic()
    need(server.ground(DRAWING, ["ball"])[0] == 200 and time.monotonic() - begin < SLOWNESS, "and it recovers within a second")

# A deadline holds: whose turn does not come is told so, by the deadline and a pass.
with Server("--threads", 1, "--max-wait-ms", 5000, "--deadline-ms", 300) as server:
    begin = time.monotonic()
    status, reply, _ = server.ground(DRAWING, ["ball"])
    took = time.monotonic() - begin
    need(status == 504 and reply["error"]["code"] == "deadline", f"what waits too long gets 504, not {status}")
    need(0.3 <= took < 2 * SLOWNESS, f"at its deadline: {took:.2f} s")
print("serve_load: done")
