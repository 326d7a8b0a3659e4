# SPDX-License-Identifier: MIT
"""Builds with a sanitizer (or takes valgrind) and tries unit tests and a few scenarios under it."""
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What is slow under a sanitizer is given this many times the time.
PATIENCE = 8
# Files, and words of the scenarios in them: one for each way a call can end, and the admin API.
SHORT = [
    ('record', ['a_call_by_curl', 'a_streamed_call', 'spend_by_team', 'strangers']),
    ('fallback', ['whatever_the_first_target_does', 'cut_after', 'anthropic_is']),
    ('hangup', ['in_the_middle', 'before_the_first_byte']),
    ('bad_input', ['every_bad_body', 'cut_off', 'rubbish']),
    ('budgets', ['strict', 'leave_nothing']),
    ('live_changes', ['switched_off', 'reordered', 'revoked', 'under_load']),
    ('crash', ['in_flight', 'sigterm']),
    ('mixed', []),
]


def folder_of(sanitizers):
    return os.path.join(TOP, 'build', sanitizers.replace(',', '-')) if sanitizers else os.path.join(TOP, 'build')


def say(name, done):
    if done.returncode:
        for line in (done.stdout + done.stderr)[-20000:].splitlines():
            print('# ' + line)
    print(('not ok ' if done.returncode else 'ok ') + name, flush=True)
    return done.returncode == 0


def build(sanitizers, target):
    kept = {name: value for name, value in os.environ.items() if name not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL')}
    done = subprocess.run(['make', f'-j{os.cpu_count()}', f'SANITIZE={sanitizers}', 'CFLAGS=-O1 -g', target], cwd=TOP,
                          env=kept, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return say(f'it builds with {sanitizers}', done)


def unit(sanitizers, environment):
    """Every unit test, each a process: a finding ends it with a status of its own."""
    root = os.path.join(folder_of(sanitizers), 'tests', 'unit')
    fine = True
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = os.path.join(folder, name)
            source = os.path.join(TOP, 'tests', 'unit', os.path.relpath(path, root) + '.c')
            if os.access(path, os.X_OK) and os.path.exists(source):
                done = subprocess.run([path], cwd=TOP, env={**os.environ, **environment}, capture_output=True,
                                      text=True, errors='replace', stdin=subprocess.DEVNULL, timeout=300)
                fine &= say(f'unit/{os.path.relpath(path, root)} under {sanitizers}', done)
    return fine


def scenarios(what, chosen, environment, sanitizers=''):
    settings = {**os.environ, 'TOLLGATE_BUILD': folder_of(sanitizers), 'TOLLGATE_PATIENCE': str(PATIENCE), **environment}
    fine = True
    for name, words in chosen:
        path = os.path.join(TOP, 'tests', 'scenario', name)
        done = subprocess.run([path, *words], cwd=TOP, env=settings, capture_output=True, text=True, errors='replace',
                              stdin=subprocess.DEVNULL, timeout=600)
        fine &= say(f'scenario/{name} under {what}', done)
    return fine


def end(*results):
    sys.exit(0 if all(results) else 1)
