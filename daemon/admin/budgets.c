/* SPDX-License-Identifier: MIT */
/* Budgets are read from bodies, and shown with how they stand, here. */
#include "admin/budgets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "budget/window.h"
#include "store/ledger_store.h"
#include "store/store.h"

/* On one thing; a call reserves from every one that names it (CALL_RESERVATIONS, ATTEMPT_RESERVATIONS). */
#define BUDGETS_MAX 8
#define PROVIDER_BUDGETS_MAX 4

static const char *const modes[] = {"standard", "strict", NULL};

static int check_mode(const char *mode, struct err *err)
{
	if (strcmp(mode, modes[0]) == 0 || strcmp(mode, modes[1]) == 0)
		return 0;
	return err_set(err, ERR_INVALID, "budget_mode: expected standard or strict, found %.40s", mode);
}

/* -- the rows of a scope as a list --------------------------------------------------------------- */

struct rows {
	struct budget_row row[2 * BUDGETS_MAX]; /* texts are owned copies; room for one change's too many */
	size_t num;
};

static int add_row(void *arg, const struct budget_row *row)
{
	struct rows *rows = arg;

	if (rows->num == ARRAY_LEN(rows->row))
		return 0;
	rows->row[rows->num] = *row;
	rows->row[rows->num].model = xstrdup(row->model);
	rows->row[rows->num].window = xstrdup(row->window);
	rows->row[rows->num].mode = xstrdup(row->mode);
	rows->num++;
	return 0;
}

static void rows_release(struct rows *rows)
{
	for (size_t i = 0; i < rows->num; i++)
		budget_row_release(&rows->row[i]);
	rows->num = 0;
}

static int read_rows(struct db *db, const char *scope, int64_t scope_id, struct rows *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	return budget_list_of(db, scope, scope_id, add_row, ret, err);
}

static bool is_plain(const struct budget_row *row)
{
	return row->model[0] == '\0' && row->utc_offset_min == 0;
}

/* -- writing ------------------------------------------------------------------------------------- */

static int put(const struct change *c, const char *scope, int64_t scope_id, const char *model,
	       int64_t amount_nusd, const char *window, const char *mode, int64_t utc_offset_min,
	       struct err *err)
{
	struct budget_row row = {
		.scope = scope,
		.scope_id = scope_id,
		.model = (char *)model,
		.amount_nusd = amount_nusd,
		.window = (char *)window,
		.mode = (char *)mode,
		.utc_offset_min = utc_offset_min,
		.created_at = c->now_ms,
	};

	return budget_put(c->db, &row, err);
}

/* The plain budgets (all, where the body is exact) but the plain one of this window (NULL: none) go. */
static int delete_plain(const struct change *c, const struct rows *rows, const char *keep, struct err *err)
{
	for (size_t i = 0; i < rows->num; i++) {
		const struct budget_row *row = &rows->row[i];

		bool is_kept = row->model[0] == '\0' && keep != NULL && strcmp(row->window, keep) == 0;

		if ((row->model[0] == '\0' || c->exact) && !is_kept && budget_delete(c->db, row->id, err) < 0)
			return err->code;
	}
	return 0;
}

static const struct budget_row *plain_of(const struct rows *rows)
{
	for (size_t i = 0; i < rows->num; i++)
		if (rows->row[i].model[0] == '\0')
			return &rows->row[i];
	return NULL;
}

static int write_plain(const struct change *c, const char *scope, int64_t scope_id, const struct rows *rows,
		       struct err *err)
{
	const char *given = NULL, *mode = NULL;
	const struct budget_row *old = plain_of(rows);
	enum window_kind kind;
	int64_t amount;

	if (json_read_text(c->body, "budget", &given, err) < 0 ||
	    json_read_text(c->body, "budget_mode", &mode, err) < 0)
		return ERR_INVALID;
	if (mode != NULL && check_mode(mode, err) < 0)
		return ERR_INVALID;
	if (field_is_null(c->body, "budget"))
		return delete_plain(c, rows, NULL, err);
	if (given == NULL && (mode == NULL || old == NULL))
		return 0;
	if (given == NULL)
		return put(c, scope, scope_id, "", old->amount_nusd, old->window, mode, old->utc_offset_min, err);
	if (!window_parse_budget(given, &amount, &kind))
		return err_set(err, ERR_INVALID,
			       "budget: expected an amount and a window such as 500/month or 12.50/day, found %.40s",
			       given);
	if (delete_plain(c, rows, window_name(kind), err) < 0)
		return err->code;
	return put(c, scope, scope_id, "", amount, window_name(kind),
		   mode != NULL ? mode : old != NULL ? old->mode : "standard",
		   old != NULL ? old->utc_offset_min : 0, err);
}

