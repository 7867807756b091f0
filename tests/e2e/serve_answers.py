"""What the server answers: each form of a request, each address, each kind of refusal."""
import base64
import json
import struct

from served import DRAWING, PHOTO, SOURCE, Server, differs, ground_alone, need

words = ["the red ball", "the cube on the left"]
photo_file = SOURCE + "/tests/golden/image/rgb.jpg"


def form(fields, boundary="b-o-u-n-d"):
    body = b""
    for name, value in fields:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if name == "image":
            body += b'; filename="photo.jpg"\r\nContent-Type: image/jpeg'
        body += b"\r\n\r\n" + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


with Server("--threads", 1, "--workers", 1, "--model", "other=two.safetensors") as server:
    # --- the three forms of a request, and what the command line says
    expected = ground_alone(photo_file, words[:1]) + ground_alone(photo_file, words[1:])
    for expression, truth in zip(words, expected):
        body, headers = form([("expression", expression), ("image", PHOTO)])
        asked = [server.ask("POST", "/v1/ground", body, headers),
                 server.ask("POST", "/v1/ground?expression=" + expression.replace(" ", "%20"), PHOTO, {"Content-Type": "image/jpeg"}),
                 server.ask("POST", "/v1/ground", json.dumps({"image": base64.b64encode(PHOTO).decode(), "expressions": [expression]}),
                            {"Content-Type": "application/json"})]
        for status, data, headers in asked:
            need(status == 200, f"a request is answered: {status} {data[:300]}")
            reply = json.loads(data)
            need(headers["Content-Type"] == "application/json", "the answer is JSON")
            why = differs(reply["results"][0], truth)
            need(why is None, f"the server answers as the command line does: {why}")
            need(reply["model"] == "one" and reply["results"][0]["truncated"] is False, "it names its model")
            need(reply["milliseconds"]["total"] >= reply["milliseconds"]["compute"] > 0, "it says how long it took")
            need(reply["request_id"] == headers["X-Request-Id"], "it names the request")
    status, reply, _ = server.ground(PHOTO, words)
    need([result["expression"] for result in reply["results"]] == words, "results come in the order of the expressions")

    # --- pictures and explanations on request
    status, reply, _ = server.ground(PHOTO, words[:1], mask_png=True, overlay_png=True, explain=True)
    result = reply["results"][0]
    mask = base64.b64decode(result["mask_png"])
    need(mask[:8] == b"\x89PNG\r\n\x1a\n", "mask_png is a PNG")
    need(list(struct.unpack(">II", mask[16:24])) == result["mask"]["size"][::-1], "of the picture's size")
    need(base64.b64decode(reply["overlay_png"])[:8] == b"\x89PNG\r\n\x1a\n", "overlay_png is a PNG")
    why = result["explanation"]
    need(len(why["pool_attention"]) == why["grid"] == len(why["pool_attention"][0]), "pool_attention is grid x grid")
    need(abs(sum(map(sum, why["pool_attention"])) - 1) < 1e-3, "pool_attention sums to 1")
    need(why["tokens"][0] == "[CLS]" and why["tokens"][-1] == "[SEP]", "tokens are named")
    need(len(why["token_attention"]) == len(why["blocks"]), "a matrix for each block")
    need(all(len(row) == len(why["tokens"]) and abs(sum(row) - 1) < 1e-3 for block in why["token_attention"] for row in block),
         "token_attention sums to 1 over the tokens")
    place = why["placement"]
    need(max(place["width"], place["height"]) == place["canvas"] and min(place["x"], place["y"]) >= 0, "the placement fills the canvas")
    need("explanation" not in server.ground(PHOTO, words[:1])[1]["results"][0], "and only on request")

    # --- captions, several models, long expressions
    status, reply, _ = server.ground(PHOTO, [], caption="[the ball] and [the cube]")
    need([result["expression"] for result in reply["results"]] == ["the ball", "the cube"], "a caption's phrases are found")
    status, reply, _ = server.ground(PHOTO, words[:1], model="other")
    truth = ground_alone(photo_file, words[:1], "two.safetensors")[0]
    need(differs(reply["results"][0], truth) is None and reply["model"] == "other", "the model that is named answers")
    need(server.ground(PHOTO, ["the ball " * 100])[1]["results"][0]["truncated"] is True, "a cut expression says so")

    # --- the other addresses
    models = json.loads(server.ask("GET", "/v1/models")[1])["models"]
    need([model["name"] for model in models] == ["one", "other"] and models[0]["parameters"] > 1000, "the models are listed")
    scene = server.ask("GET", "/v1/scene?seed=5")[1]
    need(scene == server.ask("GET", "/v1/scene?seed=5")[1] != server.ask("GET", "/v1/scene?seed=6")[1], "a seed is a scene")
    scene = json.loads(scene)
    need(len(scene["expressions"]) > 1, "with several expressions")
    status, reply, _ = server.ground(base64.b64decode(scene["image"]), [e["text"] for e in scene["expressions"]])
    need(status == 200 and reply["image"] == {"width": scene["width"], "height": scene["height"]}, "that can be grounded")
    need(server.ask("GET", "/healthz")[0] == 200 and server.ask("GET", "/readyz")[0] == 200, "it lives and is ready")
    status, page, headers = server.ask("GET", "/")
    need(status == 200 and headers["Content-Type"].startswith("text/html") and b"<html" in page, "there is a page")
    need("default-src 'none'" in headers["Content-Security-Policy"], "that may fetch nothing from elsewhere")
    described = json.loads(server.ask("GET", "/openapi.json")[1])
    for path in described["paths"]:
        method = "POST" if "post" in described["paths"][path] else "GET"
        status, data, _ = server.ask(method, path.replace("{name}", "one"))
        need(status not in (404, 405), f"what the description names is there: {method} {path} gives {status}")
    status, body, headers = server.ask("HEAD", "/v1/models")
    need(status == 200 and body == b"" and int(headers["Content-Length"]) > 10, "HEAD is GET without the body")
    server.wait_for_metric("vglaw_requests_in_flight", lambda count: count == 0, "nothing is in flight when all is answered")
    metrics = server.ask("GET", "/metrics")[1].decode()
    for name in ["vglaw_requests_total{route=\"/v1/ground\",code=\"200\"}", "vglaw_request_seconds_bucket", "vglaw_batch_expressions_sum",
                 "vglaw_queue_expressions{model=\"one\"} 0", "vglaw_requests_in_flight 0", "process_resident_memory_bytes"]:
        need(name in metrics, f"the metrics have {name}")

    # --- refusals: status, code
    def refused(status, code, *request):
        got, data, headers = server.ask(*request)
        try:
            error = json.loads(data)
            need(got == status and error["error"]["code"] == code, f"{request[:2]} gives {status} {code}, not {got} {data[:200]}")
            need("\n" not in error["error"]["message"] and error["request_id"] == headers["X-Request-Id"], "in one line, with its id")
        except (ValueError, KeyError):
            need(False, f"an error is JSON: {data[:200]}")
        return headers

    json_type = {"Content-Type": "application/json"}
    refused(404, "not_found", "GET", "/nothing")
    need(refused(405, "method_not_allowed", "GET", "/v1/ground")["Allow"] == "POST", "Allow names the method")
    need(refused(405, "method_not_allowed", "DELETE", "/v1/models")["Allow"] == "GET, HEAD", "Allow names the methods")
    refused(400, "bad_json", "POST", "/v1/ground", "{", json_type)
    refused(400, "bad_base64", "POST", "/v1/ground", '{"image": "!", "expressions": ["a"]}', json_type)
    refused(400, "bad_image", "POST", "/v1/ground?expression=a", PHOTO[:200], {"Content-Type": "image/jpeg"})
    refused(415, "unsupported_image", "POST", "/v1/ground?expression=a", b"GIF89a" + bytes(100), {"Content-Type": "image/gif"})
    refused(415, "unsupported_media_type", "POST", "/v1/ground", "x", {"Content-Type": "text/plain"})
    refused(422, "no_expression", "POST", "/v1/ground", DRAWING, {"Content-Type": "image/png"})
    refused(422, "bad_expression", "POST", "/v1/ground?expression=%20", DRAWING, {"Content-Type": "image/png"})
    refused(422, "bad_expression", "POST", "/v1/ground?expression=%ff", DRAWING, {"Content-Type": "image/png"})
    refused(404, "no_such_model", "POST", "/v1/ground?expression=a&model=none", DRAWING, {"Content-Type": "image/png"})
    refused(504, "deadline", "POST", "/v1/ground?expression=a", DRAWING, {"Content-Type": "image/png", "X-Deadline-Ms": "0"})
    refused(400, "bad_field", "GET", "/v1/scene?seed=-1")
    need(server.ask("GET", "/healthz", headers={"X-Request-Id": "my-1.d_"})[2]["X-Request-Id"] == "my-1.d_", "an id is echoed")
    need(server.ask("GET", "/healthz", headers={"X-Request-Id": "a b"})[2]["X-Request-Id"] != "a b", "unless it is no id")

    # --- the log: a line of JSON for each
    for line in server.lines:
        entry = json.loads(line)
        need("time" in entry and "event" in entry, f"the log is JSON: {line}")
    entry = next(entry for entry in server.events("request") if entry["target"] == "/v1/ground" and entry["status"] == 200)
    need(entry["expressions"] >= 1 and entry["batch"] >= 1 and entry["ms"] > 0 and entry["client"].startswith("127.0.0.1:"),
         f"with what one wants to know: {entry}")
print("serve_answers: done")
