# SPDX-License-Identifier: MIT
"""Calls as they end on that day, well and badly."""


def call(number, at, key, team, model, provider, status, tries, first, total, tokens, cost, **more):
    return {'id': f'call_02N21ANKZ{number:04}', 'at': f'2026-11-20T{at}Z', 'team': team, 'key': key,
            'asked': more.pop('asked', model), 'provider': provider, 'model': model if provider else None,
            'error': None, 'key_id': 'key_' + key, 'status': status, 'result': 'answered', 'finish': 'stop' if status == 200 else None,
            'stream': True, 'estimated': False, 'simulated': False, 'input': tokens, 'output': tokens and tokens // 10,
            'cache_read': None, 'cache_write_5m': None, 'cache_write_1h': None, 'reasoning': None, 'cost_usd': cost,
            'billed_usd': cost, 'total_us': total, 'first_byte_us': first, 'upstream_us': total, 'gateway_us': 600,
            'attempts': tries, 'app': 'nightly', 'user': None, 'session': None, 'tags': None, **more}


LIVE = [
    call(31, '14:02:05.000', 'ci-batch', 'payments', 'claude-sonnet', 'anthropic', 200, 1, 600000, 4100000, 16500,
         '0.05821'),
    call(30, '14:02:06.000', 'webapp', 'payments', 'claude-sonnet', 'anthropic', 200, 2, 1300000, 3010000, 1910,
         '0.011005', asked='chat-large', app='checkout-web'),
]
CALLS = [
    call(30, '14:02:06.000', 'webapp', 'payments', 'claude-sonnet', 'anthropic', 200, 2, 1300000, 3010000, 1910,
         '0.011005', asked='chat-large', app='checkout-web'),
    call(29, '14:02:08.100', 'indexer', 'search', 'text-embed-3-large', 'openai', 200, 1, 100000, 110000, 7300,
         '0.00104'),
    call(28, '14:02:05.800', 'zendesk', 'support-bot', 'gpt-4o', 'openai', 429, 3, None, 2200000, None, '0',
         result='failed', error='provider_rate_limited'),
    call(27, '14:02:07.000', 'ios', 'mobile', 'gpt-4o-mini', 'openai', 200, 1, 300000, 1000000, 820, '0.000178'),
    call(26, '14:02:06.900', 'etl-us', 'data-eng', 'gpt-4o', None, 402, 0, None, 400, None, '0', result='refused',
         error='budget_exceeded'),
    call(25, '14:02:03.100', 'ci-batch', 'payments', 'claude-sonnet', 'bedrock', 200, 1, 700000, 2900000, 16300,
         '0.0561', estimated=True),
    call(24, '14:01:55.200', 'notebooks', 'research', 'o3', 'openai', 200, 1, 4000000, 9900000, 3000, '0.021',
         result='aborted', error='client_gone'),
    call(23, '14:01:30.000', 'webapp', 'payments', 'gpt-4o', 'openai', 502, 2, None, 31000000, None, None,
         result='failed', error='all_targets_failed'),
    call(22, '09:30:00.000', 'webapp', 'payments', 'gpt-4o', 'openai', 200, 1, 500000, 2200000, 1500, '1.25'),
]
for _i, _at in enumerate(('11-19T18:00:00', '11-02T08:00:00')):
    CALLS.append({**CALLS[-1], 'id': f'call_02N21ANKZ001{_i}', 'at': f'2026-{_at}Z'})

HOSTILE = call(40, '14:02:08.500', 'a\x1b[2Jb\u202egnp', 'team\tx', '\u6a21\u578b\u540d\u79f0\u5f88\u957f\u5f88\u957f',
               'p\x9b31m', 502, 1, None, 1000, None, None, result='failed', asked='x\n\r\x07y',
               error='\x1b]52;c;aGk=\x07 \u202etxt \u4e0d\u884c \x9b2J')

MINUTES = {'items': [{'at': f'2026-11-20T13:{m:02}:00.000Z', 'calls': 20000 + 700 * (m % 9)} for m in range(4, 60)] +
                    [{'at': '2026-11-20T14:00:00.000Z', 'calls': 24720}, {'at': '2026-11-20T14:01:00.000Z', 'calls': 31800}],
           'total': {}, 'from': '', 'until': ''}
