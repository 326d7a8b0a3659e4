# SPDX-License-Identifier: MIT
"""Scripted providers: a listening socket that answers each request as the test said it should.

A behaviour is a function of one Exchange.  An Upstream takes behaviours from its queue (then), else
the one for the path (on), else its usual one (always).  It remembers every request and when its
connection was closed by the other side.
"""
import base64
import json
import os
import select
import socket
import struct
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Gone(Exception):
    """The other side closed the connection."""


class Seen:
    """A request as it arrived."""

    def __init__(self, method, path, headers, raw_body):
        self.method, self.path, self.headers, self.raw_body = method, path, headers, raw_body
        self.at = time.monotonic()
        self.closed_at = None       # when the other side closed the connection, if it did
        self.done_at = None         # when the behaviour ended

    @property
    def body(self):
        return json.loads(self.raw_body)


class Exchange:
    """One request on one connection, and the means to answer it."""

    def __init__(self, upstream, sock, request):
        self.upstream, self.sock, self.request = upstream, sock, request
        self.keep_alive = True

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            self.mark_gone()

    def mark_gone(self):
        self.request.closed_at = self.request.closed_at or time.monotonic()
        raise Gone()

    def pause(self, seconds):
        """Waits so long, or until the other side closes, or this upstream is stopped."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self.upstream.stopping:
            left = 0.2 if until is None else min(0.2, until - time.monotonic())
            if until is not None and left <= 0:
                return
            readable, _, _ = select.select([self.sock], [], [], left)
            if readable:
                try:
                    data = self.sock.recv(1, socket.MSG_PEEK)
                except OSError:
                    data = b''
                if not data:
                    self.mark_gone()
        raise Gone()

    def head(self, status=200, headers=(), length=None):
        lines = [f'HTTP/1.1 {status} Whatever']
        lines += [f'{name}: {value}' for name, value in dict(headers).items()]
        lines.append('transfer-encoding: chunked' if length is None else f'content-length: {length}')
        self.send(('\r\n'.join(lines) + '\r\n\r\n').encode())

    def chunk(self, data):
        self.send(b'%x\r\n%s\r\n' % (len(data), data))

    def end(self):
        self.send(b'0\r\n\r\n')

    def answer(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.head(status, {'content-type': 'application/json', **dict(headers)}, len(data))
        self.send(data)

    def reset(self):
        """Closes so that the other side sees a reset, not an end."""
        self.keep_alive = False
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))

    @property
    def is_anthropic(self):
        return self.request.path.split('?')[0].endswith('/messages')

    @property
    def is_responses(self):
        return self.request.path.split('?')[0].endswith('/responses')

    @property
    def wants_stream(self):
        try:
            return self.request.body.get('stream') is True
        except (ValueError, AttributeError):
            return False


class Upstream:
    def __init__(self, usual=None):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}'
        self.usual, self.queue, self.paths = usual or ok(), [], {}
        self.requests, self.lock, self.stopping, self.connections = [], threading.Lock(), False, set()
        threading.Thread(target=self.accept, daemon=True).start()

    def then(self, *behaviours):
        with self.lock:
            self.queue += behaviours
        return self

    def always(self, behaviour):
        self.usual = behaviour
        return self

    def on(self, path, behaviour):
        self.paths[path] = behaviour
        return self

    def stop(self):
        self.stopping = True
        self.listener.close()
        for sock in list(self.connections):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def accept(self):
        while not self.stopping:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.add(sock)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        stream = sock.makefile('rb')
        try:
            while not self.stopping:
                request = read_request(stream)
                if request is None:
                    return
                if not self.handle(sock, request):
                    return
        except OSError:
            pass
        finally:
            self.connections.discard(sock)
            stream.close()
            sock.close()

    def handle(self, sock, request):
        with self.lock:
            self.requests.append(request)
            path = request.path.split('?')[0]
            behaviour = self.queue.pop(0) if self.queue else self.paths.get(path, self.usual)
        exchange = Exchange(self, sock, request)
        try:
            behaviour(exchange)
        except Gone:
            exchange.keep_alive = False
        request.done_at = time.monotonic()
        return exchange.keep_alive


def read_request(stream):
    line = stream.readline(65536)
    if not line.strip():
        return None
    method, path, _ = line.decode('latin-1').split(' ', 2)
    headers = {}
    for line in iter(lambda: stream.readline(65536), b'\r\n'):
        if not line:
            return None
        name, _, value = line.decode('latin-1').partition(':')
        headers[name.strip().lower()] = value.strip()
    if headers.get('transfer-encoding', '').lower() == 'chunked':
        body = b''
        while True:
            size = int(stream.readline().split(b';')[0], 16)
            body += stream.read(size)
            stream.readline()
            if size == 0:
                break
    else:
        body = stream.read(int(headers.get('content-length', 0)))
    return Seen(method, path, headers, body)


class Closed:
    """A port where nobody listens: connecting is refused, and nobody else gets the port meanwhile."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind(('127.0.0.1', 0))
        self.url = 'http://127.0.0.1:%d' % self.sock.getsockname()[1]
        self.requests = []

    def stop(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


# -- answers in the shapes of providers ---------------------------------------------------------------

def openai_usage(usage):
    taken, made = usage
    return {'prompt_tokens': taken, 'completion_tokens': made, 'total_tokens': taken + made}


def openai_answer(model, text, usage):
    answer = {'id': 'chatcmpl-1', 'object': 'chat.completion', 'created': 1, 'model': model, 'choices': [
        {'index': 0, 'message': {'role': 'assistant', 'content': text}, 'finish_reason': 'stop'}]}
    if usage:
        answer['usage'] = openai_usage(usage)
    return answer


def openai_events(model, parts, usage, with_usage):
    def event(choices, **more):
        made = {'id': 'chatcmpl-1', 'object': 'chat.completion.chunk', 'created': 1, 'model': model,
                'choices': choices, **more}
        return b'data: ' + json.dumps(made).encode() + b'\n\n'
    for number, part in enumerate(parts):
        delta = {'content': part} if number else {'role': 'assistant', 'content': part}
        yield event([{'index': 0, 'delta': delta, 'finish_reason': None}])
    yield event([{'index': 0, 'delta': {}, 'finish_reason': 'stop'}])
    if with_usage and usage:
        yield event([], usage=openai_usage(usage))
    yield b'data: [DONE]\n\n'


def anthropic_answer(model, text, usage):
    return {'id': 'msg_1', 'type': 'message', 'role': 'assistant', 'model': model, 'stop_reason': 'end_turn',
            'stop_sequence': None, 'content': [{'type': 'text', 'text': text}],
            'usage': {'input_tokens': usage[0], 'output_tokens': usage[1]} if usage else {}}


def anthropic_events(model, parts, usage):
    def event(kind, **more):
        return f'event: {kind}\ndata: {json.dumps({"type": kind, **more})}\n\n'.encode()
    taken, made = usage or (0, 0)
    yield event('message_start', message={
        'id': 'msg_1', 'type': 'message', 'role': 'assistant', 'model': model, 'content': [], 'stop_reason': None,
        'stop_sequence': None, 'usage': {'input_tokens': taken, 'output_tokens': 1}})
    yield event('content_block_start', index=0, content_block={'type': 'text', 'text': ''})
    for part in parts:
        yield event('content_block_delta', index=0, delta={'type': 'text_delta', 'text': part})
    yield event('content_block_stop', index=0)
    yield event('message_delta', delta={'stop_reason': 'end_turn', 'stop_sequence': None},
                usage={'output_tokens': made})
    yield event('message_stop')


def responses_usage(usage):
    taken, made = usage
    return {'input_tokens': taken, 'input_tokens_details': {'cached_tokens': 0}, 'output_tokens': made,
            'output_tokens_details': {'reasoning_tokens': 0}, 'total_tokens': taken + made}


def responses_answer(model, text, usage, **more):
    message = {'id': 'msg_1', 'type': 'message', 'status': 'completed', 'role': 'assistant', 'content': [
        {'type': 'output_text', 'annotations': [], 'logprobs': [], 'text': text}]}
    return {'id': 'resp_1', 'object': 'response', 'created_at': 1, 'status': 'completed', 'error': None,
            'incomplete_details': None, 'instructions': None, 'metadata': {}, 'model': model, 'output': [message],
            'parallel_tool_calls': True, 'temperature': 1.0, 'tool_choice': 'auto', 'tools': [], 'top_p': 1.0,
            'usage': responses_usage(usage) if usage else None, **more}


def responses_events(model, parts, usage):
    numbers = iter(range(10 ** 6))

    def event(kind, **more):
        data = {'type': kind, 'sequence_number': next(numbers), **more}
        return f'event: {kind}\ndata: {json.dumps(data)}\n\n'.encode()
    whole = responses_answer(model, ''.join(parts), usage)
    message, = whole['output']
    begun = {**whole, 'status': 'in_progress', 'output': [], 'usage': None}
    place = {'item_id': 'msg_1', 'output_index': 0, 'content_index': 0}
    yield event('response.created', response=begun)
    yield event('response.in_progress', response=begun)
    yield event('response.output_item.added', output_index=0, item={**message, 'status': 'in_progress', 'content': []})
    yield event('response.content_part.added', **place, part={**message['content'][0], 'text': ''})
    for part in parts:
        yield event('response.output_text.delta', **place, delta=part, logprobs=[])
    yield event('response.output_text.done', **place, text=''.join(parts), logprobs=[])
    yield event('response.content_part.done', **place, part=message['content'][0])
    yield event('response.output_item.done', output_index=0, item=message)
    yield event('response.completed', response=whole)


def events_of(exchange, parts, usage):
    body = exchange.request.body
    if exchange.is_responses:
        return list(responses_events(body.get('model'), parts, usage))
    if exchange.is_anthropic:
        return list(anthropic_events(body.get('model'), parts, usage))
    with_usage = (body.get('stream_options') or {}).get('include_usage') is True
    return list(openai_events(body.get('model'), parts, usage, with_usage))


# -- behaviours ---------------------------------------------------------------------------------------

def ok(text='Hello there', usage=(10, 5), delay=0.0):
    """Answers as it was asked: whole, or as a stream of words."""
    def behave(exchange):
        exchange.pause(delay)
        if exchange.wants_stream:
            stream(text.split(' '), usage)(exchange)
            return
        model = exchange.request.body.get('model')
        make = anthropic_answer if exchange.is_anthropic else openai_answer
        make = responses_answer if exchange.is_responses else make
        exchange.answer(200, make(model, text, usage))
    return behave


def stream(parts=('one ', 'two ', 'three '), usage=(10, 5), delay=0.0, before=0.0):
    """Sends its parts one by one, delay seconds apart; number of parts may be infinite."""
    def behave(exchange):
        exchange.pause(before)
        exchange.head(200, {'content-type': 'text/event-stream'})
        for event in events_of(exchange, parts, usage):
            exchange.chunk(event)
            exchange.pause(delay)
        exchange.end()
    return behave


def endless(delay=0.02, part='more '):
    """Streams until the other side leaves."""
    def behave(exchange):
        exchange.head(200, {'content-type': 'text/event-stream'})
        first, again = events_of(exchange, ['well ', part], None)[:2] if not exchange.is_anthropic else \
            (b''.join(events_of(exchange, [], None)[:2]), events_of(exchange, [part], None)[2])
        exchange.chunk(first)
        while True:
            exchange.pause(delay)
            exchange.chunk(again)
    return behave


def cut(after, parts=('one ', 'two ', 'three ', 'four '), usage=(10, 5), how='reset'):
    """Streams `after` events, then breaks off: 'reset', or 'close' (an end in the middle)."""
    def behave(exchange):
        exchange.head(200, {'content-type': 'text/event-stream'})
        for event in events_of(exchange, parts, usage)[:after]:
            exchange.chunk(event)
            exchange.pause(0.01)
        if how == 'reset':
            exchange.reset()
        exchange.keep_alive = False
    return behave


def reset():
    """Takes the request and resets the connection."""
    return lambda exchange: exchange.reset()


def hang_up():
    """Takes the request and closes without a byte: cut before the first byte."""
    def behave(exchange):
        exchange.keep_alive = False
    return behave


def cut_in_head():
    def behave(exchange):
        exchange.send(b'HTTP/1.1 200 OK\r\ncontent-type: text/ev')
        exchange.keep_alive = False
    return behave


def cut_after_head():
    """A head and nothing behind it: cut before the first byte of the answer."""
    def behave(exchange):
        exchange.head(200, {'content-type': 'text/event-stream' if exchange.wants_stream else 'application/json'})
        exchange.reset()
    return behave


def stall():
    """Takes the request and says nothing until the other side leaves."""
    return lambda exchange: exchange.pause(None)


def stall_after(events, parts=('one ', 'two ', 'three ')):
    """Streams so many events and then says nothing more."""
    def behave(exchange):
        exchange.head(200, {'content-type': 'text/event-stream'})
        for event in events_of(exchange, parts, (10, 5))[:events]:
            exchange.chunk(event)
        exchange.pause(None)
    return behave


def status(code, message='it went wrong', headers=(), body=None):
    """Answers with this status, in the provider's shape of an error."""
    def behave(exchange):
        if body is not None:
            exchange.answer(code, body, headers)
        elif exchange.is_anthropic:
            exchange.answer(code, {'type': 'error', 'error': {'type': 'api_error', 'message': message}}, headers)
        else:
            exchange.answer(code, {'error': {'message': message, 'type': 'server_error', 'code': None}}, headers)
    return behave


def rubbish():
    """What answers does not speak HTTP."""
    def behave(exchange):
        exchange.send(b'\x16\x03\x01\x00\x00 this is no HTTP\r\n\r\n')
        exchange.keep_alive = False
    return behave


def rubbish_body():
    """A 200 with a page instead of an answer."""
    return lambda exchange: exchange.answer(200, b'<html><body>Welcome to nginx!</body></html>',
                                            {'content-type': 'text/html'})


def empty():
    """A 200 without a body."""
    return lambda exchange: exchange.answer(200, b'')


def slowly(text='Hello there', usage=(10, 5), delay=0.001):
    """A whole stream, byte by byte."""
    def behave(exchange):
        if not exchange.wants_stream:
            data = json.dumps(openai_answer(exchange.request.body.get('model'), text, usage)).encode()
            exchange.head(200, {'content-type': 'application/json'}, len(data))
        else:
            exchange.head(200, {'content-type': 'text/event-stream'})
            data = b''.join(events_of(exchange, text.split(' '), usage))
        for byte in data:
            (exchange.chunk if exchange.wants_stream else exchange.send)(bytes([byte]))
            exchange.pause(delay)
        if exchange.wants_stream:
            exchange.end()
    return behave


# -- recorded traffic -----------------------------------------------------------------------------------

def shared_folder():
    """Where recorded provider traffic lies, or None."""
    for folder in (os.environ.get('TOLLGATE_SHARED'), os.path.join(TOP, '..', 'shared')):
        if folder and os.path.exists(os.path.join(folder, 'cassettes', 'index.json')):
            return os.path.abspath(folder)
    return None


def cassettes(**wanted):
    """Entries of the index whose members are these, e.g. provider='openai', endpoint='chat.completions'."""
    with open(os.path.join(shared_folder(), 'cassettes', 'index.json')) as f:
        return [entry for entry in json.load(f)
                if all(entry.get(name) == value for name, value in wanted.items())]


def cassette(entry):
    with open(os.path.join(shared_folder(), 'cassettes', entry['file'])) as f:
        return json.load(f)


DROPPED = {'content-length', 'transfer-encoding', 'connection', 'content-encoding', 'keep-alive'}


def replay(recorded):
    """Answers with a recorded exchange's response, streams in the pieces that were recorded."""
    response = recorded['response']
    data = base64.b64decode(response['body_base64']) if 'body_base64' in response else response['body'].encode()
    headers = {name.lower(): value for name, value in response['headers'].items() if name.lower() not in DROPPED}

    def behave(exchange):
        if 'text/event-stream' not in str(headers.get('content-type', '')):
            exchange.answer(response['status'], data, headers)
            return
        exchange.head(response['status'], headers)
        for piece in pieces(data, response.get('chunk_sizes')):
            exchange.chunk(piece)
        exchange.end()
    return behave


def pieces(data, sizes):
    """The recorded pieces, or, where none are known, pieces of all sizes so that events are cut anywhere."""
    at = number = 0
    sizes = [size for size in sizes or [] if size > 0]
    while at < len(data):
        size = sizes[number] if number < len(sizes) else 1 + (number * 37) % 113
        yield data[at:at + size]
        at += size
        number += 1
