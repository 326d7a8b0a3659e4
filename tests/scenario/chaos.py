# SPDX-License-Identifier: MIT
"""Rude clients and rude providers: what a gateway meets in a bad week, a thousand times a minute.

A client is a function of (chaos, dice) that behaves badly once, on a connection of its own; what was
answered whole it hands to chaos.note().  Providers' behaviours are those of upstream.py and the ruder
ones below.  All draw from seeded dice, so that the mixture, if not its timing, comes again.
"""
import random
import socket
import threading
import time

from client import Connection, request_bytes
from upstream import *  # noqa: F401,F403
from upstream import Gone, openai_answer


# -- providers ----------------------------------------------------------------------------------------

def raw(data, close=True, before=0.0):
    """Sends these bytes, whatever they are."""
    def behave(exchange):
        exchange.pause(before)
        for at in range(0, len(data), 65536):
            exchange.send(data[at:at + 65536])
        exchange.keep_alive = not close
    return behave


def head_of(*lines, body=b''):
    return ('\r\n'.join(('HTTP/1.1 200 OK', *lines)) + '\r\n\r\n').encode('latin-1') + body


STREAM = 'content-type: text/event-stream'
CHUNKED = 'transfer-encoding: chunked'
JSON = 'content-type: application/json'
DELTA = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n'


def chunked(data):
    return b'%x\r\n%s\r\n' % (len(data), data)


def large(size):
    """An answer of that many bytes, whole or as one enormous event."""
    def behave(exchange):
        if exchange.wants_stream:
            stream(['y' * size])(exchange)
        else:
            exchange.answer(200, openai_answer('m', 'y' * size, (3, 4)))
    return behave


def one_endless_line(exchange):
    """An event that never ends."""
    exchange.head(200, {'content-type': 'text/event-stream'})
    exchange.chunk(b'data: ')
    while True:
        exchange.chunk(b'z' * 65536)
        exchange.pause(0.002)


RUDE = [
    raw(head_of(*[f'x-{n}: {"h" * 4000}' for n in range(40)], body=b'{}')),
    raw(head_of('x: ' + 'h' * 200000)),
    raw(b'HTTP/1.1 100 Continue\r\n\r\n' * 2000 + head_of(JSON, 'content-length: 2', body=b'{}')),
    raw(head_of(STREAM, CHUNKED, body=b'zz\r\nwhat is this\r\n')),
    raw(head_of(STREAM, CHUNKED, body=b'ffffffffffffffffff\r\n')),
    raw(head_of(STREAM, CHUNKED, body=chunked(DELTA) + b'-5\r\n')),
    raw(head_of(STREAM, CHUNKED, body=chunked(DELTA) + b'5;' + b'e' * 100000)),
    raw(head_of(STREAM, body=DELTA * 3)),
    raw(head_of(JSON, 'content-length: 5000', body=b'{"id":')),
    raw(head_of(JSON, 'content-length: 2', body=b'{}{}{}{}'), close=False),
    raw(head_of(JSON, 'content-length: -1', body=b'{}')),
    raw(head_of(JSON, 'content-length: 3', 'content-length: 4', body=b'{}  ')),
    raw(head_of('content-encoding: gzip', JSON, 'content-length: 4', body=b'\x1f\x8b\x00\x00')),
    raw(head_of(JSON, CHUNKED, body=chunked(b'[' * 100000) + b'0\r\n\r\n')),
    raw(head_of(STREAM, CHUNKED, body=chunked(b'data: {"choices":[{"delta":{"content":"\xff\xfe\x00"}}]}\n\n') + b'0\r\n\r\n')),
    raw(head_of(STREAM, CHUNKED, body=chunked(b'data: {"choices":7}\n\ndata: [1]\n\ndata: \n\n') + b'0\r\n\r\n')),
    raw(head_of(STREAM, CHUNKED, body=chunked(b'data: {"error":{"message":"no more"}}\n\n') + b'0\r\n\r\n')),
    raw(head_of(STREAM, CHUNKED, body=chunked(b'\r\n: hello\r\r\n\n\n' * 2000) + b'0\r\n\r\n')),
    raw(b'HTTP/1.1 204 No Content\r\n\r\n', close=False),
    raw(b'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n', close=False),
    raw(b'HTTP/1.1 101 Switching Protocols\r\nupgrade: rubbish\r\n\r\nrubbish'),
    raw(b'HTTP/9.9 200 Fine\r\n\r\n'), raw(b'HTTP/1.1 999 \r\n\r\n'), raw(b'HTTP/1.1 000 \r\n\r\n'), raw(b'\0' * 5000),
    raw(b'HTTP/1.0 200 OK\r\n\r\n{}'),
    large(3 << 20), large(300 << 10), one_endless_line,
]

