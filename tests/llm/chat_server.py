"""A loopback server that plays an OpenAI-compatible endpoint."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text, prompt_tokens=100, answer_tokens=2):
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": answer_tokens},
    }


class ChatServer:
    """Answers with what ``play(body, hit)`` returns: a text, or (status, headers, JSON value or bytes)."""

    def __init__(self):
        self.play = lambda body, hit: "Networking"
        self.requests = []
        self.lock = threading.Lock()
        self.at_once = 0
        self.most_at_once = 0

    @property
    def hits(self):
        return len(self.requests)

    def question(self, index):
        """The text of a request, read from its quotation."""
        return json.loads(self.requests[index][2]["messages"][-1]["content"])


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
            with server.lock:
                server.requests.append((self.path, dict(self.headers), body))
                hit = server.hits
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            played = server.play(body, hit)
            with server.lock:
                server.at_once -= 1
            if isinstance(played, str):
                played = 200, {}, completion(played)
            status, headers, value = played
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            try:
                self.send_response(status)
                for name, header in {"Content-Length": len(content), **headers}.items():
                    self.send_header(name, str(header))
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:
                pass  # the client did not wait

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_):
            pass

    return Handler


@contextmanager
def serve_chat():
    """A :class:`ChatServer` and, as its ``address``, where it listens."""
    server = ChatServer()
    http_server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http_server.daemon_threads = True
    server.address = f"http://127.0.0.1:{http_server.server_port}"
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    http_server.shutdown()
    http_server.server_close()
    thread.join()
