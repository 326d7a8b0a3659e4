# SPDX-License-Identifier: MIT
"""A gateway in the middle of a day, for the screens to show."""
NOW = '2026-11-20T14:02:09Z'


def budget(amount, window, spent, **more):
    return {'amount_usd': amount, 'window': window, 'model': None, 'mode': 'standard', 'utc_offset_min': 0,
            'spent_usd': spent, 'reserved_usd': '0.02', 'resets_at': '2026-12-01T00:00:00Z', **more}


def team(name, rate, today, spent, amount, keys, **more):
    return {'name': name, 'blocked': False, 'blocked_reason': None, 'models': None, 'rpm': 6000, 'tpm': 2000000,
            'parallel': None, 'markup_percent': '0', 'allow_unpriced': False, 'note': '', 'num_keys': keys,
            'budgets': [budget(amount, 'month', spent)], 'spent_today_usd': today, 'spent_month_usd': spent,
            'usd_per_hour': rate, 'revision': 7, 'created_at': '2026-03-02T09:00:00Z', **more}


TEAMS = [
    team('payments', '9.81', '61.02', '1902.10', '2000', 14),
    team('search', '3.12', '52.40', '1104.00', '3000', 9),
    team('support-bot', '2.06', '31.18', '802.00', '1500', 6),
    team('data-eng', '1.70', '40.11', '611.00', '1000', 22),
    team('mobile', '0.91', '14.02', '204.00', '500', 4),
    team('research', '0.44', '9.30', '120.00', '400', 11),
    team('web', '0.21', '3.10', '48.00', '300', 5),
    team('intern-lab', '0', '0', '0', '50', 1, blocked=True, blocked_reason='project over'),
]

TRENDS = {
    'payments': [2, 2, 1, 2, 1, 2, 2, 3, 4, 6, 8, 9], 'search': [7, 7, 6, 9, 7, 7, 6, 9, 7, 7, 6, 6],
    'support-bot': [4, 5, 5, 6, 9, 7, 9, 6, 6, 5, 5, 5], 'data-eng': [0, 0, 7, 7, 9, 0, 0, 1, 9, 9, 1, 0],
    'mobile': [5, 5, 5, 5, 8, 8, 9, 8, 8, 5, 5, 5], 'research': [1, 0, 1, 2, 9, 2, 0, 0, 1, 1, 0, 1],
    'web': [6, 6, 6, 6, 6, 9, 9, 9, 6, 6, 6, 6], 'intern-lab': [0] * 12,
}
PROJECTED = {'payments': '3310', 'search': '1921', 'support-bot': '1402', 'data-eng': '1090', 'mobile': '362',
             'research': '231', 'web': '84'}
ENDS = {'payments': '2026-11-20T23:10:00Z', 'data-eng': '2026-11-29T20:00:00Z'}


def provider(name, letter, calls, p50, p95, first, errors, open_calls, rate, minutes, **more):
    return {'name': name, 'kind': 'openai', 'base_url': f'https://api.{name}.com/v1', 'credential': 'env:KEY',
            'credential_error': None, 'state': 'enabled', 'state_reason': None, 'state_by': None, 'state_at': None,
            'models': None, 'options': {}, 'budgets': [], 'open_calls': open_calls, 'breaker': 'closed',
            'cooling_ms': 0, 'requests_per_s': None if calls is None else calls / 900, 'calls': calls, 'errors': 0, 'p50_us': p50, 'p95_us': p95, 'first_byte_p50_us': first,
            'usd_per_hour': rate, 'error_percent': errors, 'letter': letter, 'minutes': minutes, 'last_error': None,
            'chains': ['smart'], 'revision': 3, 'created_at': '2026-03-02T09:00:00Z', **more}