USUAL = [
    ok(), ok(), ok(delay=0.02), stream(['w '] * 30, delay=0.005), stream(delay=0.01), slowly(delay=0.0005), endless(),
    stream(['w' * 3000] * 400), status(429, headers={'retry-after': '1'}), status(500), status(503), status(400),
    status(401), status(529, body=b'<html>'), reset(), hang_up(), cut_in_head(), cut_after_head(), stall(), stall_after(2),
    cut(2), cut(3, how='close'), rubbish(), rubbish_body(), empty(),
]


def moody(seed, behaviours=tuple(USUAL + RUDE)):
    """Another behaviour for each request."""
    dice, lock = random.Random(seed), threading.Lock()

    def behave(exchange):
        with lock:
            chosen = dice.choice(behaviours)
        try:
            chosen(exchange)
        except UnicodeDecodeError:      # a rude client's body
            exchange.answer(400, {'error': {'message': 'what is this?'}})
    return behave

LAST = {'connection': 'close'}


# -- clients ------------------------------------------------------------------------------------------

def whole(chaos, dice):
    """One to five calls on one connection, the way it is meant."""
    with chaos.connect() as connection:
        for _ in range(dice.randint(1, 5)):
            connection.send(chaos.request(dice, stream=dice.random() < 0.5))
            answer = connection.answer()
            chaos.note(answer)
            if answer.headers.get('connection') == 'close':
                return


def leaves_in_the_head(chaos, dice):
    with chaos.connect() as connection:
        data = chaos.request(dice)
        connection.send(data[:dice.randint(0, data.index(b'\r\n\r\n') + 3)])
        chaos.leave(connection, dice)


def leaves_in_the_body(chaos, dice):
    with chaos.connect() as connection:
        data = chaos.request(dice, pad='p' * dice.choice((10, 1000, 200000)))
        connection.send(data[:dice.randint(data.index(b'\r\n\r\n') + 4, len(data) - 1)])
        chaos.leave(connection, dice)


def leaves_before_the_first_byte(chaos, dice):
    with chaos.connect() as connection:
        connection.send(chaos.request(dice, stream=dice.random() < 0.5))
        chaos.leave(connection, dice)


def leaves_in_the_middle(chaos, dice):
    with chaos.connect() as connection:
        connection.send(chaos.request(dice, stream=True, headers=LAST))
        for _ in range(dice.randint(1, 6)):
            if not connection.more():
                return
        chaos.leave(connection, dice)


def closes_its_half(chaos, dice):
    with chaos.connect() as connection:
        connection.send(chaos.request(dice, stream=dice.random() < 0.5, headers=LAST))
        connection.sock.shutdown(socket.SHUT_WR)
        while connection.more():
            pass


def reads_slowly(chaos, dice):
    with chaos.connect(buffer=2048) as connection:
        connection.send(chaos.request(dice, stream=True, headers=LAST))
        for _ in range(dice.randint(1, 40)):
            if not connection.sock.recv(dice.choice((1, 100, 2000))):
                return
            time.sleep(0.01)


def never_reads(chaos, dice):
    with chaos.connect(buffer=2048) as connection:
        connection.send(chaos.request(dice, stream=True))
        time.sleep(dice.random())
        chaos.leave(connection, dice)


def asks_ahead(chaos, dice):
    """Several requests at once; reads the answers to some of them."""
    with chaos.connect() as connection:
        asked = dice.randint(2, 6)
        connection.send(b''.join(chaos.request(dice, stream=dice.random() < 0.5) for _ in range(asked)))
        for _ in range(dice.randint(0, asked)):
            chaos.note(connection.answer())


def sends_in_pieces(chaos, dice):
    with chaos.connect() as connection:
        data = chaos.request(dice)
        while data:
            size = dice.choice((1, 7, 100, 1000))
            connection.send(data[:size])
            data = data[size:]
            if dice.random() < 0.1:
                time.sleep(0.002)
        chaos.note(connection.answer())


