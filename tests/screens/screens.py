# SPDX-License-Identifier: MIT
"""Keys in, text of the screen out: runs the dashboard on a script and compares what it shows.

    @screen
    def the_overview_shows_who_spends(run):
        run('wait payments', 'show overview.80x24')

Expected screens lie beside the test as NAME.txt; UPDATE=1 in the environment writes them anew, to be
read by a person before they are committed.  "show NAME" in a script waits until all that was asked of the
daemon is answered, then saves and compares the screen.  "tell NAME" does what run.when(NAME, what) was given.
"""
import difflib
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import fake
import world

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get('TOLLGATE_BUILD', os.path.join(HERE, '..', '..', 'build'))
tests = []


def screen(function):
    tests.append(function)
    return function


class Run:
    """One dashboard before one fake daemon."""

    def __init__(self, daemon, folder):
        self.daemon, self.folder, self.number = daemon, folder, 0

    def __call__(self, *script, size=(80, 24), arguments=('--ascii', '--mono'), env=None):
        shots, lines = [], []
        for line in script:
            if line.startswith('show '):
                self.number += 1
                path = os.path.join(self.folder, str(self.number))
                shots.append((line[5:], path))
                lines.append('settle')
                line = 'save-display ' + path
            elif line.startswith('tell '):
                line = 'save-display ' + self.told(line[5:])
            lines.append(line)
        path = os.path.join(self.folder, 'script')
        with open(path, 'w') as f:
            f.write('\n'.join(lines) + '\n')
        done = subprocess.run(
            [os.path.join(BUILD, 'tollgate'), '--socket', self.daemon.socket, '--script', path, *arguments],
            env={**os.environ, 'COLUMNS': str(size[0]), 'LINES': str(size[1]), 'TOLLGATE_NOW': world.NOW, 'TZ': 'UTC',
                 'LC_ALL': 'C.UTF-8', **(env or {})},
            capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr + done.stdout
        for name, path in shots:
            with open(path) as f:
                self.compare(name, f.read())

    def told(self, name):
        return os.path.join(self.folder, 'told-' + name)

    def when(self, name, what):
        """Does it, on a thread, once the script has come to "tell NAME"."""
        def wait():
            while not os.path.exists(self.told(name)) and os.path.exists(self.folder):
                time.sleep(0.005)
            what()
        threading.Thread(target=wait, daemon=True).start()

    def text(self, *script, **more):
        """The screen after a script, not compared."""
        path = os.path.join(self.folder, 'text')
        self(*script, 'save-display ' + path, **more)
        with open(path) as f:
            return f.read()

    @staticmethod
    def compare(name, got):
        path = os.path.join(HERE, 'expected', name + '.txt')
        if os.environ.get('UPDATE'):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write(got)
        with open(path) as f:
            want = f.read()
        assert got == want, 'not as expected:\n' + ''.join(
            difflib.unified_diff(want.splitlines(True), got.splitlines(True), name, 'shown'))


def main():
    failed = 0
    for test in tests:
        name = test.__name__.replace('_', ' ')
        try:
            with tempfile.TemporaryDirectory() as folder, fake.Fake(world.world()) as daemon:
                test(Run(daemon, folder))
            print(f'ok {name}', flush=True)
        except Exception as error:
            failed += 1
            shown = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            print('\n'.join('# ' + line for line in shown.splitlines()))
            print(f'not ok {name}', flush=True)
    sys.exit(1 if failed else 0)
