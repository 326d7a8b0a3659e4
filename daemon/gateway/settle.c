/* SPDX-License-Identifier: MIT */
/*
 * Every ending of a call, expected or not, comes through here, once: usage becomes cost, what was
 * held is given back, the record goes into the journal.  Were there a second place, money would be
 * lost there.
 */
#include "gateway/call.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "store/writer.h"

/* A count that is ours makes the cost an estimate. */
static bool is_estimated(const struct usage *usage)
{
	return usage->source[USAGE_INPUT] == USAGE_ESTIMATED || usage->source[USAGE_OUTPUT] == USAGE_ESTIMATED;
}

/* What the attempt that delivered something came to. */
static void take_outcome(struct call *call)
{
	const struct attempt *attempt = &call->attempt;
	struct call_record *record = &call->record;

	if (!attempt->has_outcome)
		return;
	record->usage = attempt->outcome.usage;
	record->finish = (uint8_t)attempt->outcome.finish;
	if (attempt->target->provider->kind->simulated)
		record->flags |= CALL_SIMULATED;
	record->cost_nusd = price_cost(attempt->target->price, &record->usage, &record->price_id);
	record->billed_nusd = record->cost_nusd == COST_UNKNOWN
				      ? COST_UNKNOWN
				      : money_add(record->cost_nusd, money_scale(record->cost_nusd, call->key->team->markup_ppm, 1000000));
	if (is_estimated(&record->usage))
		record->flags |= CALL_ESTIMATED;
}

/* A call for which no provider can charge cost nothing: that is known, not unknown, and no price led to it. */
static void cost_of_nothing(struct call *call)
{
	struct call_record *record = &call->record;

	if (call_is_free(call) || (!call->attempt.has_outcome && !call->may_bill))
		record->cost_nusd = record->billed_nusd = record->price_id = 0;
}

static void take_times(struct call *call)
{
	struct call_record *record = &call->record;
	uint64_t now = clock_mono_us();
	int64_t own;

	record->total_us = now > call->started_us ? (int64_t)(now - call->started_us) : 0;
	record->upstream_us = (int64_t)call->upstream_us;
	own = record->total_us - record->upstream_us;
	record->gateway_us = own > 0 ? own : 0;
}

static void release_budgets(struct call *call)
{
	int64_t cost = call->record.cost_nusd != COST_UNKNOWN ? call->record.cost_nusd : 0;

	for (unsigned i = 0; i < call->num_reservations; i++)
		budget_settle(&call->reservations[i], cost);
	call->num_reservations = 0;
	for (unsigned i = 0; i < call->attempt.num_reservations; i++)
		budget_settle(&call->attempt.reservations[i], cost);
	call->attempt.num_reservations = 0;
}

static void release_limits(struct call *call)
{
	const struct usage *usage = &call->record.usage;
	int64_t tokens = call_is_free(call) ? 0 : usage_get(usage, USAGE_INPUT) + usage_get(usage, USAGE_OUTPUT);

	for (size_t i = 0; i < ARRAY_LEN(call->limits); i++) {
		if (call->limits[i] != NULL)
			limit_end(call->limits[i], call->admitted_us, call->reserved_tokens, tokens);
		call->limits[i] = NULL;
	}
}

/* What callers call themselves is shown, grouped by and sent on as JSON. */
static void repair_labels(struct call_record *r)
{
	text_repair(r->asked);
	text_repair(r->app);
	text_repair(r->user);
	text_repair(r->session);
	text_repair(r->tags);
}

static void write_record(struct call *call)
{
	struct gateway *g = call->gateway;

	if (call->slot == NULL)
		return;
	repair_labels(&call->record);
	journal_append(g->journal, call->slot, &call->record);
	call->slot = NULL;
	writer_wake(g->writer);
}

static void count(struct call *call)
{
	struct worker_stats *stats = call->gateway->stats;

	atomic_fetch_sub_explicit(&stats->open, 1, memory_order_relaxed);
	if (call->record.status >= 400 || call->record.result == CALL_FAILED)
		atomic_fetch_add_explicit(&stats->errors, 1, memory_order_relaxed);
}

void call_settle(struct call *call, enum call_result result, int status, enum reply_error error)
{
	struct call_record *record = &call->record;

	assert(call->step != STEP_SETTLED);
	assert(!call->attempt.live);
	record->result = (uint8_t)result;
	record->status = status;
	copy_text(record->error, sizeof(record->error), reply_code(error));
	take_outcome(call);
	cost_of_nothing(call);
	take_times(call);
	release_budgets(call);
	release_limits(call);
	if (record->usage.source[USAGE_OUTPUT] != USAGE_NONE && result == CALL_ANSWERED)
		usual_output_learn(call->gateway, record->asked, usage_get(&record->usage, USAGE_OUTPUT));
	write_record(call);
	count(call);
	call_goto(call, STEP_SETTLED);
}