def sends_chunks(chaos, dice):
    """A body in chunks; some of them are none."""
    with chaos.connect() as connection:
        head, _, body = chaos.request(dice, headers={'transfer-encoding': 'chunked'}).partition(b'\r\n\r\n')
        last = dice.choice((b'0\r\n\r\n', b'0\r\n\r\n', b'zz\r\n', b'-1\r\n', b'fffffffffffffffff\r\n', b''))
        connection.send(head + b'\r\n\r\n' + chunked(body[:20]) + chunked(body[20:]) + last)
        if last.startswith(b'0'):
            chaos.note(connection.answer())
        else:
            chaos.leave(connection, dice)


RUBBISH = [
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(range(200)), b'GET / HTTP/1.1\r\n\r\n', b'\r\n' * 5000, b'A' * 20000,
    b'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n{}',
    b'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n{}',
    b'POST /v1/chat/completions HTTP/1.1\r\n' + b'x: y\r\n' * 4000 + b'\r\n', b'GET /' + b'%00' * 300 + b' HTTP/1.1\r\n\r\n',
    b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'GET /v1/models/..%2f..%2f HTTP/1.1\r\nhost: x\r\n\r\n', b'BREW /tea HTTP/1.1\r\nhost: x\r\n\r\n',
    b'HEAD /health/live HTTP/1.1\r\nhost: x\r\n\r\n' * 30, b'GET /health/ready HTTP/1.0\r\n\r\n',
    b'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ' + b'k' * 5000 + b'\r\ncontent-length: 2\r\n\r\n{}',
]


def talks_rubbish(chaos, dice):
    with chaos.connect(timeout=0.5) as connection:
        connection.send(dice.choice(RUBBISH))
        while connection.more():
            pass


def is_unknown(chaos, dice):
    with chaos.connect() as connection:
        connection.send(request_bytes('POST', '/v1/chat/completions', {'authorization': 'Bearer sk-tg-nobody'},
                                      b'{"model":"smart"}' + b' ' * dice.choice((0, 100000))))
        assert connection.answer().status == 401


def asks_for_the_impossible(chaos, dice):
    with chaos.connect() as connection:
        body = dice.choice((b'', b'{', b'[]', b'{"model":"smart"}', b'{"model":"none","messages":[]}', b'{"model":7}', b'[' * 3000,
                            b'{"model":"smart","messages":[{"role":"user","content":"\xff"}]}', b'\0' * 100))
        connection.send(request_bytes('POST', '/v1/chat/completions', {'authorization': f'Bearer {chaos.key(dice)}'}, body))
        chaos.note(connection.answer())


CLIENTS = [whole, whole, whole, leaves_in_the_head, leaves_in_the_body, leaves_before_the_first_byte, leaves_in_the_middle,
           closes_its_half, reads_slowly, never_reads, asks_ahead, sends_in_pieces, sends_chunks, talks_rubbish, is_unknown,
           asks_for_the_impossible]


class Chaos:
    """So many clients, each rude in another way again and again, until told to stop."""

    def __init__(self, daemon, keys, models, threads=32, seed=1, clients=tuple(CLIENTS)):
        self.daemon, self.keys, self.models, self.clients = daemon, keys, models, clients
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.answered, self.rounds, self.failures = {}, 0, []
        self.threads = [threading.Thread(target=self.run, args=(seed * 1000 + n,), daemon=True) for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, seed):
        dice = random.Random(seed)
        while not self.stopping.is_set():
            client = dice.choice(self.clients)
            try:
                client(self, dice)
            except (OSError, EOFError, ValueError, Gone):
                pass        # of a connection that broke: what counts is what was answered whole
            except Exception as error:
                self.failures.append(f'{client.__name__}: {error!r}')
            with self.lock:
                self.rounds += 1

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), 'a client hangs'

    # -- what clients use --

    def connect(self, timeout=20, buffer=None):
        return Connection(self.daemon.port, timeout, buffer)

    def key(self, dice):
        return dice.choice(self.keys)

    def request(self, dice, **members):
        return self.daemon.request(self.key(dice), dice.choice(self.models), **members)

    def leave(self, connection, dice):
        time.sleep(dice.choice((0, 0, 0.001, 0.03)))
        connection.reset() if dice.random() < 0.5 else connection.close()

    def note(self, answer):
        """A whole answer: its call must be in the ledger with this status."""
        id = answer.headers.get('x-tollgate-call-id')
        if not answer.complete or id is None:
            return
        with self.lock:
            if id in self.answered:
                self.failures.append(f'{id} answered twice')
            self.answered[id] = (answer.status, answer.headers.get('x-tollgate-cost-usd'))
