/* SPDX-License-Identifier: MIT */
/* Answers that need no provider are given here. */
#include "gateway/call.h"

#include "dialects/message.h"
#include "dialects/provider_kind.h"
#include "routing/view.h"

/* Counted by its length, as for every other estimate. */
void call_answer_count(struct call *call, const struct view_target *target)
{
	const struct writing writing = {.id = "", .model = target->model, .created_s = loop_wall_ms(call->gateway->loop) / 1000};
	struct answer answer = {.choices = NULL};
	struct usage *usage = &answer.reading.usage;

	usage_init(usage);
	usage_set(usage, USAGE_INPUT, call->facts.input_estimate, USAGE_ESTIMATED);
	call->record.usage = *usage;
	call->record.flags |= CALL_ESTIMATED;
	reply_headers(call, 0);
	call_settle(call, CALL_ANSWERED, 200, REPLY_NONE);
	call->dialect->write_answer(&writing, &answer, 0, &call->attempt.out);
	call_send_answer(call, 200, "application/json");
}

bool call_answer_itself(struct call *call, const struct view_target *target)
{
	const struct view_provider *p = target->provider;

	if (call->dialect->operation != OPERATION_COUNT ||
	    provider_endpoint_with(p->kind, p->options, target->model, call->dialect) != NULL)
		return false;
	call_answer_count(call, target);
	return true;
}
