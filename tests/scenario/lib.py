# SPDX-License-Identifier: MIT
"""What scenarios are made of: the daemon, its admin API, its command line, and the runner.

A scenario is a function marked @scenario whose name is a sentence; main() runs those of the file and
prints "ok name", "not ok name" or "skipped name: why".  Nothing waits by sleeping: wait_until() asks
again until it is so.
"""
import http.client
import inspect
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

from client import Answer, Connection, ask, events_in, request_bytes  # noqa: F401 (for scenarios)
from terminal import Terminal  # noqa: F401
from upstream import *  # noqa: F401,F403
from upstream import TOP, Upstream, shared_folder

BUILD = os.environ.get('TOLLGATE_BUILD', os.path.join(TOP, 'build'))
DAEMON = os.path.join(BUILD, 'tollgated')
PROGRAM = os.path.join(BUILD, 'tollgate')
# Sanitizers and valgrind are slow; every deadline is multiplied by this.
PATIENCE = float(os.environ.get('TOLLGATE_PATIENCE', '1'))
# What the daemon is started by, if not by itself: valgrind and its options.
WRAPPER = os.environ.get('TOLLGATE_WRAPPER', '').split()
NANO = 10 ** 9


class Skipped(Exception):
    """Why a scenario cannot be tried here."""


def wait_until(probe, seconds=5.0, what=None):
    """Asks again until the answer is truthy, and returns it."""
    until = time.monotonic() + seconds * PATIENCE
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f'not within {seconds} s: {what or inspect.getsource(probe).strip()}')
        time.sleep(0.01)


def nusd(text):
    """A decimal string in USD as integer nano-dollars; None stays None."""
    if text is None:
        return None
    sign = -1 if str(text).startswith('-') else 1
    whole, _, fraction = str(text).lstrip('-').partition('.')
    assert len(fraction) <= 9, f'{text} has more than nine places'
    return sign * (int(whole or 0) * NANO + int(fraction.ljust(9, '0')))


def equal(got, wanted, what=''):
    if got != wanted:
        raise AssertionError(f'{what or "value"}: got {got!r}, expected {wanted!r}')


