# SPDX-License-Identifier: MIT
"""A past for a daemon that is stopped: calls of any age, with the rollups that belong to them.

A call is a dict as Past.call() makes it; what the daemon answers can then be compared with sums over
those dicts.  The books of such a past are proven by `tollgate db check` like those of any other.
"""
import os
import sqlite3
from collections import defaultdict

EPOCH_MS = 1704067200000
STEP_START = (65536, 71468, 77936, 84990, 92682, 101070, 110218, 120194)
RESULTS = {'answered': 0, 'refused': 1, 'failed': 2, 'aborted': 3, 'interrupted': 4}
# By table: how long its cells are, and what they know.
ROLLUPS = {'rollup_minute': (60000, ('team_id', 'provider_name', 'model_name')),
           'rollup_hour_team': (3600000, ('team_id',)),
           'rollup_hour_target': (3600000, ('provider_name', 'model_name')),
           'rollup_hour_key': (3600000, ('team_id', 'key_id')),
           'rollup_hour': (3600000, ('team_id', 'key_id', 'provider_name', 'model_name')),
           'rollup_day_team': (86400000, ('team_id',)),
           'rollup_day_target': (86400000, ('provider_name', 'model_name')),
           'rollup_day_key': (86400000, ('team_id', 'key_id')),
           'rollup_day': (86400000, ('team_id', 'key_id', 'provider_name', 'model_name'))}
SUMS = ('calls', 'errors', 'refused', 'input', 'output', 'cache_read', 'cache_write', 'reasoning', 'cost_nusd',
        'billed_nusd', 'unpriced')


def bucket_of(us):
    """Of daemon/ledger/histogram.h."""
    if us < 1:
        return 0
    octave = us.bit_length() - 1
    fraction = us >> (octave - 16) if octave > 16 else us << (16 - octave)
    return 1 + octave * 8 + max(i for i in range(8) if fraction >= STEP_START[i])


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def packed(durations):
    counts, out, last = defaultdict(int), b'', -1
    for us in durations:
        counts[bucket_of(us)] += 1
    for bucket in sorted(counts):
        out += varint(bucket - last - 1) + varint(counts[bucket])
        last = bucket
    return out


def sums_of(call):
    """What one call adds to a sum, by the rules of daemon/store/ledger_rollup.c."""
    known = call['cost_nusd'] is not None
    return {'calls': 1, 'errors': int(call['result'] in ('failed', 'interrupted')), 'refused': int(call['result'] == 'refused'),
            'input': call['input'] or 0, 'output': call['output'] or 0, 'cache_read': call['cache_read'], 'cache_write': 0,
            'reasoning': call['reasoning'], 'cost_nusd': call['cost_nusd'] if known else 0,
            'billed_nusd': call['billed_nusd'] if known else 0,
            'unpriced': int(not known and (call['input'] or 0) + (call['output'] or 0) > 0)}


class Past:
    """Of a daemon that has its teams, keys and providers and is stopped."""

    def __init__(self, daemon):
        path = next(os.path.join(daemon.home, name) for name in sorted(os.listdir(daemon.home)) if name.endswith('.db'))
        self.db = sqlite3.connect(path)
        self.teams = dict(self.db.execute('SELECT name, id FROM teams'))
        self.keys = {(team, key): id for team, key, id in self.db.execute(
            'SELECT t.name, k.name, k.id FROM keys k JOIN teams t ON t.id = k.team_id')}
        self.cells = {table: defaultdict(list) for table in ROLLUPS}
        self.calls, self.words, self.sequence = [], {}, 0

    def word(self, name):
        if name is None:
            return None
        if name not in self.words:
            self.db.execute('INSERT OR IGNORE INTO names (name) VALUES (?)', (name,))
            self.words[name] = self.db.execute('SELECT id FROM names WHERE name = ?', (name,)).fetchone()[0]
        return self.words[name]

    def call(self, at_ms, team='t', key='k', model='m', provider='up', app=None, user=None, tags=None, result='answered',
             status=200, input=100, output=20, cache_read=0, reasoning=0, cost_nusd=0, billed_nusd=None, total_us=1000000,
             first_byte_us=200000, price_id=None):
        """Writes one call and returns it."""
        call = {name: value for name, value in locals().items() if name != 'self'}
        if billed_nusd is None:
            call['billed_nusd'] = cost_nusd
        self.sequence = (self.sequence + 1) % (1 << 14)
        call['id'] = (at_ms - EPOCH_MS) << 20 | 63 << 14 | self.sequence
        row = {'id': call['id'], 'team_id': self.teams[team], 'key_id': self.keys[team, key], 'asked_name': self.word(model or 'm'),
               'provider_name': self.word(provider), 'model_name': self.word(model), 'status': status,
               'result': RESULTS[result], 'flags': 0, 'finish': 1, 'input': input, 'output': output,
               'cache_read': cache_read, 'cache_write_5m': 0, 'cache_write_1h': 0, 'reasoning': reasoning,
               'cost_nusd': cost_nusd, 'billed_nusd': call['billed_nusd'], 'price_id': price_id, 'total_us': total_us,
               'first_byte_us': first_byte_us, 'num_attempts': 0, 'app_name': self.word(app), 'user_name': self.word(user),
               'tags': ','.join(tags) if tags else None}
        self.db.execute(f'INSERT INTO calls ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})', list(row.values()))
        self.mark(row)
        for table, (ms, knows) in ROLLUPS.items():
            self.cells[table][(at_ms // ms, *(row[name] or 0 for name in knows))].append(call)
        self.calls.append(call)
        return call

    def mark(self, row):
        """Tells lists of calls where there is one of its kind."""
        kinds = [(1, row['asked_name']), (1, row['model_name']), (2, row['provider_name']), (3, row['app_name'])]
        if row['status'] // 100 != 2:
            kinds += [(4, row['status']), (5, row['status'] // 100)]
        if row['result']:
            kinds.append((6, row['result']))
        self.db.executemany('INSERT OR IGNORE INTO call_marks VALUES (?, ?, ?)',
                            [(what, value, row['id'] >> 34) for what, value in kinds if value is not None])

    def done(self):
        """Writes the rollups; nothing may be in the database yet for their cells."""
        for table, cells in self.cells.items():
            for cell, calls in cells.items():
                added = [sums_of(call) for call in calls]
                answered = [call for call in calls if call['result'] == 'answered']
                values = [*cell, *(sum(sums[name] for sums in added) for name in SUMS),
                          packed(call['total_us'] for call in answered),
                          packed(call['first_byte_us'] for call in answered if call['first_byte_us'] is not None)]
                self.db.execute(f'INSERT INTO {table} VALUES ({", ".join("?" * len(values))})', values)
        self.db.commit()
        self.db.close()
        return self.calls
