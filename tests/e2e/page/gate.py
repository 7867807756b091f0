"""A server between the page and vglaw that lets everything through, or fails the next calls in the ways networks and servers fail."""
import http.client
import http.server
import threading


class Gate:
    """gate.next = [(status, headers, body), ...] answers the next calls of /v1/ground; None among them lets one through."""

    def __init__(self, port):
        self.next, self.calls = [], 0
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = None
                if self.path.startswith("/v1/ground"):
                    gate.calls += 1
                    answer = gate.next.pop(0) if gate.next else None
                if answer is None:
                    through = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                    try:
                        through.request(self.command, self.path, body, dict(self.headers))
                        response = through.getresponse()
                        answer = (response.status, dict(response.getheaders()), response.read())
                    except OSError:  # the server is down: so is the gate
                        self.close_connection = True
                        return
                    finally:
                        through.close()
                status, headers, content = answer
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "connection", "keep-alive", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = pass_on

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
