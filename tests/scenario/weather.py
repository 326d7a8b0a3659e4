# SPDX-License-Identifier: MIT
"""Providers of each family that think and ask for the weather (asks: in a stream), and answer from what they are told."""
import json

from upstream import *
from upstream import anthropic_answer, ok, openai_answer, openai_usage, responses_answer

SIGNED = 'c2lnbmVk'


def events(exchange, *found):
    exchange.head(200, {'content-type': 'text/event-stream'})
    for event in found:
        name = f'event: {event["type"]}\n' if 'type' in event else ''
        exchange.chunk(f'{name}data: {json.dumps(event)}\n\n'.encode())
    exchange.end()


def chat_asks(exchange):
    def chunk(delta, reason=None):
        return {'id': 'chatcmpl-1', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'm',
                'choices': [{'index': 0, 'delta': delta, 'finish_reason': reason}]}
    events(exchange, chunk({'role': 'assistant', 'content': '', 'reasoning_content': 'Let me look.'}),
           chunk({'tool_calls': [{'index': 0, 'id': 'call_1', 'type': 'function', 'function': {'name': 'weather', 'arguments': ''}}]}),
           chunk({'tool_calls': [{'index': 0, 'function': {'arguments': '{"city":'}}]}),
           chunk({'tool_calls': [{'index': 0, 'function': {'arguments': ' "Oslo"}'}}]}), chunk({}, 'tool_calls'),
           {**chunk({}), 'choices': [], 'usage': openai_usage((30, 12))})


def anthropic_asks(exchange):
    def block(index, start, *deltas):
        return [{'type': 'content_block_start', 'index': index, 'content_block': start},
                *({'type': 'content_block_delta', 'index': index, 'delta': delta} for delta in deltas),
                {'type': 'content_block_stop', 'index': index}]
    events(exchange, {'type': 'message_start', 'message': {**anthropic_answer('m', '', (30, 1)), 'content': [], 'stop_reason': None}},
           *block(0, {'type': 'thinking', 'thinking': '', 'signature': ''},
                  {'type': 'thinking_delta', 'thinking': 'Let me look.'}, {'type': 'signature_delta', 'signature': SIGNED}),
           *block(1, {'type': 'tool_use', 'id': 'call_1', 'name': 'weather', 'input': {}},
                  {'type': 'input_json_delta', 'partial_json': '{"city":'}, {'type': 'input_json_delta', 'partial_json': ' "Oslo"}'}),
           {'type': 'message_delta', 'delta': {'stop_reason': 'tool_use', 'stop_sequence': None}, 'usage': {'output_tokens': 12}},
           {'type': 'message_stop'})


def responses_ask(exchange):
    call = {'id': 'fc_1', 'type': 'function_call', 'status': 'completed', 'call_id': 'call_1', 'name': 'weather', 'arguments': '{"city": "Oslo"}'}
    thought = {'id': 'rs_1', 'type': 'reasoning', 'encrypted_content': SIGNED, 'summary': [{'type': 'summary_text', 'text': 'Let me look.'}]}
    whole = {**responses_answer('m', '', (30, 12)), 'output': [thought, call]}
    begun = {**whole, 'status': 'in_progress', 'output': [], 'usage': None}
    found = [{'type': 'response.created', 'response': begun},
             {'type': 'response.output_item.added', 'output_index': 0, 'item': {**thought, 'summary': []}},
             {'type': 'response.reasoning_summary_part.added', 'item_id': 'rs_1', 'output_index': 0, 'summary_index': 0, 'part': {'type': 'summary_text', 'text': ''}},
             {'type': 'response.reasoning_summary_text.delta', 'item_id': 'rs_1', 'output_index': 0, 'summary_index': 0, 'delta': 'Let me look.'},
             {'type': 'response.output_item.done', 'output_index': 0, 'item': thought},
             {'type': 'response.output_item.added', 'output_index': 1, 'item': {**call, 'status': 'in_progress', 'arguments': ''}},
             {'type': 'response.function_call_arguments.delta', 'item_id': 'fc_1', 'output_index': 1, 'delta': '{"city":'},
             {'type': 'response.function_call_arguments.delta', 'item_id': 'fc_1', 'output_index': 1, 'delta': ' "Oslo"}'},
             {'type': 'response.function_call_arguments.done', 'item_id': 'fc_1', 'output_index': 1, 'arguments': '{"city": "Oslo"}'},
             {'type': 'response.output_item.done', 'output_index': 1, 'item': call},
             {'type': 'response.completed', 'response': whole}]
    events(exchange, *({**event, 'sequence_number': number} for number, event in enumerate(found)))


def asks_whole(exchange):
    if exchange.is_anthropic:
        answer = {**anthropic_answer('m', '', (30, 12)), 'stop_reason': 'tool_use', 'content': [
            {'type': 'tool_use', 'id': 'call_1', 'name': 'weather', 'input': {'city': 'Oslo'}}]}
    else:
        answer = openai_answer('m', None, (30, 12))
        answer['choices'][0].update(finish_reason='tool_calls', message={'role': 'assistant', 'content': None, 'tool_calls': [
            {'id': 'call_1', 'type': 'function', 'function': {'name': 'weather', 'arguments': '{"city": "Oslo"}'}}]})
    exchange.answer(200, answer)


def asks(exchange):
    behave = anthropic_asks if exchange.is_anthropic else responses_ask if exchange.is_responses else chat_asks
    behave(exchange)


def after_tool(with_signature=True):
    """Answers from the tool's result, or says that it did not arrive; so must the signature, where there was one."""
    def behave(exchange):
        sent = json.dumps(exchange.request.body)
        signed = SIGNED in sent or not (with_signature and (exchange.is_anthropic or exchange.is_responses))
        ok('21 degrees in Oslo' if '21 degrees' in sent and 'Oslo' in sent and signed else 'no result came', (50, 6))(exchange)
    return behave