static int write_one(const struct change *c, const char *scope, int64_t scope_id, json_t *item, struct err *err)
{
	/* The last four are what GET adds: a list that was shown can be put back. */
	static const char *const members[] = {"amount_usd", "window",        "model",     "mode",         "utc_offset_min",
					      "spent_usd",  "reserved_usd", "resets_at", "counted_from", NULL};
	const char *window = NULL, *model = "", *mode = "standard";
	int64_t amount = COST_UNKNOWN, offset = 0;
	enum window_kind kind;

	if (json_check_members(item, members, err) < 0 ||
	    json_read_money(item, "amount_usd", &amount, err) < 0 ||
	    json_read_text(item, "window", &window, err) < 0 || json_read_text(item, "model", &model, err) < 0 ||
	    json_read_text(item, "mode", &mode, err) < 0 || check_mode(mode, err) < 0 ||
	    json_read_int(item, "utc_offset_min", -14 * 60, 14 * 60, &offset, err) < 0)
		return err_wrap(err, "budgets");
	if (amount == COST_UNKNOWN || amount < 0)
		return err_set(err, ERR_INVALID, "budgets: amount_usd: expected an amount such as \"500\"");
	if (window == NULL || !window_parse(window, &kind))
		return err_set(err, ERR_INVALID,
			       "budgets: window: expected hour, day, week, month, year or total");
	if (*model != '\0' && !text_is_model(model))
		return err_set(err, ERR_INVALID, "budgets: model: expected a chain or a model, found %.80s", model);
	return put(c, scope, scope_id, model, amount, window, mode, offset, err);
}

/* Whether the list has one of this model and window, which are what a budget is known by. */
static bool list_names(json_t *list, const struct budget_row *row)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *model = json_text_peek(item, "model"), *window = json_text_peek(item, "window");

		if (strcmp(model != NULL ? model : "", row->model) == 0 && strcmp(window, row->window) == 0)
			return true;
	}
	return false;
}

/* Those that stay keep their row, and with it their counter. */
static int write_list(const struct change *c, const char *scope, int64_t scope_id, json_t *list,
		      const struct rows *rows, struct err *err)
{
	json_t *item;
	size_t i;

	if (!json_is_array(list) && !json_is_null(list))
		return err_set(err, ERR_INVALID, "budgets: expected a list, found %s", json_type_name(list));
	if (json_array_size(list) > BUDGETS_MAX)
		return err_set(err, ERR_INVALID, "budgets: at most %d", BUDGETS_MAX);
	json_array_foreach(list, i, item)
		if (write_one(c, scope, scope_id, item, err) < 0)
			return err->code;
	for (i = 0; i < rows->num; i++)
		if (!list_names(list, &rows->row[i]) && budget_delete(c->db, rows->row[i].id, err) < 0)
			return err->code;
	return 0;
}

static int check_number(const struct change *c, const char *scope, int64_t scope_id, struct err *err)
{
	size_t max = strcmp(scope, "provider") == 0 ? PROVIDER_BUDGETS_MAX : BUDGETS_MAX;
	struct rows rows;
	int rc = read_rows(c->db, scope, scope_id, &rows, err);

	if (rc == 0 && rows.num > max)
		rc = err_set(err, ERR_INVALID, "budgets: a %s has at most %zu", scope, max);
	rows_release(&rows);
	return rc;
}

int budgets_write(const struct change *c, const char *scope, int64_t scope_id, struct err *err)
{
	json_t *list = json_object_get(c->body, "budgets");
	struct rows rows;
	int rc;

	if (list != NULL && json_object_get(c->body, "budget") != NULL)
		return err_set(err, ERR_INVALID, "budgets: say either budget or budgets, not both");
	rc = read_rows(c->db, scope, scope_id, &rows, err);
	if (rc == 0)
		rc = list != NULL ? write_list(c, scope, scope_id, list, &rows, err) :
				    write_plain(c, scope, scope_id, &rows, err);
	rows_release(&rows);
	return rc == 0 ? check_number(c, scope, scope_id, err) : rc;
}

/* -- showing ------------------------------------------------------------------------------------- */

