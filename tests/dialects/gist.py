# SPDX-License-Identifier: MIT
"""What an answer says, read off its bytes in any family's shape: text, reasoning, calls of tools, why it ended.

A second reading of every dialect, made from the vendors' documents and without the code under test.
"""
import json
import struct

from client import events_in


class Gist:
    """Of the first choice.  calls: [(name, arguments)], parsed where they are JSON."""

    def __init__(self):
        self.text, self.reasoning, self.calls, self.finish, self.refused = '', '', [], None, False

    def call(self, name, arguments):
        if isinstance(arguments, str):
            try:
                arguments = json.loads(arguments) if arguments.strip() else {}
            except ValueError:
                pass
        self.calls.append((name, arguments))

    @property
    def end(self):
        """Families disagree whether a call of a tool is a reason to stop, and some say no reason at all."""
        reason = 'content_filter' if self.refused else self.finish or 'stop'
        return 'tool_calls' if self.calls and reason == 'stop' else reason

    def differs(self, other):
        """What two gists disagree about, in words; None when they agree."""
        for what in ('text', 'calls', 'end', 'reasoning'):
            mine, theirs = getattr(self, what), getattr(other, what)
            # A refusal is a stop to those who have no word for it.
            if what == 'end' and self.refused and theirs == 'stop':
                continue
            if mine != theirs:
                return f'{what} {str(theirs)[:200]!r}, recorded {str(mine)[:200]!r}'
        return None


FINISH = {
    'stop': 'stop', 'length': 'length', 'tool_calls': 'tool_calls', 'content_filter': 'content_filter',
    'function_call': 'tool_calls', 'model_length': 'length', 'eos': 'stop', 'error': 'error',
    'end_turn': 'stop', 'stop_sequence': 'stop', 'pause_turn': 'stop', 'tool_use': 'tool_calls', 'max_tokens': 'length',
    'refusal': 'content_filter', 'model_context_window_exceeded': 'length',
    'guardrail_intervened': 'content_filter', 'content_filtered': 'content_filter',
    'STOP': 'stop', 'MAX_TOKENS': 'length', 'COMPLETE': 'stop', 'STOP_SEQUENCE': 'stop', 'TOOL_CALL': 'tool_calls',
    'ERROR': 'error', 'TIMEOUT': 'error',
    **{word: 'content_filter' for word in ('SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'MODEL_ARMOR',
                                           'IMAGE_SAFETY', 'LANGUAGE')},
}


def finish(word):
    return FINISH.get(word, 'stop') if word else None


# -- OpenAI's chat ------------------------------------------------------------------------------

def openai_content(gist, content):
    """A text, or Mistral's list of pieces."""
    if isinstance(content, str):
        gist.text += content
    for part in content if isinstance(content, list) else []:
        if part.get('type') == 'thinking':
            thoughts = part['thinking']
            gist.reasoning += thoughts if isinstance(thoughts, str) else ''.join(piece.get('text') or '' for piece in thoughts)
        elif part.get('type') in ('text', None):
            gist.text += part.get('text') or ''


def openai_said(gist, said):
    openai_content(gist, said.get('content'))
    gist.text += said.get('refusal') or ''
    gist.refused = gist.refused or bool(said.get('refusal'))
    details = ''.join(piece.get('text') or piece.get('summary') or '' for piece in said.get('reasoning_details') or [])
    gist.reasoning += said.get('reasoning_content') or said.get('reasoning') or details


def add_call_delta(calls, delta):
    """Deltas belong to the call of their index, or to the last one."""
    function, index = delta.get('function') or {}, delta.get('index')
    known = next((call for call in calls if index is not None and call['index'] == index), None)
    if known is None and (index is not None or function.get('name') or not calls):
        known = {'index': index, 'name': '', 'arguments': ''}
        calls.append(known)
    known = known or calls[-1]
    known['name'] = known['name'] or function.get('name') or ''
    arguments = function.get('arguments')
    known['arguments'] += arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ''