PROVIDERS = [
    provider('openai', 'D', 169200, 610000, 2900000, 540000, 2.4, 17, '10.20', 'U' * 42 + 'DDUUDDDDDUDDDDDDDD',
             breaker='half_open', cooling_ms=22000, last_error='429 rate_limit gpt-4o: retry after 20 s',
             chains=['chat-large', 'embeddings', 'vision']),
    provider('anthropic', 'U', 108900, 910000, 2200000, 620000, 0.1, 12, '6.01', 'U' * 60, chains=['chat-large']),
    provider('bedrock', 'U', 54000, 820000, 1900000, 500000, 0.0, 5, '2.10', 'U' * 60, chains=['chat-large']),
    provider('groq', 'C', 0, None, None, None, None, 0, '0', 'U' * 50 + 'DDDXXCCCCC', breaker='open',
             cooling_ms=41000, last_error='429 rate_limit', chains=['chat-large']),
    provider('azure-old', '~', 1800, 1100000, 3000000, 900000, 0.0, 2, '0.11', 'U' * 58 + '~~', state='draining',
             state_by='bob', state_at='2026-11-20T13:58:00Z', state_reason='contract ends', chains=[]),
    provider('local-vllm', 'O', None, None, None, None, None, 0, '0', 'U' * 38 + 'O' * 22, state='disabled',
             state_by='alice', state_reason='GPU swap', state_at='2026-11-20T13:40:00Z', chains=['local-only']),
]

def key(number, name, team, rate, spent, amount, last, expires=None, **more):
    return {'id': f'key_01J{number:03d}', 'name': name, 'team': team, 'prefix': f'sk-tg-{number:04d}', 'state': 'active',
            'state_reason': None, 'expires_at': expires, 'models': None, 'rpm': 600, 'tpm': 200000, 'parallel': None,
            'note': '', 'budgets': [budget(amount, 'month', spent)] if amount else [], 'spent_month_usd': spent,
            'usd_per_hour': rate, 'last_used_at': last, 'revision': 5, 'created_at': '2026-03-02T09:00:00Z',
            'revoked_at': None, **more}


SECRET = 'sk-tg-7Hq2mVtY0cLd93XwZr5KpN8sBfA1eGjUabcdefgh'
KEYS = [
    key(1, 'ci-batch', 'payments', '6.32', '611', '800', NOW,
        hash='bf5a6ae6fc6cb2cb1b3f5d0e7e4d1ad8d1f4a5b8c1b6a0f1c8a7b6d5e4f3a2b1'),
    key(2, 'webapp', 'payments', '3.10', '1102', '1500', NOW, '2027-01-31T00:00:00Z'),
    key(3, 'indexer', 'search', '2.90', '930', None, '2026-11-20T14:02:08Z'),
    key(4, 'zendesk', 'support-bot', '2.06', '802', '1500', '2026-11-20T14:02:08Z'),
    key(5, 'etl-eu', 'data-eng', '1.70', '600', '600', '2026-11-20T14:02:05Z'),
    key(6, 'old-cron', 'payments', '0', '1', '50', '2026-10-10T14:02:05Z'),
    key(7, 'trial-7', 'intern-lab', '0', '3', '5', '2026-11-08T14:02:05Z', state='revoked',
        state_reason='unused', revoked_at='2026-11-19T18:03:00Z'),
]

SPEND = {'items': [
    {'key': 'webapp', 'model': 'gpt-4o', 'calls': 2011, 'input': 2100000, 'output': 402000, 'cost_usd': '3.10'},
    {'key': 'ci-batch', 'model': 'claude-sonnet', 'calls': 7080, 'input': 18200000, 'output': 310000,
     'cost_usd': '6.32'},
    {'key': 'mobile-pay', 'model': 'gpt-4o-mini', 'calls': 4404, 'input': 1900000, 'output': 120000,
     'cost_usd': '.39'}], 'total': {}, 'from': NOW, 'until': NOW}


def pair(key, model, now, usual, change, share, calls, input, output, factors, cache=(0, 0)):
    names = ('calls_factor', 'tokens_factor', 'price_factor')
    return {'key': key, 'key_id': 'key_' + key, 'model': model, 'now_usd_per_hour': now, 'usual_usd_per_hour': usual,
            'change_usd_per_hour': change, 'share_percent': share, 'calls': calls, 'input': input, 'output': output,
            'unpriced': 0, 'ratio': None, **dict(zip(names, factors)), 'cache_percent': cache[0], 'usual_cache_percent': cache[1]}