static json_t *row_body(const struct budget_row *row)
{
	json_t *item = json_object();

	json_add_money(item, "amount_usd", row->amount_nusd);
	json_add_text(item, "window", row->window);
	json_add_text(item, "model", row->model[0] != '\0' ? row->model : NULL);
	json_add_text(item, "mode", row->mode);
	json_add_int(item, "utc_offset_min", row->utc_offset_min);
	return item;
}

int budgets_add_body(struct db *db, const char *scope, int64_t scope_id, json_t *object, struct err *err)
{
	struct rows rows;
	int rc = read_rows(db, scope, scope_id, &rows, err);

	if (rc == 0 && rows.num == 0) {
		json_add(object, "budget", NULL);
	} else if (rc == 0 && rows.num == 1 && is_plain(&rows.row[0])) {
		char amount[MONEY_TEXT], text[MONEY_TEXT + 16];

		snprintf(text, sizeof(text), "%s/%s", money_format(rows.row[0].amount_nusd, amount),
			 rows.row[0].window);
		json_add_text(object, "budget", text);
		json_add_text(object, "budget_mode", rows.row[0].mode);
	} else if (rc == 0) {
		json_t *list = json_array();

		for (size_t i = 0; i < rows.num; i++)
			json_array_append_new(list, row_body(&rows.row[i]));
		json_add(object, "budgets", list);
	}
	rows_release(&rows);
	return rc;
}

/* The live counter where there is one; else (its team has no key yet) what the ledger says. */
static int read_state(struct admin *a, const struct budget_row *row, int64_t now_ms, struct budget_state *ret,
		      struct err *err)
{
	struct budget *live = index_budget(a, row->id);
	struct window window = {.utc_offset_min = (int)row->utc_offset_min};

	if (live != NULL) {
		budget_read(live, now_ms, ret);
		return 0;
	}
	memset(ret, 0, sizeof(*ret));
	ret->amount_nusd = row->amount_nusd;
	window_parse(row->window, &window.kind);
	window_bounds(window, now_ms, &ret->from_ms, &ret->until_ms);
	return ledger_spent(a->db, row->scope, row->scope_id, row->model, ret->from_ms, ret->until_ms,
			    &ret->spent_nusd, err);
}

static json_t *row_show(struct admin *a, const struct budget_row *row, struct err *err)
{
	struct budget_state state;
	int64_t counted_ms;
	json_t *item;

	if (read_state(a, row, clock_wall_ms(), &state, err) < 0 ||
	    ledger_spent_since(a->db, row->scope, row->scope_id, row->model, state.from_ms, &counted_ms, err) < 0)
		return NULL;
	item = row_body(row);
	json_add_money(item, "spent_usd", state.spent_nusd);
	json_add_money(item, "reserved_usd", state.reserved_nusd);
	json_add_time(item, "resets_at", state.until_ms != INT64_MAX ? state.until_ms : 0);
	/* Where calls were deleted before the budget came, what they cost is not in it. */
	json_add_time(item, "counted_from", counted_ms > state.from_ms ? counted_ms : 0);
	return item;
}

json_t *budgets_show(struct admin *a, const char *scope, int64_t scope_id, struct err *err)
{
	struct rows rows;
	json_t *list = json_array();

	if (read_rows(a->db, scope, scope_id, &rows, err) < 0)
		goto fail;
	for (size_t i = 0; i < rows.num; i++) {
		json_t *item = row_show(a, &rows.row[i], err);

		if (item == NULL)
			goto fail;
		json_array_append_new(list, item);
	}
	rows_release(&rows);
	return list;
fail:
	rows_release(&rows);
	json_decref(list);
	return NULL;
}

/* Whether a is further used up than b: a.spent / a.amount > b.spent / b.amount, without dividing. */
static bool is_nearer(const struct budget_state *a, const struct budget_state *b)
{
	return (__int128)a->spent_nusd * b->amount_nusd > (__int128)b->spent_nusd * a->amount_nusd;
}

int budgets_leading(struct admin *a, const char *scope, int64_t scope_id, int64_t now_ms,
		    struct leading_budget *ret, struct err *err)
{
	struct rows rows;
	int rc = read_rows(a->db, scope, scope_id, &rows, err);

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; rc == 0 && i < rows.num; i++) {
		struct budget_state state;

		if (rows.row[i].model[0] != '\0')
			continue;
		rc = read_state(a, &rows.row[i], now_ms, &state, err);
		if (rc < 0 || (ret->found && !is_nearer(&state, &ret->state)))
			continue;
		ret->found = true;
		ret->state = state;
		copy_text(ret->window, sizeof(ret->window), rows.row[i].window);
	}
	rows_release(&rows);
	return rc;
}
