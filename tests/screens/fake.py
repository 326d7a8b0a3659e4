# SPDX-License-Identifier: MIT
"""A daemon that answers the admin API from a world of plain dictionaries, and remembers what was changed.

    with Fake(world()) as fake: …      fake.socket is the path of its socket, fake.changes what came

Lists are filtered by the query's exact fields and by "filter", sorted by "sort" and cut by limit and
offset.  What a route answers can be set: fake.answers[('POST', '/v1/keys')] = (201, {…}).  What is appended to fake.events is told to all who watch.
"""
import json
import os
import shutil
import socketserver
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler

LISTS = {'teams': 'name', 'keys': 'id', 'providers': 'name', 'chains': 'name'}
NO_PARAMETERS = {'limit', 'offset', 'sort', 'filter', 'cursor', 'dry_run', 'reason', 'hash', 'after'}


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A dashboard that leaves in the middle of an answer is no error."""

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ('local', 0)


class Fake:
    def __init__(self, world):
        self.world = world
        self.answers = {}
        self.changes = []
        self.asked = []
        self.streams = []
        self.events = []        # (name, data): told to those who watch when they are appended
        self.lock = threading.Lock()
        self.folder = tempfile.mkdtemp()
        self.socket = os.path.join(self.folder, 'admin.sock')
        self.start()

    def start(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            wbufsize = 1 << 16          # an answer leaves at once, as the daemon's do

            def log_message(self, *_):
                pass

            def handle_any(self):
                fake.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        self.stopping = False
        self.server = Server(self.socket, Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()

    def stop(self):
        """As if the daemon had died: streams end, nobody answers."""
        self.stopping = True
        self.server.shutdown()
        self.server.server_close()
        os.unlink(self.socket)
        for stream in self.streams:
            stream.set()

    def close(self):
        if not self.stopping:
            self.stop()
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def handle(self, request):
        url = urllib.parse.urlsplit(request.path)
        query = {name: values[-1] for name, values in urllib.parse.parse_qs(url.query).items()}
        length = int(request.headers.get('content-length') or 0)
        body = json.loads(request.rfile.read(length)) if length else None
        if url.path == '/v1/events':
            self.stream(request)
            return
        with self.lock:
            self.asked.append((request.command, request.path))
            if request.command != 'GET' and 'dry_run' not in query:
                self.changes.append({'method': request.command, 'path': url.path, 'query': query, 'body': body,
                                     'if_match': request.headers.get('if-match')})
            status, answer = self.answer(request.command, url.path, query, body)
        text = json.dumps(answer).encode()
        request.send_response(status)
        request.send_header('content-type', 'application/json')
        request.send_header('content-length', str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def answer(self, method, path, query, body):
        dry = '?dry_run' if 'dry_run' in query else ''
        given = self.answers.get((method, path + dry))
        if given is not None:
            return given(query, body) if callable(given) else given
        parts = [urllib.parse.unquote(part) for part in path.split('/')[2:]]
        if method == 'GET':
            return self.get(parts, query)
        if dry:
            return 200, {'dry_run': True, 'impact': self.world['impact']}
        return 200, {'object': self.find(parts) or body, 'audit_id': 20418, 'generation': 42}

    def find(self, parts):
        """The object a path names: by id, or by name."""
        for item in self.world.get(parts[0], []) if len(parts) > 1 else []:
            if parts[1] in (item.get('id'), item.get('name'), str(item.get('id'))):
                return item
        return None

    def get(self, parts, query):
        what = self.world.get('/'.join(parts))
        if isinstance(what, list):
            return 200, self.page(what, query)
        if what is None:
            what = self.find(parts) if len(parts) == 2 else None
        if what is None:
            return 404, {'error': {'code': 'not_found', 'message': f'no {"/".join(parts)}', 'field': None}}
        return 200, what

    def page(self, items, query):
        for name, value in query.items():
            if name not in NO_PARAMETERS:
                items = [item for item in items if str(item.get(name)) == value]
        if 'hash' in query:
            items = [item for item in items if item.get('hash') == query['hash']]
        if 'filter' in query:
            items = [item for item in items if query['filter'] in json.dumps([item.get('name'), item.get('id')])]
        if 'sort' in query:
            key = query['sort'].lstrip('-')
            items = sorted(items, key=lambda item: order(item.get(key)), reverse=query['sort'][0] == '-')
        first, limit = int(query.get('offset', 0)), int(query.get('limit', 100))
        return {'items': items[first:first + limit], 'total': len(items), 'next_cursor': None, 'generation': 41}

    def stream(self, request):
        done = threading.Event()
        self.streams.append(done)
        request.send_response(200)
        request.send_header('content-type', 'text/event-stream')
        request.send_header('connection', 'close')
        request.end_headers()
        try:
            send(request, 'hello', self.world['status'])
            for call in reversed(self.world.get('live', [])):
                send(request, 'call', call)
            told, turn = len(self.events), 0
            while not done.is_set():
                if turn % 20 == 0:
                    send(request, 'pulse', self.world['pulse'])
                for name, data in self.events[told:]:
                    send(request, name, data)
                    told += 1
                turn += 1
                done.wait(0.05)
        except OSError:
            pass
        request.close_connection = True


def order(value):
    """None first, numbers by size, also those in strings."""
    try:
        return 1, float(value), ''
    except (TypeError, ValueError):
        return (0, 0, '') if value is None else (2, 0, str(value))


def send(request, name, data):
    request.wfile.write(f'event: {name}\ndata: {json.dumps(data)}\n\n'.encode())
    request.wfile.flush()
