"""What strangers send: each bounded, answered or closed, and the server goes on."""
import json
import socket
import struct
import threading
import time
import zlib

from served import DRAWING, SLOWNESS, Server, need

json_type = {"Content-Type": "application/json"}
post = b"POST /v1/ground?expression=ball HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"


def png(width, height, data):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def timed(call):
    begin = time.monotonic()
    result = call()
    return result, time.monotonic() - begin


def memory(server):
    return server.metric("process_resident_memory_bytes") / 2**20


with Server("--threads", 1, "--head-timeout-ms", 700, "--body-timeout-ms", 700, "--idle-timeout-ms", 900, "--max-body", 2 << 20,
            "--connections", 128) as server:
    need(server.ground(DRAWING, ["ball"])[0] == 200, "it works to begin with")
    before = memory(server)

    def alive(after):
        status, took = timed(lambda: server.ground(DRAWING, ["ball"])[0])
        need(status == 200 and took < 5 * SLOWNESS, f"it goes on after {after}: {status} in {took:.1f} s")

    # --- slow heads and bodies: a deadline for the whole, however they trickle
    def drip(first, byte):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
            sock.sendall(first)
            got = b""
            try:
                for _ in range(100):
                    sock.settimeout(0.05)
                    try:
                        piece = sock.recv(65536)
                        got += piece
                        if not piece:
                            break
                    except TimeoutError:
                        sock.sendall(byte)
            except ConnectionError:
                pass
            return got

    for claim, first, byte in [("a slow head", b"GET / HTTP/1.1\r\n", b"a"), ("a slow body", post + b"Content-Length: 5000\r\n\r\n", b"a"),
                               ("a slow chunk", post + b"Transfer-Encoding: chunked\r\n\r\n1000\r\n", b"a")]:
        answer, took = timed(lambda: drip(first, byte))
        need(status_of(answer) == 408 and took < 4 * SLOWNESS, f"{claim} is given up: {answer[:80]} after {took:.1f} s")
    alive("slow requests")

    # --- half-open connections: closed when nothing is asked
    answer, took = timed(lambda: server.send(b""))
    need(answer == b"" and 0.5 < took < 4 * SLOWNESS, f"a connection that asks nothing is closed: {answer[:80]} after {took:.1f} s")
    answer = server.send(post + b"Content-Length: 100\r\n\r\nhalf", end=True)
    need(answer == b"" or status_of(answer) == 400, f"half a request is no request: {answer[:80]}")

    # --- more connections than there may be: who does nothing makes room
    crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(128)]
    time.sleep(0.3)
    status = 0
    end = time.monotonic() + 10 * SLOWNESS
    while status != 200:  # until they have done nothing for long enough
        need(time.monotonic() < end, "a crowd of silent connections shuts nobody out")
        try:
            status = server.ground(DRAWING, ["ball"])[0]
        except (ConnectionError, OSError):
            pass
    for sock in crowd:
        sock.close()
    time.sleep(0.2)
    alive("a crowd")

    # --- heads
    many = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(100_000)) + b"\r\n"
    need(status_of(server.send(many)) == 431, "100,000 headers are too many")
    need(status_of(server.send(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n")) == 431, "so is a long address")
    need(status_of(server.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 10_000_000 + b"\r\n\r\n")) == 431, "and a long header")
    for claim, data, statuses in [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50) + b"\r\n\r\n", [400]),
        ("another version", b"GET / HTTP/9.9\r\n\r\n", [505]),
        ("a header without a colon", b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", [400]),
        ("a header with a blank in its name", b"GET / HTTP/1.1\r\nContent Length: 3\r\n\r\n", [400]),
        ("a NUL in a header", b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", [400]),
        ("an unknown method", b"BREW /v1/ground HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [405]),
        # --- lengths
        ("a length that is no number", post + b"Content-Length: abc\r\n\r\n", [400]),
        ("a negative length", post + b"Content-Length: -1\r\n\r\n", [400]),
        ("an endless length", post + b"Content-Length: 99999999999999999999999\r\n\r\n", [400, 413]),
        ("a large length", post + b"Content-Length: 3000000\r\n\r\n", [413]),
        ("two lengths", post + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", [400]),
        ("a length and chunks", post + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
        ("chunks and a length", post + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", [400]),
        # --- chunks
        ("a chunk without a length", post + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", [400]),
        ("an endless chunk", post + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc", [400, 413]),
        ("a chunk longer than it says", post + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", [400]),
        ("a chunk with a long extension", post + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 1_000_000 + b"\r\na\r\n0\r\n\r\n", [400, 413, 431, 408]),
        ("many trailers", post + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 200_000 + b"\r\n", [400, 413, 431]),
        ("chunks that are zipped", post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [501]),
        ("chunks beyond the limit", post + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + bytes(65536) + b"\r\n"
         + (b"10000\r\n" + bytes(65536) + b"\r\n") * 40 + b"0\r\n\r\n", [413]),
        # --- addresses
        ("a way out of a folder", b"GET /../../../../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", [404]),
        ("a hidden way out", b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", [404]),
        ("an address with a NUL", b"GET /%00 HTTP/1.1\r\nConnection: close\r\n\r\n", [400]),
        ("somebody else's address", b"GET http://example.org/ HTTP/1.1\r\nConnection: close\r\n\r\n", [400]),
    ]:
        answer, took = timed(lambda: server.send(data))
        need(status_of(answer) in statuses and took < 5 * SLOWNESS, f"{claim} gives {statuses}, not {answer[:120]} after {took:.1f} s")
        need(b"root:" not in answer, "no file is read")
    # Where a body ends that is coded another way, nobody knows: what follows is no request.
    for coding in [b"gzip", b"chunked, identity", b""]:
        answer = server.send(post + b"Transfer-Encoding: " + coding + b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        need(status_of(answer) in (400, 501) and answer.count(b"HTTP/1.1 ") == 1, f"'{coding.decode()}' ends the connection: {answer[:300]}")
    chunked = post + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x;a=b\r\n%s\r\n" % (len(DRAWING[i:i + 7]), DRAWING[i:i + 7]) for i in range(0, len(DRAWING), 7)) + b"0\r\nX: y\r\n\r\n"
    need(status_of(server.send(chunked)) == 200, "honest chunks are read")
    whole = post + b"Content-Length: %d\r\n\r\n" % len(DRAWING) + DRAWING
    twice = server.send(whole + whole.replace(b"Host", b"Connection: close\r\nHost"))
    need(twice.count(b"HTTP/1.1 200") == 2, "requests sent ahead are answered in turn")
    expecting = post + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(DRAWING) + DRAWING
    need(server.send(expecting).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "who expects a go-ahead gets it")
    alive("broken requests")

    # --- bodies
    for claim, body, statuses in [("deep lists", "[" * 1_000_000, [400]), ("deep objects", '{"a":' * 300_000, [400]),
                                  ("many values", '{"image": [' + "1," * 900_000 + "1]}", [400]),
                                  ("10,000 expressions", json.dumps({"image": "eA==", "expressions": ["a"] * 10_000}), [400, 422]),
                                  ("a long expression", json.dumps({"image": "eA==", "expressions": ["a" * 1_000_000]}), [400, 422])]:
        (status, data, _), took = timed(lambda: server.ask("POST", "/v1/ground", body, json_type))
        need(status in statuses and took < 3 * SLOWNESS, f"{claim} give {statuses}, not {status} {data[:100]} after {took:.1f} s")
    target = "/v1/ground?" + "&".join(["expression=a"] * 2000)
    need(server.ask("POST", target, DRAWING, {"Content-Type": "image/png"})[0] == 422, "2,000 expressions in an address are too many")

    # --- pictures that are more than they seem
    zeros = zlib.compress(bytes(1_000_000), 9)
    for claim, picture, statuses in [("a picture of 3.6 billion pixels", png(60_000, 60_000, zeros), [415]),
                                     ("a picture that ends early", png(3000, 3000, zeros), [400]),
                                     ("a picture without pixels", png(0, 10, zeros), [400, 415]),
                                     ("a bomb", png(100, 100, zlib.compress(bytes(200_000_000), 9)), [200, 400])]:
        (status, data, _), took = timed(lambda: server.ask("POST", "/v1/ground?expression=a", picture, {"Content-Type": "image/png"}))
        need(status in statuses and took < 5 * SLOWNESS, f"{claim} gives {statuses}, not {status} {data[:200]} after {took:.1f} s")
    alive("broken pictures")
    grown = memory(server) - before
    need(grown < 200, f"none of it stays in memory: {grown:.0f} MiB more")

# Bodies held at once are bounded by what has come of them: promises shut nobody out.
with Server("--threads", 1, "--max-body", 16 << 20, "--connections", 512) as server:
    before = memory(server)
    held = []
    for promise in [b"Content-Length: 16000000\r\n\r\n"] * 100 + [b"Transfer-Encoding: chunked\r\n\r\n186a0\r\n"] * 100:
        sock = socket.create_connection(("127.0.0.1", server.port))
        sock.sendall(post + promise + bytes(50_000))
        held.append(sock)
    time.sleep(0.5)
    need(server.ground(DRAWING, ["ball"])[0] == 200, "200 promises of 16 MB shut nobody out")
    need(memory(server) - before < 200, "and take no memory")
    for sock in held:
        sock.close()
    held, refused = [], 0
    piece = bytes(1_000_000)
    for _ in range(45):  # 675 MB that come
        sock = socket.create_connection(("127.0.0.1", server.port))
        try:
            sock.sendall(post + b"Content-Length: 16000000\r\n\r\n")
            for _ in range(15):
                sock.sendall(piece)
        except OSError:  # refused in the middle
            pass
        held.append(sock)
    time.sleep(0.5)
    for sock in held:
        sock.setblocking(False)
        try:
            refused += b" 503 " in sock.recv(100)
        except BlockingIOError:
            pass
        except OSError:  # closed after its answer, which the rest of the body has run over
            refused += 1
    need(6 <= refused <= 25, f"what comes beyond the allowance is refused: {refused} of 45")
    need(memory(server) - before < 700, f"the rest is all there is: {memory(server) - before:.0f} MiB")
    need(server.ask("GET", "/healthz")[0] == 200, "small requests go on")
    for sock in held:
        sock.close()
print("serve_abuse: done")
