# SPDX-License-Identifier: MIT
"""Official clients from npm: installed once into the build's cache, and run with a program of the test's."""
import json
import os
import shutil
import subprocess

from lib import BUILD, Skipped


class Client:
    """package: as npm names it, with a version ("openai@6"); program: a module that prints one JSON object."""

    def __init__(self, package, program):
        self.package, self.program = package, program
        self.name = package[:package.rindex('@')]
        self.folder = os.path.join(BUILD, 'cache', self.name.strip('@').replace('/', '-'))

    def install(self):
        """Skipped where npm does not answer."""
        if not shutil.which('npm') or not shutil.which('node'):
            raise Skipped('no npm here')
        if not os.path.isdir(os.path.join(self.folder, 'node_modules', *self.name.split('/'))):
            self.fetch()
        with open(os.path.join(self.folder, 'trial.mjs'), 'w') as f:
            f.write(self.program)

    def fetch(self):
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, 'package.json'), 'w') as f:
            json.dump({'name': 'trial', 'private': True, 'type': 'module'}, f)
        try:
            done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', self.package],
                                  cwd=self.folder, capture_output=True, text=True, timeout=90)
        except subprocess.TimeoutExpired:
            raise Skipped('npm did not answer within 90 s')
        if done.returncode:
            raise Skipped('npm does not answer: ' + done.stderr.strip().split('\n')[-1])

    def run(self, **environment):
        done = subprocess.run(['node', 'trial.mjs'], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, **environment}, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
