/* SPDX-License-Identifier: MIT */
/* Calls of unknown cost are charged by the prices of the live view here. */
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/corrections.h"
#include "admin/objects.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "store/reprice.h"

#define DAY_MS INT64_C(86400000)
/* In one transaction, which keeps the writer waiting: a second or two. */
#define CALLS_MAX 100000
#define PPM INT64_C(1000000)

static bool cost_of(void *arg, const struct unpriced_call *call, int64_t *ret_cost, int64_t *ret_billed,
		    int64_t *ret_price_id)
{
	struct admin *a = arg;
	const struct price *price = view_price(admin_view(a), call->provider, call->model);
	const struct view_team *team = index_team(a, call->team_id);
	int64_t markup_ppm = team != NULL ? team->markup_ppm : 0;

	*ret_cost = price_cost(price, &call->usage, ret_price_id);
	if (*ret_cost == COST_UNKNOWN)
		return false;
	*ret_billed = money_add(*ret_cost, money_scale(*ret_cost, markup_ppm, PPM));
	return true;
}

int price_reprice(struct change *c, struct err *err)
{
	static const char *const members[] = {"since", "until", "model", NULL};
	struct admin *a = c->request->admin;
	int64_t from_ms = c->now_ms - 30 * DAY_MS, until_ms = c->now_ms;
	const char *model = NULL;
	struct repriced done;

	if (json_check_members(c->body, members, err) < 0 || json_read_text(c->body, "model", &model, err) < 0 ||
	    json_read_time(c->body, "since", c->now_ms, &from_ms, err) < 0 ||
	    json_read_time(c->body, "until", c->now_ms, &until_ms, err) < 0)
		return ERR_INVALID;
	change_names(c, "price", model != NULL ? model : "all");
	if (admin_view(a) == NULL)
		return err_set(err, ERR_INVALID, "there are no prices in force yet");
	if (ledger_reprice(c->db, from_ms, until_ms, model, CALLS_MAX, cost_of, a, &done, err) < 0)
		return err->code;
	c->extra = json_object();
	json_add_int(c->extra, "repriced", done.calls);
	json_add_int(c->extra, "still_unknown", done.still_unknown);
	json_add_money(c->extra, "cost_usd", done.cost_nusd);
	c->after = json_incref(c->extra);
	corrections_begin(a, 0);
	spend_cache_forget(&a->spend[SPEND_OF_TEAMS]);
	spend_cache_forget(&a->spend[SPEND_OF_KEYS]);
	a->overview.quarter = 0;
	return 0;
}