def openai_chat(body, stream):
    gist, calls = Gist(), []
    if not stream:
        choice = json.loads(body)['choices'][0]
        openai_said(gist, choice['message'])
        for call in choice['message'].get('tool_calls') or []:
            gist.call(call['function']['name'], call['function'].get('arguments') or '')
        old = choice['message'].get('function_call')
        if old and old.get('name'):
            gist.call(old['name'], old.get('arguments') or '')
        gist.finish = finish(choice.get('finish_reason'))
        return gist
    for event in events_in(body):
        for choice in (event.get('choices') or []) if isinstance(event, dict) else []:
            if choice.get('index', 0) != 0:
                continue
            delta = choice.get('delta') or {}
            openai_said(gist, delta)
            for call in delta.get('tool_calls') or []:
                add_call_delta(calls, call)
            if (delta.get('function_call') or {}).get('name') or calls and delta.get('function_call'):
                add_call_delta(calls, {'function': delta['function_call'], 'index': 0})
            gist.finish = gist.finish or finish(choice.get('finish_reason'))
    for call in calls:
        gist.call(call['name'], call['arguments'])
    return gist


# -- Anthropic ----------------------------------------------------------------------------------

def anthropic_block(gist, block):
    kind = block.get('type')
    if kind == 'text':
        gist.text += block['text']
    elif kind == 'thinking':
        gist.reasoning += block['thinking']
    elif kind == 'tool_use':
        gist.call(block['name'], block['input'])


def anthropic_whole(message):
    gist = Gist()
    for block in message['content']:
        anthropic_block(gist, block)
    gist.finish = finish(message.get('stop_reason'))
    return gist


def anthropic_events(events):
    gist, blocks = Gist(), {}
    for event in events:
        if event['type'] == 'content_block_start':
            blocks[event['index']] = {**event['content_block'], 'json': ''}
        elif event['type'] == 'content_block_delta':
            block, delta = blocks[event['index']], event['delta']
            for name in ('text', 'thinking'):
                block[name] = block.get(name, '') + delta.get(name, '')
            block['json'] += delta.get('partial_json', '')
        elif event['type'] == 'content_block_stop':
            block = blocks[event['index']]
            if block['json']:
                block['input'] = json.loads(block['json'])
            anthropic_block(gist, block)
        elif event['type'] == 'message_delta':
            gist.finish = finish(event['delta'].get('stop_reason')) or gist.finish
    # A stream that breaks off leaves its last block open.
    for block in list(blocks.values())[-1:] if events[-1]['type'] == 'error' else []:
        anthropic_block(gist, {**block, 'input': block['json']})
    return gist


def anthropic(body, stream):
    return anthropic_events(events_in(body)) if stream else anthropic_whole(json.loads(body))


# -- Gemini -------------------------------------------------------------------------------------

def gemini_part(gist, part):
    if 'functionCall' in part:
        gist.call(part['functionCall']['name'], part['functionCall'].get('args') or {})
    elif part.get('thought'):
        gist.reasoning += part.get('text') or ''
    else:
        gist.text += part.get('text') or ''


def gemini(body, stream):
    text = body.decode().strip()
    if text.startswith('['):
        answers = json.loads(text)
    else:
        answers = events_in(body) if stream else [json.loads(text)]
    gist, numbers = Gist(), {1: 'STOP', 2: 'MAX_TOKENS', 3: 'SAFETY'}
    for answer in answers:
        for candidate in (answer.get('candidates') or [])[:1]:
            for part in (candidate.get('content') or {}).get('parts') or []:
                gemini_part(gist, part)
            reason = candidate.get('finishReason')
            gist.finish = finish(numbers.get(reason, reason)) or gist.finish
        if (answer.get('promptFeedback') or {}).get('blockReason'):
            gist.finish = 'content_filter'
    return gist


# -- OpenAI's responses -------------------------------------------------------------------------

ENDS = ('response.completed', 'response.incomplete', 'response.failed')
DELTAS = {'response.output_text.delta': 'text', 'response.refusal.delta': 'text',
          'response.reasoning_summary_text.delta': 'reasoning', 'response.reasoning_text.delta': 'reasoning'}


def response_item(gist, item):
    if item['type'] == 'message':
        gist.text += ''.join(part.get('text') or part.get('refusal') or '' for part in item['content'])
        gist.refused = gist.refused or any('refusal' in part for part in item['content'])
    elif item['type'] == 'reasoning':
        said = (item.get('summary') or []) + (item.get('content') or [])
        gist.reasoning += ''.join(part.get('text') or '' for part in said)
    elif item['type'] == 'function_call':
        gist.call(item['name'], item['arguments'])


