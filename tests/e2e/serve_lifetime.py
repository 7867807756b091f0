"""Models replaced under load, clients that leave, an end that answers what is there, tokens."""
import http.client
import json
import os
import shutil
import signal
import socket
import threading
import time

from served import DRAWING, SOURCE, Server, differs, ground_alone, need

drawing_file = SOURCE + "/tests/golden/image/rgb.png"
first = ground_alone(drawing_file, ["the ball"], "one.safetensors")[0]
second = ground_alone(drawing_file, ["the ball"], "two.safetensors")[0]
need(differs(first, second) is not None, "two models answer differently")


def replace(source):
    shutil.copy(source, "served.tmp")
    os.rename("served.tmp", "served.safetensors")


# --- SIGHUP under load: no request is lost, each is answered by the old model or the new one
replace("one.safetensors")
with Server("--threads", 1, "--quiet", model="served.safetensors") as server:
    ending, answers, failures = threading.Event(), [], []

    def ask():
        while not ending.is_set():
            try:
                status, reply, _ = server.ground(DRAWING, ["the ball"])
                answers.append(reply["results"][0])
                if status != 200:
                    failures.append((status, reply))
            except Exception as failure:
                failures.append(failure)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for turn, source in enumerate(["two.safetensors", "one.safetensors", "two.safetensors"]):
        time.sleep(0.3)
        replace(source)
        server.signal(signal.SIGHUP)
        server.wait_for("reloaded", turn + 1)
    time.sleep(0.3)
    ending.set()
    for thread in threads:
        thread.join()
    need(not failures, f"no request is lost: {failures[:1]}")
    near = [(differs(a, first, 0.001, 2) is None, differs(a, second, 0.001, 2) is None) for a in answers]
    need(all(one != two for one, two in near), "each answer is one model's")
    need(any(one for one, _ in near) and any(two for _, two in near), "and both had their time")
    need(differs(server.ground(DRAWING, ["the ball"])[1]["results"][0], second) is None, "the new model answers in the end")

    # --- a bad file leaves the old model, and says so; one that is cut while it is served does no harm
    with open("served.safetensors", "r+b") as file:
        file.truncate(1000)
    need(differs(server.ground(DRAWING, ["the ball"])[1]["results"][0], second) is None, "a model file may be cut under the server")
    server.signal(signal.SIGHUP)
    server.wait_for("reload_failed")
    failure = server.events("reload_failed")[0]
    need("served.safetensors" in failure["message"] and "the old one stays" in failure["message"], f"the log says so: {failure}")
    need(differs(server.ground(DRAWING, ["the ball"])[1]["results"][0], second) is None, "and the old one answers")
    need(server.metric('vglaw_model_reloads_total{result="failed"}') == 1, "and the metrics count it")

# --- a client that goes away costs no pass
with Server("--threads", 1, "--max-wait-ms", 3000) as server:
    for arrived in range(1, 6):
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            head = f"POST /v1/ground?expression=ball HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: {len(DRAWING)}\r\n\r\n"
            sock.sendall(head.encode() + DRAWING)
            gone = 'vglaw_errors_total{kind="client_gone"}'  # counted once it is out of the queue
            server.wait_for_metric("vglaw_requests_in_flight", lambda count: count + server.metric(gone) >= arrived, "the request arrives")
    server.wait_for_metric("vglaw_requests_in_flight", lambda count: count == 0, "who is gone is forgotten")
    server.wait_for_metric(gone, lambda count: count == 5, "and is counted")
    need(server.metric('vglaw_batch_expressions_count{model="one"}') == 0, "nothing is computed for who is gone")

# --- SIGTERM: what is there is answered, nothing new is taken, the end is 0
server = Server("--threads", 1, "--max-wait-ms", 3000)
waiting = [threading.Thread(target=lambda: replies.append(server.ground(DRAWING, ["ball"])[0])) for _ in range(4)]
replies = []
idle = http.client.HTTPConnection("127.0.0.1", server.port)
idle.request("GET", "/healthz")
idle.getresponse().read()
for thread in waiting:
    thread.start()
server.wait_for_metric("vglaw_requests_in_flight", lambda count: count == 4, "all four arrive")
server.signal(signal.SIGTERM)
server.wait_for("signal")
for thread in waiting:
    thread.join()
need(replies == [200] * 4, f"what is there is answered: {replies}")
need(server.process.wait(20) == 0, "then it ends with 0")
server.wait_for("ended")
try:
    socket.create_connection(("127.0.0.1", server.port)).close()
    need(False, "and takes nothing more")
except ConnectionRefusedError:
    pass

# --- tokens, and their replacement
with open("tokens", "w") as file:
    file.write("# for the page\nfirst-token\nsecond-token\n")
with Server("--threads", 1, "--token-file", "tokens") as server:
    for header, status in [({}, 401), ({"Authorization": "Bearer first-toke"}, 401), ({"Authorization": "Bearer first-tokenx"}, 401),
                           ({"Authorization": "Basic first-token"}, 401), ({"Authorization": "Bearer "}, 401),
                           ({"Authorization": "Bearer " + "a" * 5000}, 401), ({"Authorization": "Bearer # for the page"}, 401),
                           ({"Authorization": "Bearer second-token"}, 200), ({"authorization": "bearer first-token"}, 200)]:
        for target in ["/v1/models", "/metrics", "/v2/models/one"]:
            got, _, headers = server.ask("GET", target, headers=header)
            need(got == status, f"{target} with {header} gives {status}, not {got}")
            need(status != 401 or headers["WWW-Authenticate"] == "Bearer", "and says what it wants")
        need(server.ground(DRAWING, ["ball"], headers=header)[0] == status, f"grounding with {header} gives {status}")
    for target in ["/", "/healthz", "/readyz", "/openapi.json", "/v2/health/live", "/v2/health/ready"]:
        need(server.ask("GET", target)[0] == 200, f"{target} needs none")
    with open("tokens", "w") as file:
        file.write("third-token\n")
    server.signal(signal.SIGHUP)
    server.wait_for("reloaded")
    end = time.monotonic() + 10
    while server.ask("GET", "/v1/models", headers={"Authorization": "Bearer third-token"})[0] != 200:
        need(time.monotonic() < end, "a new token is taken after SIGHUP")
    need(server.ask("GET", "/v1/models", headers={"Authorization": "Bearer first-token"})[0] == 401, "and an old one is not")
    need(not any("token" in json.dumps(entry.get("target", "")) for entry in server.log), "no token is in the log")
print("serve_lifetime: done")