class AdminError(Exception):
    def __init__(self, status, body):
        super().__init__(f'{status} {body}')
        self.status, self.body = status, body

    @property
    def code(self):
        return (self.body or {}).get('error', {}).get('code')


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__('tollgate', timeout=timeout * PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """tollgated with a home, a socket and a port of its own; ended by its process id."""

    def __init__(self, config=None, args=(), env=None, workers=1, start=True):
        self.folder = tempfile.mkdtemp(prefix='tollgate-test-')
        self.home = os.path.join(self.folder, 'home')
        self.socket = os.path.join(self.folder, 'admin.sock')
        self.config_path = os.path.join(self.folder, 'tollgate.yaml')
        self.log_path = os.path.join(self.folder, 'log')
        self.args, self.env, self.workers = list(args), env or {}, workers
        self.child = self.port = None
        self.secrets = {}
        if config is not None:
            self.write_config(config)
        Daemon.running.add(self)
        if start:
            self.start()

    running = set()

    def write_config(self, config):
        """A dict (JSON is YAML) or the text itself."""
        with open(self.config_path, 'w') as f:
            f.write(config if isinstance(config, str) else json.dumps(config, indent=1, ensure_ascii=False))

    def command(self):
        command = [*WRAPPER, DAEMON, '--home', self.home, '--socket', self.socket, '--listen', '127.0.0.1:0',
                   '--workers', str(self.workers)]
        if os.path.exists(self.config_path):
            command += ['--config', self.config_path]
        return command + self.args

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith('_proxy')}
        return {**kept, **self.env}

    def spawn(self):
        """Starts the program without waiting for it."""
        with open(self.log_path, 'ab') as log:
            self.child = subprocess.Popen(self.command(), env=self.environment(), stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, cwd=self.folder)

    def start(self):
        self.spawn()
        self.wait_ready()
        return self

    def is_ready(self):
        if self.child.poll() is not None:
            raise AssertionError(f'tollgated ended with {self.child.returncode}:\n{self.log()}')
        try:
            status = self.api('GET', '/v1/status')
        except (OSError, http.client.HTTPException):
            return False
        self.port = int(status['listen'].rsplit(':', 1)[1])
        return self.port > 0

    def wait_ready(self):
        wait_until(self.is_ready, 10, 'tollgated answers on its admin socket')

    def log(self):
        try:
            with open(self.log_path, errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def stop(self, seconds=20):
        """SIGTERM, and its exit status."""
        if self.child and self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(seconds * PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f'tollgated did not stop within {seconds} s of SIGTERM:\n{self.log()[-3000:]}')
        return self.child.returncode if self.child else None

    def kill(self):
        if self.child and self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        self.kill()
        Daemon.running.discard(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                equal(self.stop(), 0, 'exit status of tollgated')
        finally:
            if kind is not None:
                ended = self.child.poll() if self.child else None
                print(f'# tollgated ended with {ended}' if ended is not None else '# tollgated is up')
                print('# log of tollgated:\n' + ''.join(f'#   {line}\n' for line in self.log().splitlines()[-40:]),
                      end='')
            self.close()

    # -- the admin API ----------------------------------------------------------------------------------

    def api(self, method, path, body=None, headers=()):
        """The answer's JSON (text where it is none); AdminError where the status is 400 or more."""
        connection = UnixConnection(self.socket)
        try:
            data = None if body is None else body if isinstance(body, (bytes, str)) else json.dumps(body)
            head = {'content-type': 'application/json', **dict(headers)} if data is not None else dict(headers)
            connection.request(method, path, data, head)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            parsed = json.loads(text) if text else None
        except ValueError:
            parsed = text.decode('utf-8', 'replace')
        if answer.status >= 400:
            raise AdminError(answer.status, parsed)
        return parsed

    def get(self, path, **query):
        return self.api('GET', path + ('?' + urllib.parse.urlencode(query) if query else ''))

    def status(self):
        return self.get('/v1/status')

    def team(self, name='t', **members):
        return self.api('POST', '/v1/teams', {'name': name, **members})['object']

    def key(self, team='t', **members):
        """A new key's secret; its id is remembered under it."""
        if not any(t['name'] == team for t in self.get('/v1/teams')['items']):
            self.team(team)
        made = self.api('POST', '/v1/keys', {'team': team, 'name': f'key{len(self.secrets)}', **members})
        made = {**made, **made.get('object', {})}
        self.secrets[made['secret']] = made['id']
        return made['secret']

    def price(self, model, input='3', output='15', **more):
        body = {'model': model.split('/', 1)[-1], 'input': input, 'output': output, **more}
        if '/' in model:
            body['provider'] = model.split('/', 1)[0]
        return self.api('POST', '/v1/prices', body)

    def calls(self, **query):
        return self.get('/v1/calls', limit=1000, **query)['items']

    def settled(self, count, seconds=5.0, **query):
        """The newest calls, once there are at least so many in the ledger."""
        def enough():
            found = self.calls(**query)
            return found if len(found) >= count else None
        return wait_until(enough, seconds, f'{count} calls in the ledger')

    def call(self, id, seconds=5.0):
        """One call with its attempts, once it is in the ledger."""
        def found():
            try:
                return self.get(f'/v1/calls/{id}')
            except AdminError as error:
                if error.status != 404:
                    raise
                return None
        return wait_until(found, seconds, f'call {id} in the ledger')

    def budget(self, team='t'):
        return self.get(f'/v1/teams/{team}')['budgets'][0]

    def check(self):
        """The books, proven: sums of rows = rollups = budget counters."""
        found = self.api('POST', '/v1/db/check')
        if not found['ok']:
            raise AssertionError('tollgate db check: ' + '; '.join(found['problems']))
        return found

    def idle(self, seconds=10.0):
        """Waits until no call is open and everything is in the ledger."""
        def quiet():
            status = self.status()
            return status['open_calls'] == 0 and status['journal']['backlog_bytes'] == 0
        wait_until(quiet, seconds, 'no open call and no backlog')

    def rows(self, sql, *values):
        """Rows of the database, read beside the daemon."""
        path = next(os.path.join(self.home, name) for name in sorted(os.listdir(self.home)) if name.endswith('.db'))
        with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as db:
            return db.execute(sql, values).fetchall()

    def memory(self, field='VmRSS'):
        """Bytes, from /proc."""
        with open(f'/proc/{self.child.pid}/status') as f:
            for line in f:
                if line.startswith(field + ':'):
                    return int(line.split()[1]) * 1024
        raise AssertionError(f'no {field}')

    # -- the command line ----------------------------------------------------------------------------------

    def cli(self, *arguments, input=None, timeout=30):
        """(exit status, standard output, standard error) of tollgate."""
        done = subprocess.run([PROGRAM, '--socket', self.socket, *arguments], input=input, capture_output=True,
                              text=True, timeout=timeout * PATIENCE, env=self.environment(),
                              stdin=None if input is not None else subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def cli_json(self, *arguments):
        code, out, err = self.cli('--json', *arguments)
        if code:
            raise AssertionError(f'tollgate {" ".join(arguments)}: exit {code}: {err or out}')
        return json.loads(out)

    def terminal(self, columns=120, rows=40):
        return Terminal([PROGRAM, '--socket', self.socket], columns, rows, env=self.environment())

    # -- the data API -----------------------------------------------------------------------------------------

    def request(self, key, model, stream=False, headers=(), **members):
        """The bytes of a chat completion."""
        body = {'model': model, 'messages': [{'role': 'user', 'content': 'Say hello.'}], **members}
        if stream:
            body['stream'] = True
        head = {'authorization': f'Bearer {key}', 'content-type': 'application/json', **dict(headers)}
        return request_bytes('POST', '/v1/chat/completions', head, body)

    def connect(self, timeout=30, buffer=None):
        return Connection(self.port, timeout * PATIENCE, buffer)

    def chat(self, key, model, timeout=30, **members):
        """One chat completion on a connection of its own."""
        with self.connect(timeout) as connection:
            connection.send(self.request(key, model, **members))
            return connection.answer()


def provider(name, upstream, kind='openai', **more):
    """A row of the configuration for a scripted provider."""
    base = upstream.url + '/v1' if kind == 'openai' else upstream.url
    return {'name': name, 'kind': kind, 'base_url': base, 'api_key': 'sk-upstream', **more}


def sim(name='sim', **options):
    return {'name': name, 'kind': 'sim', 'options': options}


def chain(name, *tiers, **settings):
    """chain('smart', ['a/m', 'b/m'], ['c/m'], first_byte='1s')"""
    return {'name': name, 'tiers': [[{'target': t} for t in tier] for tier in tiers], **settings}


def targets_text(call):
    """What was tried, in order: 'first/m:refused second/m:ok'."""
    return ' '.join(f"{entry['target']}:{entry['reason']}" for entry in call['entries'])


# -- the runner -----------------------------------------------------------------------------------------

scenarios = []


def scenario(function):
    scenarios.append(function)
    return function


def run_one(function):
    name = function.__name__
    began = time.monotonic()
    try:
        function()
    except Skipped as why:
        print(f'skipped {name}: {why}', flush=True)
        return True
    except Exception:
        for line in traceback.format_exc().splitlines():
            print('# ' + line)
        print(f'not ok {name}', flush=True)
        return False
    finally:
        for daemon in list(Daemon.running):
            daemon.close()
    print(f'ok {name}', flush=True)
    print(f'# {time.monotonic() - began:.1f} s', flush=True)
    return True


def main():
    """Runs the file's scenarios, or those named on the command line."""
    wanted = sys.argv[1:]
    chosen = [f for f in scenarios if not wanted or any(word in f.__name__ for word in wanted)]
    missing = [path for path in (DAEMON, PROGRAM) if not os.path.exists(path)]
    if missing:
        print(f'not ok {os.path.basename(sys.argv[0])}: {missing[0]} is not built')
        sys.exit(1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    results = [run_one(function) for function in chosen]
    sys.exit(0 if all(results) else 1)