def responses(body, stream):
    gist, answer = Gist(), None
    if not stream:
        answer = json.loads(body)
    for event in events_in(body) if stream else []:
        if isinstance(event, dict) and event.get('type') in ENDS:
            answer = event['response']
    if answer is None:
        # The stream broke off: there is nothing but what came until then.
        for event in events_in(body):
            what = DELTAS.get(event.get('type'))
            if what:
                setattr(gist, what, getattr(gist, what) + event['delta'])
        return gist
    for item in answer['output']:
        response_item(gist, item)
    reason = (answer.get('incomplete_details') or {}).get('reason')
    gist.finish = {'max_output_tokens': 'length', 'content_filter': 'content_filter'}.get(reason, 'stop')
    return gist


# -- Bedrock's converse -------------------------------------------------------------------------

def frames(data):
    """(headers that are texts, payload) of AWS's event stream."""
    at = 0
    while at < len(data):
        total, heads = struct.unpack_from('>II', data, at)
        found, p = {}, at + 12
        while p < at + 12 + heads:
            size = data[p]
            name = data[p + 1:p + 1 + size].decode()
            kind, length = struct.unpack_from('>BH', data, p + 1 + size)
            assert kind == 7, kind
            p += 4 + size + length
            found[name] = data[p - length:p].decode()
        yield found, data[at + 12 + heads:at + total - 4]
        at += total


def converse_block(gist, block):
    gist.text += block.get('text', '')
    for piece in (block.get('citationsContent') or {}).get('content') or []:
        gist.text += piece.get('text', '')
    # Tools that the provider runs itself are no calls to the client.
    if 'toolUse' in block and block['toolUse'].get('type') != 'server_tool_use':
        gist.call(block['toolUse']['name'], block['toolUse']['input'])
    elif 'reasoningContent' in block:
        gist.reasoning += (block['reasoningContent'].get('reasoningText') or {}).get('text', '')


def converse(body, stream):
    gist, blocks = Gist(), {}
    if not stream:
        answer = json.loads(body)
        for block in answer['output']['message']['content']:
            converse_block(gist, block)
        gist.finish = finish(answer['stopReason'])
        return gist
    for heads, payload in frames(body):
        event, kind = json.loads(payload), heads.get(':event-type')
        index = event.get('contentBlockIndex')
        if kind == 'contentBlockStart':
            tool = event['start'].get('toolUse')
            blocks[index] = {'name': tool['name'], 'input': ''} if tool else {}
        elif kind == 'contentBlockDelta':
            delta = event['delta']
            gist.text += delta.get('text', '')
            gist.reasoning += (delta.get('reasoningContent') or {}).get('text', '')
            if 'toolUse' in delta:
                block = blocks.setdefault(index, {})
                block['input'] = block.get('input', '') + delta['toolUse']['input']
        elif kind == 'contentBlockStop' and 'name' in blocks.get(index, {}):
            gist.call(blocks[index]['name'], blocks[index]['input'])
        elif kind == 'messageStop':
            gist.finish = finish(event['stopReason'])
    return gist


# -- Cohere -------------------------------------------------------------------------------------

def cohere_whole(answer):
    gist, message = Gist(), answer['message']
    gist.reasoning += message.get('tool_plan') or ''
    for part in message.get('content') or []:
        gist.reasoning += part.get('thinking') or ''
        gist.text += part.get('text') or ''
    for call in message.get('tool_calls') or []:
        gist.call(call['function']['name'], call['function']['arguments'])
    gist.finish = finish(answer['finish_reason'])
    return gist


def cohere_events(events):
    gist, calls = Gist(), []
    for event in events:
        delta = event.get('delta') or {}
        message = delta.get('message') or {}
        content, call = message.get('content') or {}, message.get('tool_calls') or {}
        gist.reasoning += message.get('tool_plan') or ''
        if isinstance(content, dict):
            gist.reasoning += content.get('thinking') or ''
            gist.text += content.get('text') or ''
        if event['type'] == 'tool-call-start':
            calls.append([call['function']['name'], call['function'].get('arguments') or ''])
        elif event['type'] == 'tool-call-delta':
            calls[-1][1] += call['function']['arguments']
        gist.finish = finish(delta.get('finish_reason')) or gist.finish
    for name, arguments in calls:
        gist.call(name, arguments)
    return gist


def cohere(body, stream):
    if not stream:
        return cohere_whole(json.loads(body))
    return cohere_events([event for event in events_in(body) if event != '[DONE]'])


# By the index's names of endpoints.
READERS = {
    'chat.completions': openai_chat, 'messages': anthropic, 'generateContent': gemini, 'streamGenerateContent': gemini,
    'responses': responses, 'converse': converse, 'converse-stream': converse, 'v2.chat': cohere,
}
