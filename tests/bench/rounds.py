# SPDX-License-Identifier: MIT
"""What benches share: load on a daemon, rounds of one thing and the other in turn, medians and spread."""
import json
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'scenario'))
from lib import BUILD, Daemon, sim  # noqa: E402, F401

LOAD = os.path.join(BUILD, 'tests', 'bench', 'load')
TICKS = os.sysconf('SC_CLK_TCK')


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


def in_turn(names, rounds, act):
    """act(name) for each, again and again, the first one last in every other round; their answers by name."""
    found = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(act(name))
    return found


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
