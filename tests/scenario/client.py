# SPDX-License-Identifier: MIT
"""An HTTP client on raw sockets, for requests that no library would send and answers timed chunk by chunk."""
import json
import socket
import struct
import time


class Answer:
    def __init__(self, status, headers):
        self.status, self.headers = status, headers
        self.parts = []
        self.pieces = []            # (seconds since the request was sent, bytes), as they came
        self.complete = False       # the end that the framing promises was seen

    @property
    def body(self):
        if len(self.parts) > 1:
            self.parts = [b''.join(self.parts)]
        return self.parts[0] if self.parts else b''

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The error's code in the OpenAI dialect."""
        return self.json['error'].get('code')

    @property
    def events(self):
        """The data of a stream's events, parsed where it is JSON."""
        return events_in(self.body)

    @property
    def text(self):
        """What the model said, whole or streamed, in the OpenAI dialect."""
        if self.body.lstrip()[:1] == b'{':
            return self.json['choices'][0]['message']['content']
        return ''.join(choice['delta'].get('content') or ''
                       for event in self.events if isinstance(event, dict) and 'choices' in event
                       for choice in event['choices'])

    def __repr__(self):
        return f'<{self.status} {self.body[:300]!r}>'


def events_in(body):
    found = []
    for block in body.replace(b'\r\n', b'\n').split(b'\n\n'):
        data = b'\n'.join(line[5:].lstrip() for line in block.split(b'\n') if line.startswith(b'data:'))
        if data:
            found.append(data.decode() if data == b'[DONE]' else json.loads(data))
    return found


class Connection:
    """One connection to the data API (or to any port)."""

    def __init__(self, port, timeout=30, buffer=None):
        self.sock = socket.socket()
        if buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.sock.settimeout(timeout)
        self.sock.connect(('127.0.0.1', port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b''
        self.began = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.began = time.monotonic()
        self.sock.sendall(data)

    def close(self):
        self.sock.close()

    def reset(self):
        """Closes with a reset, as a killed program's machine may."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.sock.close()

    def more(self, about=65536):
        data = self.sock.recv(max(about, 65536))
        self.pending += data
        return data

    def line(self):
        while b'\n' not in self.pending:
            if not self.more():
                raise EOFError(f'the connection ended after {self.pending!r}')
        line, _, self.pending = self.pending.partition(b'\n')
        return line.rstrip(b'\r')

    def head(self):
        """Reads the status line and the headers; skips 100 Continue."""
        while True:
            status = int(self.line().split(b' ')[1])
            headers = {}
            for line in iter(self.line, b''):
                name, _, value = line.decode('latin-1').partition(':')
                headers[name.strip().lower()] = value.strip()
            if status != 100:
                return Answer(status, headers)

    def piece(self, answer):
        """Reads the next chunk of a chunked answer; empty at its end."""
        size = int(self.line().split(b';')[0], 16)
        while len(self.pending) < size + 2:
            if not self.more(size + 2):
                raise EOFError('the connection ended inside a chunk')
        data, self.pending = self.pending[:size], self.pending[size + 2:]
        answer.parts.append(data)
        answer.pieces.append((time.monotonic() - self.began, data))
        answer.complete = size == 0
        return data

    def until(self, answer, text):
        """Reads until the text has come; how it was cut into chunks is nobody's business."""
        while text.encode() not in answer.body:
            if not self.piece(answer):
                raise EOFError(f'the answer ended without {text!r}: {answer}')

    def rest(self, answer):
        if answer.headers.get('transfer-encoding', '').lower() == 'chunked':
            while self.piece(answer):
                pass
            return answer
        length = answer.headers.get('content-length')
        while length is None or len(self.pending) < int(length):
            if not self.more():
                break
        length = len(self.pending) if length is None else int(length)
        answer.parts, self.pending = [self.pending[:length]], self.pending[length:]
        answer.complete = len(answer.body) == length
        return answer

    def answer(self):
        return self.rest(self.head())


def request_bytes(method, path, headers=(), body=b'', host='tollgate'):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f'{method} {path} HTTP/1.1', f'host: {host}']
    lines += [f'{name}: {value}' for name, value in dict(headers).items()]
    names = {name.lower() for name in dict(headers)}
    if 'content-length' not in names and 'transfer-encoding' not in names:
        lines.append(f'content-length: {len(body)}')
    return ('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1') + body


def ask(port, method, path, headers=(), body=b'', timeout=30):
    """One request on a connection of its own."""
    with Connection(port, timeout) as connection:
        connection.send(request_bytes(method, path, headers, body))
        return connection.answer()
