# SPDX-License-Identifier: MIT
"""The machine a daemon thinks it runs on: a clock that can be set, a disk that can be made read-only or filled."""
import os
import shutil
import subprocess
import tempfile

from lib import TOP, Skipped

SHIM = os.path.join(TOP, 'tests', 'scenario', 'preload', 'world.c')


class World:
    """Its environment goes to a Daemon: World() as world, Daemon(…, env=world.environment)."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='tollgate-world-')
        library = os.path.join(self.folder, 'world.so')
        done = subprocess.run([os.environ.get('CC', 'gcc'), '-D_GNU_SOURCE', '-D_LARGEFILE64_SOURCE', '-shared', '-fPIC', '-O1', '-o', library,
                               SHIM, '-ldl'], capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(self.folder)
            raise Skipped(f'the shim cannot be built: {done.stderr.strip()}')
        self.environment = {'LD_PRELOAD': library, 'WORLD': self.folder}

    def say(self, name, text):
        """Whole or not at all: the daemon reads it all the time."""
        path = os.path.join(self.folder, name)
        with open(path + '.new', 'w') as f:
            f.write(text)
        os.rename(path + '.new', path)

    def set_clock(self, seconds):
        """How far the wall clock is ahead of the real one; a negative number is behind."""
        self.say('clock', str(int(seconds)))

    def make_readonly(self, folder):
        self.say('readonly', folder)

    def make_writable(self):
        os.unlink(os.path.join(self.folder, 'readonly'))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


class SmallDisk:
    """A file system of its own for a daemon's home, which can be filled."""

    def __init__(self, megabytes):
        self.path = tempfile.mkdtemp(prefix='tollgate-disk-')
        self.filler = os.path.join(self.path, 'filler')
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={megabytes}m', 'tmpfs', self.path], capture_output=True, text=True)
        if done.returncode:
            os.rmdir(self.path)
            raise Skipped(f'no file system of its own: {done.stderr.strip()}')

    def fill(self):
        with open(self.filler, 'ab', buffering=0) as f:
            try:
                while True:
                    f.write(b'\0' * 4096)
            except OSError:
                pass

    def make_room(self):
        os.unlink(self.filler)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(['umount', '-l', self.path], check=True)
        os.rmdir(self.path)
