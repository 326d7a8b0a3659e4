# SPDX-License-Identifier: MIT
"""What the lints share: which files there are, and how a finding is reported."""
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUR_FOLDERS = ('daemon', 'tui', 'schema', 'tests', '.ci')


def files(*suffixes, under=OUR_FOLDERS):
    """Paths from the top of the tree, sorted; with no suffix named, all text files."""
    found = []
    for folder in under:
        for path, folders, names in os.walk(os.path.join(TOP, folder)):
            folders[:] = sorted(d for d in folders if d != '__pycache__')
            for name in sorted(names):
                if not suffixes or name.endswith(suffixes):
                    found.append(os.path.relpath(os.path.join(path, name), TOP))
    return found


def sources(under=('daemon', 'tui')):
    return files('.c', '.h', under=under)


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8', errors='replace') as f:
        return f.read()


def lines(path):
    """Numbered from 1."""
    return list(enumerate(read(path).split('\n'), 1))


def without_comments(text):
    """C with the comments blanked, so that line numbers stay."""
    def blank(found):
        return found.group(0) if found.group(0)[0] in '"\'' else re.sub(r'[^\n]', ' ', found.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def without_strings(text):
    """C with comments blanked and strings emptied."""
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', without_comments(text))


class Report:
    """Findings of one rule, printed as one case."""

    def __init__(self, rule):
        self.rule, self.found = rule, []

    def add(self, path, line, what):
        self.found.append(f'# {path}:{line}: {what}')

    def done(self):
        for finding in self.found:
            print(finding)
        print(('not ok ' if self.found else 'ok ') + self.rule)
        return bool(self.found)


def finish(*reports):
    sys.exit(1 if any([report.done() for report in reports]) else 0)


def tracked():
    """Every file of the project: what git knows, or everything outside build/ where there is no git."""
    try:
        said = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'], cwd=TOP, capture_output=True, text=True)
    except FileNotFoundError:
        said = None
    if said and said.returncode == 0:
        return sorted(path for path in said.stdout.split('\n') if path and os.path.isfile(os.path.join(TOP, path)))
    return files() + ['Makefile', 'LICENSE', 'README.md']
