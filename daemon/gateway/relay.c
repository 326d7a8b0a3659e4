/* SPDX-License-Identifier: MIT */
/* What a target answers goes to the client here: piece by piece, and its last bytes once the call is settled. */
#include "gateway/attempt_private.h"

#include "base/clock.h"
#include "gateway/call.h"

static void note_first_byte(struct call *call)
{
	struct attempt *a = &call->attempt;
	uint64_t now = clock_mono_us();

	if (call->record.first_byte_us < 0)
		call->record.first_byte_us = (int64_t)(now - call->started_us);
	if (a->first_byte_us == 0)
		a->first_byte_us = now;
}

/* Puts out what one feed produced; the first bytes begin the answer. */
void attempt_relay(struct call *call)
{
	struct attempt *a = &call->attempt;

	if (a->out.len == 0)
		return;
	note_first_byte(call);
	if (call->step != STEP_RELAY) {
		reply_headers(call, COST_UNKNOWN);
		httpd_stream(call->request, 200, interpreter_content_type(a->interpreter));
		call_goto(call, STEP_RELAY);
	}
	a->client_is_full = !httpd_write(call->request, a->out.data, a->out.len);
	/* From now on it is the client who keeps us waiting, and the deadline that bounds it. */
	if (a->client_is_full)
		loop_timer_clear(call->gateway->loop, &a->timer);
	call->slot->output_bytes += (int64_t)a->out.len;
	buf_clear(&a->out);
}

void attempt_finish(struct call *call)
{
	struct attempt *a = &call->attempt;
	struct interpreter *interpreter = a->interpreter;
	bool streaming = call->step == STEP_RELAY;

	note_first_byte(call);
	a->interpreter = NULL;
	attempt_conclude(call, ATTEMPT_OK, NULL);
	if (!streaming)
		reply_headers(call, call_is_free(call) ? 0 : price_cost(a->target->price, &a->outcome.usage, NULL));
	call_settle(call, CALL_ANSWERED, 200, REPLY_NONE);
	interpreter_close(interpreter, call->record.cost_nusd, &a->out);
	if (streaming)
		call_send_end(call);
	else
		call_send_answer(call, 200, interpreter_content_type(interpreter));
	interpreter_free(interpreter);
}
