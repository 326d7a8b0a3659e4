# SPDX-License-Identifier: MIT
"""An admin socket that answers what a test tells it to, and remembers what it was asked."""
import json
import os
import shutil
import socketserver
import tempfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def address_string(self):
        return 'unix'

    def log_message(self, *_):
        pass

    def handle_any(self):
        length = int(self.headers.get('content-length') or 0)
        text = self.rfile.read(length).decode()
        path, _, query = self.path.partition('?')
        asked = {'method': self.command, 'path': path, 'query': dict(urllib.parse.parse_qsl(query)),
                 'headers': {name.lower(): value for name, value in self.headers.items()}, 'text': text}
        try:
            asked['body'] = json.loads(text) if text else None
        except ValueError:
            asked['body'] = None
        self.server.owner.asked.append(asked)
        self.reply(*self.server.owner.answer(asked))

    def reply(self, status, answer):
        kind = 'application/json'
        if isinstance(answer, list):
            return self.stream(answer)
        if isinstance(answer, str):
            kind, data = 'application/yaml', answer.encode()
        else:
            data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('content-type', kind)
        self.send_header('content-length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, events):
        """(name, data) pairs, and the end."""
        self.send_response(200)
        self.send_header('content-type', 'text/event-stream')
        self.send_header('connection', 'close')
        self.end_headers()
        for name, data in events:
            self.wfile.write(f'event: {name}\ndata: {json.dumps(data)}\n\n'.encode())
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class ScriptedAdmin:
    """answers maps 'GET /v1/teams' to JSON, text, a list of events, (status, any of these), or a
    function of the question; anything else is 404."""

    def __init__(self, answers):
        self.folder = tempfile.mkdtemp(prefix='tollgate-test-')
        self.socket = os.path.join(self.folder, 'admin.sock')
        self.answers, self.asked = answers, []
        self.server = Server(self.socket, Handler)
        self.server.owner = self
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True)
        self.thread.start()

    def answer(self, asked):
        found = self.answers.get(f"{asked['method']} {asked['path']}")
        if callable(found):
            found = found(asked)
        if found is None:
            found = 404, {'error': {'code': 'not_found', 'message': f"no {asked['path']}", 'field': None}}
        return found if isinstance(found, tuple) else (200, found)

    def changes(self):
        """What was asked that was no GET: (method, path, query, body)."""
        return [(a['method'], a['path'], a['query'], a['body']) for a in self.asked if a['method'] != 'GET']

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        shutil.rmtree(self.folder, ignore_errors=True)
