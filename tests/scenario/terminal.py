# SPDX-License-Identifier: MIT
"""A program on a terminal that a test can type into and look at, by way of tmux."""
import os
import subprocess
import time


class Terminal:
    numbers = 0

    def __init__(self, command, columns=120, rows=40, env=None):
        Terminal.numbers += 1
        self.server = f'tollgate-{os.getpid()}-{Terminal.numbers}'
        environment = {**os.environ, **(env or {}), 'TERM': 'xterm-256color'}
        environment.pop('TMUX', None)
        self.tmux('new-session', '-d', '-x', str(columns), '-y', str(rows), *command, env=environment)
        self.tmux('set-option', '-g', 'remain-on-exit', 'on')

    def tmux(self, *arguments, env=None):
        done = subprocess.run(['tmux', '-L', self.server, '-f', '/dev/null', *arguments], env=env,
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f'tmux {arguments[0]}: {done.stderr.strip()}')
        return done.stdout

    def keys(self, *keys):
        """Names of keys as tmux knows them ("Enter", "Down", "Escape") or single characters."""
        for key in keys:
            self.tmux('send-keys', key)

    def type(self, text):
        self.tmux('send-keys', '-l', text)

    def screen(self):
        return self.tmux('capture-pane', '-p')

    def shows(self, text, seconds=5.0):
        """Waits until the text is on the screen; the screen then, or an error that has it."""
        until = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if text in screen:
                return screen
            if time.monotonic() > until:
                raise AssertionError(f'no "{text}" on the screen within {seconds} s:\n{screen}')
            time.sleep(0.03)

    def confirm(self, key, text, seconds=5.0):
        """Presses the key of a question until the text shows: a question that has just come up hears no yes."""
        until = time.monotonic() + seconds
        while True:
            self.keys(key)
            try:
                return self.shows(text, 0.4)
            except AssertionError:
                if time.monotonic() > until:
                    raise

    def resize(self, columns, rows):
        self.tmux('resize-window', '-x', str(columns), '-y', str(rows))

    def close(self):
        subprocess.run(['tmux', '-L', self.server, 'kill-server'], capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
