/* SPDX-License-Identifier: MIT */
/* Answers that need no provider are given here. */
#include "gateway/call.h"

#include <string.h>

#include "dialects/message.h"
#include "dialects/provider_kind.h"
#include "routing/health.h"
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

/* Whether a provider counts for this client.  Not every server that speaks like OpenAI does; where nobody asked
 * for OpenAI's way of counting, only OpenAI itself is asked. */
static bool is_counted_there(const struct call *call, const struct view_target *target)
{
	const struct view_provider *p = target->provider;
	unsigned missing = health_missing(target->health, loop_now_us(call->gateway->loop));
	const struct endpoint *e;

	e = provider_endpoint_but(p->kind, p->options, target->model, missing, call->dialect);
	if (e == NULL || e->dialect == call->dialect || e->option == NULL)
		return e != NULL;
	return p->kind->base_url != NULL && strcmp(p->base_url, p->kind->base_url) == 0;
}

bool call_answer_itself(struct call *call, const struct view_target *target)
{
	if (call->dialect->operation != OPERATION_COUNT || is_counted_there(call, target))
		return false;
	call_answer_count(call, target);
	return true;
}
