# SPDX-License-Identifier: MIT
"""What benches share: load on a daemon, rounds of one thing and the other in turn, medians and spread."""
import json
import os
import resource
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'scenario'))
from lib import BUILD, Daemon, sim  # noqa: E402, F401

LOAD = os.path.join(BUILD, 'tests', 'bench', 'load')
TICKS = os.sysconf('SC_CLK_TCK')
# A round counts when other programs took no more than this part of a processor.
OTHERS_MAX = 0.1


def processor_seconds(pid):
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def load(daemon, request, rate, seconds, connections):
    """What load.c found, and processor_us: the daemon's own a call."""
    before = processor_seconds(daemon.child.pid)
    done = subprocess.run([LOAD, str(daemon.port), '--rate', str(rate), '--seconds', str(seconds), '--connections', str(connections)],
                          input=request, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert found['failed'] == 0 and found['calls'] > 0, found
    found['processor_us'] = (processor_seconds(daemon.child.pid) - before) * 1e6 / found['calls']
    return found


def busy_seconds():
    """Of all processors, with everything that runs on them."""
    with open('/proc/stat') as f:
        user, nice, system, _, _, irq, softirq = map(int, f.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def own_seconds(daemons):
    """Of this program, of what it ran and of its daemons."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(processor_seconds(daemon.child.pid) for daemon in daemons)


def others_share(daemons, act):
    """What act() answers, and how much of a processor other programs took meanwhile."""
    began, busy, own = time.monotonic(), busy_seconds(), own_seconds(daemons)
    answer = act()
    others = busy_seconds() - busy - (own_seconds(daemons) - own)
    return answer, others / (time.monotonic() - began)


def in_turn(names, rounds, act, daemons):
    """act(name) for each, in turn and the other way round, until so many rounds had the machine for themselves.

    When three times as many did not suffice, those count in which others took least.  Answers by name.
    """
    found = []
    while len(found) < 3 * rounds and sum(share <= OTHERS_MAX for share, _ in found) < rounds:
        order = names if len(found) % 2 == 0 else tuple(reversed(names))
        answers, share = others_share(daemons, lambda: {name: act(name) for name in order})
        found.append((share, answers))
    chosen = sorted(found, key=lambda one: one[0])[:rounds]
    print(f'({len(found)} rounds for {len(chosen)}; other programs took up to {chosen[-1][0] * 100:.0f} % of a processor meanwhile)')
    return {name: [answers[name] for _, answers in chosen] for name in names}


def spread(values):
    """Median and quartiles, as text."""
    if len(values) < 2:
        return f'{values[0]:.0f}'
    low, middle, high = statistics.quantiles(values, n=4, method='inclusive')
    digits = 2 if high < 10 else 0
    return f'{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})'


def ratios(above, below):
    """Of the neighbours of each round, so that what else the machine did befell both."""
    return [a / b for a, b in zip(above, below)]
