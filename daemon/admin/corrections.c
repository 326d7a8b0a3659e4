/* SPDX-License-Identifier: MIT */
/* Counters of budgets are made equal to the ledger, when they are at rest, here. */
#include "admin/corrections.h"

#include "admin/context.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/ledger_store.h"
#include "store/store.h"

#define EACH_MS 2000
/* Longer than any call: those that were open when a budget began are over then. */
#define YOUNG_MS INT64_C(900000)

struct sweep {
	struct admin *admin;
	int64_t now_ms;
	struct err *err;
};

static int correct_one(void *arg, const struct budget_row *row)
{
	struct sweep *s = arg;
	struct budget *live = index_budget(s->admin, row->id);
	struct budget_state state;
	int64_t spent = 0;

	if (live == NULL || (!s->admin->correct_all && row->created_at < s->now_ms - YOUNG_MS))
		return 0;
	budget_read(live, s->now_ms, &state);
	/* What settled before the counter was read is in the ledger when it is asked. */
	admin_flush(s->admin);
	if (ledger_spent(s->admin->db, row->scope, row->scope_id, row->model, state.from_ms, state.until_ms, &spent,
			 s->err) < 0)
		return s->err->code;
	if (spent != state.spent_nusd)
		budget_correct(live, &state, spent);
	return 0;
}

static void sweep(struct loop_timer *timer)
{
	struct admin *a = CONTAINER_OF(timer, struct admin, correct);
	struct err err = {0};
	struct sweep s = {a, clock_wall_ms(), &err};

	if (budget_list(a->db, correct_one, &s, &err) < 0)
		log_warn("correcting budgets: %s", err.text);
	if (s.now_ms < a->correct_until_ms)
		loop_timer_after(a->loop, timer, EACH_MS);
	else
		a->correct_all = false;
}

void corrections_init(struct admin *a)
{
	a->correct.fire = sweep;
}

void corrections_begin(struct admin *a, bool all)
{
	if (a->loop == NULL)
		return;
	a->correct_until_ms = clock_wall_ms() + YOUNG_MS;
	a->correct_all |= all;
	loop_timer_after(a->loop, &a->correct, EACH_MS);
}