WHY = {'team': 'payments', 'from': '2026-11-23T13:02:09Z', 'until': '2026-11-23T14:02:09Z', 'days': 7, 'now_usd_per_hour': '9.81',
       'usual_usd_per_hour': '5.18', 'change_usd_per_hour': '4.63', 'unpriced': 0, 'pairs': [
           pair('ci-batch', 'claude-sonnet', '6.32', '1.72', '4.60', 99.4, 7080, 18200000, 310000, (1.1, 3.4, 0.98), (0.0, 62.0)),
           pair('webapp', 'gpt-4o', '3.10', '3.05', '0.05', 1.1, 2011, 2100000, 402000, (1.0, 1.0, 1.02)),
           pair('mobile-pay', 'gpt-4o-mini', '0.39', '0.42', '-0.03', -0.6, 4404, 1900000, 120000, (0.93, 1.0, 1.0))],
       'else_usd_per_hour': '0.01', 'generation': 1,
       'blame': {'key': 'ci-batch', 'key_id': 'key_ci-batch', 'model': 'claude-sonnet', 'since': '2026-11-23T13:12:00Z',
                 'app': 'nightly-eval', 'cache_percent': 0.0, 'usual_cache_percent': 62.0}}
# A team of yesterday afternoon.
WHY_YOUNG = {**WHY, 'days': 0, 'usual_usd_per_hour': None, 'change_usd_per_hour': None, 'else_usd_per_hour': None, 'blame': None}


def target(name, tier, weight=1, state='enabled', breaker='closed', price=True):
    return {'target': name, 'tier': tier, 'weight': weight, 'state': state, 'breaker': breaker, 'cooling_ms': 0,
            'price_known': price}


def chain(name, version, *targets):
    tiers = [[{'target': t['target'], 'weight': t['weight']} for t in targets if t['tier'] == tier]
             for tier in sorted({t['tier'] for t in targets})]
    text = ' > '.join(', '.join(t['target'] + (f"*{t['weight']}" if t['weight'] != 1 else '') for t in tier)
                      for tier in tiers)
    return {'name': name, 'tiers': tiers, 'timeout': '2m', 'first_byte': '20s', 'idle': '30s', 'retries': 1,
            'version': version, 'revision': version, 'updated_at': '2026-11-20T11:02:00Z', 'text': text,
            'targets': list(targets)}


CHAINS = [
    chain('chat-large', 41, target('openai/gpt-4o', 1), target('anthropic/claude-sonnet', 2, 3),
          target('bedrock/claude-sonnet', 2), target('groq/llama-70b', 3, breaker='open')),
    chain('chat-small', 7, target('openai/gpt-4o-mini', 1)),
    chain('embeddings', 3, target('openai/text-embed-3-lg', 1)),
    chain('local-only', 2, target('local-vllm/qwen3-32b', 1, state='disabled', price=False)),
]

EXPLAIN = {'chain': 'chat-large', 'down': [], 'answered_by': 'openai/gpt-4o', 'order': [
    {'target': 'openai/gpt-4o', 'tier': 1, 'share_percent': 100, 'verdict': 'taken', 'reason': None},
    {'target': 'anthropic/claude-sonnet', 'tier': 2, 'share_percent': 75, 'verdict': 'standby', 'reason': None},
    {'target': 'bedrock/claude-sonnet', 'tier': 2, 'share_percent': 25, 'verdict': 'standby', 'reason': None},
    {'target': 'groq/llama-70b', 'tier': 3, 'share_percent': 100, 'verdict': 'skipped', 'reason': 'cooling for 41s'}]}

HISTORY = {'items': [
    {'version': 41, 'at': '2026-11-20T11:02:00Z', 'who': 'bob', 'reason': 'openai is cheaper', 'deleted': False,
     'text': 'openai/gpt-4o > anthropic/claude-sonnet*3, bedrock/claude-sonnet > groq/llama-70b'},
    {'version': 40, 'at': '2026-11-19T16:20:00Z', 'who': 'carol', 'reason': None, 'deleted': False,
     'text': 'anthropic/claude-sonnet > openai/gpt-4o'}], 'total': 2, 'generation': 41}

