/* SPDX-License-Identifier: MIT */
/* Counters of budgets are made equal to the ledger, when they are at rest, here. */
#include "admin/corrections.h"

#include <stdlib.h>

#include "admin/context.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/ledger_store.h"
#include "store/store.h"

#define EACH_MS 2000
/* In one round, so that nobody waits for this thread. */
#define ROUND 32
/* Longer than any call: what was open when a budget began is over then. */
#define LONGEST_CALL_MS INT64_C(900000)

/* A budget whose counter may lack something. */
struct correction {
	struct list_node node;
	struct budget_row row;          /* texts owned, but the scope */
	int64_t since_ms;
	struct budget_state seen;       /* in this round */
};

static void correction_free(struct correction *c)
{
	budget_row_release(&c->row);
	free(c);
}

void corrections_release(struct admin *a)
{
	struct list_node *n;

	while ((n = list_pop(&a->corrections.waiting)) != NULL)
		correction_free(CONTAINER_OF(n, struct correction, node));
}

/* True when there is nothing left to correct. */
static bool correct(struct admin *a, struct correction *c, int64_t now_ms, struct err *err)
{
	struct budget *live = index_budget(a, c->row.id);
	int64_t spent = 0;

	if (live == NULL)
		return true;
	if (ledger_spent(a->db, c->row.scope, c->row.scope_id, c->row.model, c->seen.from_ms, c->seen.until_ms, &spent,
			 err) < 0) {
		log_warn("correcting budget %lld: %s", (long long)c->row.id, err->text);
		return false;
	}
	return budget_correct(live, &c->seen, spent) && now_ms - c->since_ms > LONGEST_CALL_MS;
}

/* What settled before a counter was read is in the ledger when it is asked: read, flush, ask. */
static void round_of(struct admin *a, int64_t now_ms)
{
	struct list *waiting = &a->corrections.waiting;
	size_t num = waiting->count < ROUND ? waiting->count : ROUND, seen = 0;
	struct err err = {0};

	LIST_EACH(waiting, n) {
		struct correction *c = CONTAINER_OF(n, struct correction, node);
		struct budget *live = index_budget(a, c->row.id);

		if (seen++ == num)
			break;
		if (live != NULL)
			budget_read(live, now_ms, &c->seen);
	}
	if (!admin_flush(a))
		return;
	for (size_t i = 0; i < num; i++) {
		struct correction *c = CONTAINER_OF(list_pop(waiting), struct correction, node);

		if (correct(a, c, now_ms, &err))
			correction_free(c);
		else
			list_append(waiting, &c->node);
	}
}

static void on_timer(struct loop_timer *timer)
{
	struct admin *a = CONTAINER_OF(timer, struct admin, corrections.timer);

	round_of(a, clock_wall_ms());
	if (!list_is_empty(&a->corrections.waiting))
		loop_timer_after(a->loop, timer, EACH_MS);
}

void corrections_init(struct admin *a)
{
	a->corrections.timer.fire = on_timer;
	list_init(&a->corrections.waiting);
}

/* -- what to correct ----------------------------------------------------------------------------- */

struct search {
	struct admin *admin;
	int64_t since_ms, now_ms;
};

static struct correction *find(struct admin *a, int64_t id)
{
	LIST_EACH(&a->corrections.waiting, n) {
		struct correction *c = CONTAINER_OF(n, struct correction, node);

		if (c->row.id == id)
			return c;
	}
	return NULL;
}

static int add(void *arg, const struct budget_row *row)
{
	struct search *s = arg;
	struct correction *c;

	if (row->created_at < s->since_ms)
		return 0;
	c = find(s->admin, row->id);
	if (c == NULL) {
		c = xcalloc(1, sizeof(*c));
		c->row = *row;
		c->row.model = xstrdup(row->model);
		c->row.window = xstrdup(row->window);
		c->row.mode = xstrdup(row->mode);
		list_append(&s->admin->corrections.waiting, &c->node);
	}
	c->since_ms = s->now_ms;
	return 0;
}

void corrections_begin(struct admin *a, int64_t since_ms)
{
	struct search s = {a, since_ms, clock_wall_ms()};
	struct err err = {0};

	if (a->loop == NULL)
		return;
	if (budget_list(a->db, add, &s, &err) < 0)
		log_warn("looking for budgets to correct: %s", err.text);
	if (!list_is_empty(&a->corrections.waiting))
		loop_timer_after(a->loop, &a->corrections.timer, EACH_MS);
}
