"""Requests at four times the rate a server bears, sent by the clock whatever comes back: who is served, who is refused, how long each
takes, what it does to the memory, how soon the server is itself again. Usage: serve_overload.py PORT PICTURE REQUESTS_A_SECOND MINUTES"""
import asyncio
import sys
import time
import urllib.request

port, picture, bears, minutes = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
body = open(picture, "rb").read()
request = (f"POST /v1/ground?expression=the+red+ball HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
           f"Content-Length: {len(body)}\r\n\r\n").encode() + body
answers = []  # (status, seconds); status 0: no answer
free = []     # connections that wait for a request
stale = []    # when one of them turned out to be closed


async def ask():
    begin = time.monotonic()
    status = 0
    while status == 0:
        reused = bool(free)
        try:
            reader, writer = free.pop() if reused else await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode()
            length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
            await reader.readexactly(length)
            status = int(head.split(" ", 2)[1])
            if "connection: close" in head.lower():
                writer.close()
            else:
                free.append((reader, writer))
        except asyncio.IncompleteReadError as failure:
            if not reused or failure.partial:
                break
            stale.append(begin)  # closed after its idle time while it lay here: asked again on another, as HTTP clients do
        except ConnectionError:
            if not reused:
                break
            stale.append(begin)
        except (OSError, asyncio.TimeoutError):
            break
    answers.append((status, time.monotonic() - begin))


def memory():
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30).read().decode()
    return next(float(line.split()[1]) / 2**20 for line in text.splitlines() if line.startswith("process_resident_memory_bytes"))


def percentile(values, share):
    values = sorted(values)
    return 1e3 * values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


async def main():
    before = peak = memory()
    rate, begin, sent, pending = 4 * bears, time.monotonic(), 0, set()
    next_look = begin + 5
    while (now := time.monotonic()) - begin < 60 * minutes:
        while sent < (now - begin) * rate:
            task = asyncio.ensure_future(ask())
            pending.add(task)
            task.add_done_callback(pending.discard)
            sent += 1
        await asyncio.sleep(0.002)
        if now > next_look:
            next_look = now + 5
            peak = max(peak, await asyncio.get_running_loop().run_in_executor(None, memory))
    took = time.monotonic() - begin
    await asyncio.gather(*pending)
    answers_under_load = list(answers)
    await asyncio.sleep(1)
    recovered = []
    for _ in range(20):
        await ask()
        recovered.append(answers[-1])
    print(f"sent {sent / took:.0f} a second for {took:.0f} s")
    for status in sorted({status for status, _ in answers_under_load}):
        times = [seconds for s, seconds in answers_under_load if s == status]
        print(f"status {status or 'none'}: {len(times)} ({len(times) / took:.0f} a second), p50 {percentile(times, 0.5):.1f} ms, "
              f"p99 {percentile(times, 0.99):.1f} ms, most {1e3 * max(times):.1f} ms")
    print(f"connections found closed when they were used again: {len(stale)}")
    print(f"memory: {before:.0f} MiB before, {peak:.0f} MiB at most, {memory():.0f} MiB after")
    print(f"a second later: {sum(status == 200 for status, _ in recovered)} of 20 served, p50 {percentile([s for _, s in recovered], 0.5):.1f} ms")


asyncio.run(main())