AUDIT = [
    {'id': 20417, 'at': '2026-11-20T13:40:00Z', 'who': 'alice', 'uid': 1001, 'pid': 4410, 'via': 'tui',
     'action': 'provider.disable', 'object': 'provider local-vllm', 'before': {'state': 'enabled', 'revision': 88},
     'after': {'state': 'disabled', 'revision': 89}, 'reason': 'GPU swap', 'refused': False, 'undoable': True},
    {'id': 20416, 'at': '2026-11-20T11:02:00Z', 'who': 'bob', 'uid': 1002, 'pid': 900, 'via': 'cli',
     'action': 'chain.update', 'object': 'chain chat-large',
     'before': {'text': 'openai/gpt-4o > anthropic/claude-sonnet', 'version': 40},
     'after': {'text': 'anthropic/claude-sonnet > openai/gpt-4o', 'version': 41}, 'reason': 'openai is slow',
     'refused': False, 'undoable': True},
    {'id': 20415, 'at': '2026-11-20T10:15:00Z', 'who': 'carol', 'uid': 1003, 'pid': 77, 'via': 'tui',
     'action': 'key.create', 'object': 'key key_01J9Z', 'before': None,
     'after': {'name': 'ios', 'team': 'mobile', 'budget': '50/month'}, 'reason': None, 'refused': False,
     'undoable': False},
    {'id': 20414, 'at': '2026-11-19T18:02:00Z', 'who': 'viewer2', 'uid': 1009, 'pid': 12, 'via': 'cli',
     'action': 'key.revoke', 'object': 'key key_01J8Q', 'before': None, 'after': None, 'reason': None,
     'refused': True, 'undoable': False},
]

PULSE = {'now': NOW, 'generation': 41, 'requests_per_s': 412.0, 'open_calls': 37, 'usd_per_hour': '18.42',
         'spent_today_usd': '212.40', 'spent_month_usd': '4812', 'error_percent': 0.6, 'p50_us': 700000,
         'p95_us': 2100000, 'first_byte_p50_us': 400000, 'gateway_p99_us': 900, 'journal_backlog_bytes': 0,
         'calls_total': 123600}

STATUS = {'name': 'prod-eu', 'version': '0.1.0', 'demo': False, 'pid': 1, 'started_at': '2026-11-20T11:51:00Z',
          'now': NOW, 'listen': '127.0.0.1:4000', 'socket': '/run/tollgate/admin.sock', 'home': '/var/lib/tollgate',
          'workers': 4, 'durability': 'process', 'generation': 41,
          'you': {'uid': 1001, 'user': 'alice', 'role': 'admin'}, 'open_calls': 37, 'calls': 123600, 'errors': 740,
          'unauthenticated': 3, 'journal': {'backlog_bytes': 0, 'failing_since': None, 'failure': None},
          'providers': {'enabled': 4, 'disabled': 1, 'draining': 1}, 'db_bytes': 1, 'rss_bytes': 1, 'warnings': []}

SPEND_24H = [int(2e9 + 1e9 * (i % 12) / 4 + (i > 80) * 2e9) for i in range(96)]


def overview():
    rows = [{'team': t['name'], 'usd_per_hour': t['usd_per_hour'], 'calls_1h': 1000,
             'trend': [n * 1000000 for n in TRENDS[t['name']] for _ in range(5)], 'today_usd': t['spent_today_usd'],
             'spent_usd': t['spent_month_usd'], 'budget_usd': t['budgets'][0]['amount_usd'], 'window': 'month',
             'projected_usd': PROJECTED.get(t['name']), 'ends_at': ENDS.get(t['name']), 'blocked': t['blocked']}
            for t in TEAMS]
    return {'pulse': PULSE, 'teams': rows, 'providers': PROVIDERS[:4], 'spend_24h': SPEND_24H,
            'requests_1h': [20000 + 500 * (i % 10) for i in range(60)], 'changes': AUDIT,
            'top_keys': [{'key': 'ci-batch', 'team': 'payments', 'usd_per_hour': '6.32'},
                         {'key': 'webapp', 'team': 'payments', 'usd_per_hour': '3.10'},
                         {'key': 'indexer', 'team': 'search', 'usd_per_hour': '2.90'}],
            'top_models': [{'model': 'claude-sonnet', 'usd_per_hour': '7.41'},
                           {'model': 'gpt-4o', 'usd_per_hour': '6.90'}]}


IMPACT = {'calls_24h': 41210, 'spend_24h_usd': '52.10', 'open_calls': 17, 'chains_without_target': ['embeddings'],
          'moves_to': [{'chain': 'chat-large', 'target': 'anthropic/claude-sonnet'}],
          'warnings': ['anthropic would be at 91% of its tokens a minute']}


def world(**more):
    return {'status': STATUS, 'pulse': PULSE, 'overview': overview(), 'teams': TEAMS, 'providers': PROVIDERS,
            'audit': AUDIT, 'impact': IMPACT, 'keys': KEYS, 'spend': SPEND, 'teams/payments/why': WHY, 'chains': CHAINS, 'chains/chat-large/explain': EXPLAIN,
            'chains/chat-large/history': HISTORY, 'live': [], 'calls': [], **more}
