/* SPDX-License-Identifier: MIT */
/*
 * The last bytes of answers leave here: at once, or (durability: power) at the end of the turn, when
 * the records of all calls that were settled in it have been handed to the disk together.
 */
#include "gateway/attempt_private.h"
#include "gateway/call.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

static void send_now(struct call *call)
{
	const struct buf *out = &call->attempt.out;

	if (call->answer.status == 0) {
		httpd_write(call->request, out->data, out->len);
		httpd_end(call->request);
	} else {
		httpd_reply(call->request, call->answer.status, call->answer.content_type, out->data, out->len);
	}
	attempt_shrink(&call->attempt.out);
}

/* What is not on the disk must not be called done. */
static void withhold(struct call *call)
{
	if (call->answer.status == 0)
		httpd_abort(call->request);
	else
		reply_stray(call->request, call->dialect, REPLY_STORAGE, "the ledger's disk does not take records");
}

static void send_synced(struct loop_task *task)
{
	struct gateway *g = CONTAINER_OF(task, struct gateway, sync);
	struct list_node *n;
	struct err err;
	bool synced = journal_sync(g->journal, &err) == 0;

	if (!synced)
		log_error("journal: %s", err.text);
	while ((n = list_pop(&g->unsynced)) != NULL) {
		struct call *call = CONTAINER_OF(n, struct call, answer.node);

		if (synced)
			send_now(call);
		else
			withhold(call);
	}
}

void gateway_init_answers(struct gateway *g)
{
	list_init(&g->unsynced);
	g->sync.run = send_synced;
}

static void send_when_durable(struct call *call)
{
	struct gateway *g = call->gateway;

	if (!g->power_safe) {
		send_now(call);
		return;
	}
	list_append(&g->unsynced, &call->answer.node);
	loop_defer(g->loop, &g->sync);
}

void call_send_answer(struct call *call, int status, const char *content_type)
{
	call->answer.status = (unsigned)status;
	call->answer.content_type = content_type;
	send_when_durable(call);
}

void call_send_end(struct call *call)
{
	call->answer.status = 0;
	send_when_durable(call);
}

void call_forget_answer(struct call *call)
{
	if (list_contains(&call->answer.node))
		list_remove(&call->gateway->unsynced, &call->answer.node);
}
