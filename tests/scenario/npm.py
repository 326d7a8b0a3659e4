# SPDX-License-Identifier: MIT
"""Official clients from npm: installed once into the build's cache, and run with a program of the test's."""
import fcntl
import json
import os
import shutil
import subprocess
import sys

from lib import BUILD, Skipped


class Client:
    """package: as npm names it, with a version ("openai@6"); program: a module that prints one JSON object.

    Tests that use the same package share its folder; each has a program of its own there.
    """

    def __init__(self, package, program, *others):
        self.package, self.program, self.others = package, program, others
        self.trial = f'{os.path.basename(sys.argv[0])}.mjs'
        self.name = package[:package.rindex('@')]
        self.folder = os.path.join(BUILD, 'cache', self.name.strip('@').replace('/', '-'))

    def install(self):
        """Skipped where npm does not answer."""
        if not shutil.which('npm') or not shutil.which('node'):
            raise Skipped('no npm here')
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, 'lock'), 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(os.path.join(self.folder, 'node_modules', *self.name.split('/'))):
                self.fetch()
        with open(os.path.join(self.folder, self.trial), 'w') as f:
            f.write(self.program)

    def fetch(self):
        with open(os.path.join(self.folder, 'package.json'), 'w') as f:
            json.dump({'name': 'trial', 'private': True, 'type': 'module'}, f)
        try:
            done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', self.package,
                                   *self.others],
                                  cwd=self.folder, capture_output=True, text=True, timeout=90)
        except subprocess.TimeoutExpired:
            raise Skipped('npm did not answer within 90 s')
        if done.returncode:
            raise Skipped('npm does not answer: ' + done.stderr.strip().split('\n')[-1])

    def run(self, **environment):
        done = subprocess.run(['node', self.trial], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, **environment}, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
