# SPDX-License-Identifier: MIT
"""Hundreds of clients at once on one thread, each with another kind of call after the other.

Every call carries a label of its own (its session), so that a call with two rows is seen.  What was answered
to its last byte is in `answered`, what was begun in `begun`, both by the call's id; `sent` counts requests.
"""
import asyncio
import random
import time
from collections import namedtuple

from client import request_bytes
from lib import PATIENCE, Daemon, chain, provider, sim

LAST_CHUNK = b'0\r\n\r\n'
Answered = namedtuple('Answered', 'label kind status cost')

# What a client does: the kind, how often, the model it asks for, what else is in the body.
KINDS = [
    ('whole', 6, 'sim/m', {}),
    ('streamed', 6, 'sim/m', {'stream': True}),
    ('slow stream', 4, 'slow/m', {'stream': True}),
    ('from a socket', 2, 'up/m', {}),
    ('streamed from a socket', 2, 'up/m', {'stream': True}),
    ('fallback', 4, 'second', {}),
    ('streamed fallback', 3, 'second', {'stream': True}),
    ('failed', 2, 'none', {}),
    ('bad request', 1, 'sim/m', {'messages': 'none'}),
    ('no such model', 1, 'nowhere/m', {}),
    ('no such price', 1, 'sim/unpriced', {}),
    ('left in the middle', 4, 'slow/m', {'stream': True}),
    ('left before the first byte', 2, 'dull/m', {}),
]
WEIGHTS = [often for _, often, _, _ in KINDS]


def gateway(upstream, **settings):
    """Providers for every kind; half of those that fail do so by their answer, half by their socket."""
    return Daemon({
        'providers': [sim(latency='2ms', tokens=20, rate=4000), sim('slow', latency='5ms', tokens=20, rate=100),
                      sim('dull', latency='1s', tokens=1), sim('bad', latency='1ms', error_rate=1),
                      {'name': 'gone', 'kind': 'openai', 'base_url': 'http://127.0.0.1:1/v1', 'api_key': 'sk-upstream'},
                      provider('up', upstream)],
        'prices': [{'model': 'm', 'input': '3', 'output': '15'}],
        'chains': [chain('second', ['bad/m', 'gone/m'], ['sim/m'], retries=0), chain('none', ['bad/m'], ['gone/m'], retries=0)],
        'teams': [{'name': 't', 'budget': '1000000/total'}, {'name': 'poor', 'rpm': 1}], **settings}, workers=2)


class Left(Exception):
    """A client went away because it wanted to."""


class Client:
    """One connection, kept as long as it lasts."""

    def __init__(self, crowd, name):
        self.crowd, self.name, self.number = crowd, name, 0
        self.dice = random.Random(name)
        self.reader = self.writer = None

    async def run(self):
        """Calls until it is enough or the gateway is gone."""
        try:
            while not self.crowd.over:
                try:
                    await self.call()
                except Left:
                    self.close()
        except (OSError, EOFError):
            pass        # killed: what counts is what was answered whole
        finally:
            self.close()

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def call(self):
        kind, _, model, members = self.dice.choices(KINDS, WEIGHTS)[0]
        self.number += 1
        label = f'{self.name}.{self.number}'
        await self.send(label, model, members)
        if kind == 'left before the first byte':
            await self.leave()
        status, headers = await self.head()
        id = headers['x-tollgate-call-id']
        self.crowd.begun[id] = label
        if kind == 'left in the middle' and status == 200:
            await self.reader.read(1 + self.dice.randrange(2000))
            await self.leave()
        await self.rest(headers)
        self.crowd.note(id, Answered(label, kind, status, headers.get('x-tollgate-cost-usd')))
        if headers.get('connection', '').lower() == 'close':
            raise Left

    async def send(self, label, model, members):
        key = self.crowd.poor if self.dice.random() < 0.02 else self.crowd.key
        body = {'model': model, 'messages': [{'role': 'user', 'content': 'Say hello.'}], **members}
        head = {'authorization': f'Bearer {key}', 'content-type': 'application/json', 'x-tollgate-session': label}
        if not self.writer:
            self.reader, self.writer = await asyncio.open_connection('127.0.0.1', self.crowd.daemon.port)
        self.writer.write(request_bytes('POST', '/v1/chat/completions', head, body))
        self.crowd.sent += 1

    async def leave(self):
        await asyncio.sleep(self.dice.random() * 0.05)
        raise Left

    async def head(self):
        lines = (await self.reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
        fields = [line.partition(':') for line in lines[1:-2]]
        return int(lines[0].split(' ')[1]), {name.lower(): value.strip() for name, _, value in fields}

    async def rest(self, headers):
        """To the answer's last byte, or EOFError."""
        if 'content-length' in headers:
            await self.reader.readexactly(int(headers['content-length']))
        else:
            await self.reader.readuntil(LAST_CHUNK)


class Crowd:
    """Of `size` clients; name makes labels and dice their own."""

    def __init__(self, daemon, key, poor, name, size=200):
        self.daemon, self.key, self.poor, self.name, self.size = daemon, key, poor, name, size
        self.sent, self.begun, self.answered, self.over = 0, {}, {}, False

    def note(self, id, answered):
        assert id not in self.answered, f'{id} was answered twice'
        self.answered[id] = answered

    def go_on_for(self, seconds, then):
        """Calls then() in the middle of it all, and comes back when no client is left."""
        async def enough():
            await asyncio.sleep(seconds)
        asyncio.run(self.go_on(enough, then))

    def go_on_until_answered(self, count, then=lambda: None):
        async def enough():
            until = time.monotonic() + 60 * PATIENCE
            while len(self.answered) < count:
                assert time.monotonic() < until, f'{len(self.answered)} answers within a minute'
                await asyncio.sleep(0.02)
        asyncio.run(self.go_on(enough, then))

    async def go_on(self, enough, then):
        clients = [asyncio.create_task(Client(self, f'{self.name}.{number}').run()) for number in range(self.size)]
        await enough()
        then()
        self.over = True
        await asyncio.wait_for(asyncio.gather(*clients), 30 * PATIENCE)
