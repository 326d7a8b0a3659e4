/* SPDX-License-Identifier: MIT */
/*
 * Calls are charged by the prices that held when they were made: those of unknown cost, and on demand those
 * that were charged already.
 *
 * It is done page by page on the loop of this thread, each page a transaction of some milliseconds, so that
 * neither the writer nor anybody who asks waits for it.  Rows, rollups, the totals in the audit entry and, behind
 * the commit, the counters of budgets move together; whatever ends it in the middle, the books are right and
 * beginning again does the rest.
 *
 * billed keeps the markup a call was charged with: today's where that is what the row says, else the row's own
 * ratio of billed to cost.  A call that had no cost is billed with today's.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/events.h"
#include "admin/objects.h"
#include "admin/prices.h"
#include "admin/reprice_sums.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/money.h"
#include "routing/price_book.h"
#include "store/price_dates.h"
#include "store/reprice.h"

#define DAY_MS INT64_C(86400000)
#define PPM INT64_C(1000000)
/* Between two pages that were written: longer than one takes, so that the writer finds the database free. */
#define PAUSE_MS 20

struct job {
	struct admin *admin;
	struct admin_request *request;
	struct change change;           /* its audit entry says how far this has come */
	bool dry_run;
	json_t *body;                   /* what query points into; owned */
	struct reprice_query query;
	struct reprice_page page;
	struct reprice_sums *sums;
	struct loop_timer timer;        /* the next page */

	/* Prices of the calls at hand: they hold in [book_from, book_until), as the view of book_generation has it. */
	struct price_book book;
	int64_t book_from, book_until, book_generation;
};

static void job_free(struct job *job)
{
	if (job->admin->loop != NULL)
		loop_timer_clear(job->admin->loop, &job->timer);
	change_release(&job->change);
	json_decref(job->body);
	reprice_page_release(&job->page);
	reprice_sums_free(job->sums);
	price_book_release(&job->book);
	free(job);
}

/* -- what a call costs --------------------------------------------------------------------------- */

/* Calls come by time, so the book is read once for each date of prices among them. */
static int open_book(struct job *job, int64_t at_ms, struct err *err)
{
	int64_t generation = admin_generation(job->admin);
	int rc;

	if (at_ms >= job->book_from && at_ms < job->book_until && generation == job->book_generation)
		return 0;
	price_book_release(&job->book);
	job->book_from = at_ms;
	job->book_until = at_ms;
	job->book_generation = generation;
	rc = price_book_read(&job->book, job->admin->db, at_ms, false, err);
	return rc == 0 ? price_next(job->admin->db, at_ms, &job->book_until, err) : rc;
}

static const struct price *price_then(const struct job *job, const struct charged_call *call)
{
	const struct view *view = admin_view(job->admin);
	const struct view_provider *p = view != NULL ? map_get_text(&view->providers, call->provider) : NULL;

	return price_book_find(&job->book, call->provider, p != NULL ? p->kind->name : NULL, call->model);
}

static int64_t with_markup(int64_t cost_nusd, int64_t markup_ppm)
{
	return money_add(cost_nusd, money_scale(cost_nusd, markup_ppm, PPM));
}

static int64_t bill(const struct charged_call *call, int64_t cost_nusd)
{
	const struct charge *was = &call->was;

	if (was->cost_nusd == COST_UNKNOWN || was->billed_nusd == COST_UNKNOWN || was->cost_nusd == 0 ||
	    was->billed_nusd == with_markup(was->cost_nusd, call->markup_ppm))
		return with_markup(cost_nusd, call->markup_ppm);
	return money_scale(cost_nusd, was->billed_nusd, was->cost_nusd);
}

/* False where no price held: the call stays as it is. */
static bool charge(const struct job *job, struct charged_call *call)
{
	struct charge is = {0};

	is.cost_nusd = price_cost(price_then(job, call), &call->usage, &is.price_id);
	if (is.cost_nusd == COST_UNKNOWN)
		return false;
	is.billed_nusd = bill(call, is.cost_nusd);
	if (charge_differs(&is, &call->was))
		call->is = is;
	return true;
}

static int charge_page(struct job *job, struct err *err)
{
	struct reprice_page *page = &job->page;
	int rc = 0;

	for (size_t i = 0; i < page->num && rc == 0; i++) {
		rc = open_book(job, id_wall_ms(page->calls[i].id), err);
		if (rc == 0)
			page->calls[i].has_price = charge(job, &page->calls[i]);
	}
	return rc;
}

/* -- counters of budgets ------------------------------------------------------------------------- */

static void adjust(const struct view_budget *budgets, size_t num, const struct charged_call *call)
{
	int64_t before = call->was.cost_nusd != COST_UNKNOWN ? call->was.cost_nusd : 0;

	for (size_t i = 0; i < num; i++)
		if (*budgets[i].model == '\0' || strcmp(budgets[i].model, call->asked) == 0)
			budget_adjust(budgets[i].budget, id_wall_ms(call->id), call->is.cost_nusd - before);
}

/* Whose budgets count the call is what ledger_spent() says in SQL. */
static void adjust_counters(struct admin *a, const struct charged_call *call)
{
	const struct view *view = admin_view(a);
	const struct view_team *team = index_team(a, call->team_id);
	const struct view_key *key = index_key(a, call->key_id);
	const struct view_provider *provider;

	if (view == NULL)
		return;
	provider = map_get_text(&view->providers, call->provider);
	if (team != NULL)
		adjust(team->budgets, team->num_budgets, call);
	if (key != NULL)
		adjust(key->budgets, key->num_budgets, call);
	if (provider != NULL)
		adjust(provider->budgets, provider->num_budgets, call);
	adjust(view->gateway_budgets, view->num_gateway_budgets, call);
}

/* -- page by page -------------------------------------------------------------------------------- */

static size_t num_to_write(const struct job *job)
{
	size_t n = 0;

	for (size_t i = 0; i < job->page.num && !job->dry_run; i++)
		n += charge_differs(&job->page.calls[i].was, &job->page.calls[i].is);
	return n;
}

/* What somebody else changed or removed since it was read is not ours to sum up. */
static void sum_up(struct job *job)
{
	for (size_t i = 0; i < job->page.num; i++) {
		const struct charged_call *call = &job->page.calls[i];

		if (job->dry_run || call->written || !charge_differs(&call->was, &call->is))
			reprice_sums_add(job->sums, call, call->has_price);
	}
}

static void note_totals(struct job *job)
{
	struct change *c = &job->change;
	const struct reprice_query *q = &job->query;

	json_decref(c->before);
	json_decref(c->after);
	c->before = reprice_sums_before(job->sums);
	c->after = reprice_sums_after(job->sums);
	json_add_time(c->after, "since", q->from_ms);
	json_add_time(c->after, "until", q->until_ms);
	json_add_bool(c->after, "all", q->all);
	if (q->team != NULL)
		json_add_text(c->after, "team", q->team);
	if (q->provider != NULL)
		json_add_text(c->after, "provider", q->provider);
}

static int write_page(struct job *job, struct err *err)
{
	struct db *db = job->admin->db;
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = reprice_write(db, &job->page, err);
	sum_up(job);
	note_totals(job);
	if (rc == 0)
		rc = change_note(&job->change, err);
	if (rc == 0)
		rc = db_commit(db, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	for (size_t i = 0; i < job->page.num; i++)
		if (job->page.calls[i].written)
			adjust_counters(job->admin, &job->page.calls[i]);
	return 0;
}

/* 1 when it was the last page. */
static int next_page(struct job *job, int64_t *ret_pause_ms, struct err *err)
{
	int rc = reprice_read(job->admin->db, &job->query, &job->page, err);

	if (rc == 0)
		rc = charge_page(job, err);
	*ret_pause_ms = num_to_write(job) > 0 ? PAUSE_MS : 0;
	if (rc == 0 && *ret_pause_ms > 0)
		rc = write_page(job, err);
	else if (rc == 0)
		sum_up(job);
	return rc < 0 ? rc : job->page.at_end;
}

/* -- its end ------------------------------------------------------------------------------------- */

static void forget_figures(struct admin *a)
{
	spend_cache_forget(&a->spend[SPEND_OF_TEAMS]);
	spend_cache_forget(&a->spend[SPEND_OF_KEYS]);
	a->overview.quarter = 0;
}

/* The audit says it was done also where nothing had to be. */
static int end_change(struct job *job, struct err *err)
{
	struct db *db = job->admin->db;
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	note_totals(job);
	rc = change_note(&job->change, err);
	if (rc == 0)
		rc = change_remember(&job->change, 200, err);
	if (rc == 0)
		rc = db_commit(db, err);
	if (rc < 0)
		db_rollback(db);
	return rc;
}

static void answer(struct job *job, struct err *err)
{
	job->change.extra = json_object();
	reprice_sums_show(job->sums, job->change.extra);
	if (job->dry_run) {
		change_answer_dry_run(&job->change);
		return;
	}
	forget_figures(job->admin);
	if (end_change(job, err) < 0) {
		request_fail(job->request, err, NULL);
		return;
	}
	job->request->status = 200;
	change_answer_done(&job->change);
	events_change(job->admin, &job->change);
}

static void finish(struct job *job, int rc, struct err *err)
{
	if (rc > 0) {
		answer(job, err);
		return;
	}
	forget_figures(job->admin);
	err_wrap(err, "pricing calls anew (what was done is in the audit, repeat it to do the rest)");
	request_fail(job->request, err, NULL);
}

static void on_timer(struct loop_timer *timer)
{
	struct job *job = CONTAINER_OF(timer, struct job, timer);
	struct admin_request *r = job->request;
	struct err err = {0};
	int64_t pause_ms;
	int rc = next_page(job, &pause_ms, &err);

	if (rc == 0) {
		loop_timer_after(job->admin->loop, timer, pause_ms);
		return;
	}
	finish(job, rc, &err);
	r->pending = NULL;
	r->cancel = NULL;
	job_free(job);
	admin_send(r);
}

/* Who asked has left: what was done is done, and in the audit. */
static void cancel(struct admin_request *r)
{
	struct job *job = r->pending;

	r->pending = NULL;
	forget_figures(job->admin);
	if (job->change.audit_id != 0)
		log_info("pricing calls anew was given up in the middle, audit=%lld", (long long)job->change.audit_id);
	job_free(job);
}

/* -- its beginning ------------------------------------------------------------------------------- */

static int read_query(struct job *job, struct err *err)
{
	static const char *const members[] = {"all", "since", "until", "model", "provider", "team", NULL};
	struct reprice_query *q = &job->query;
	int64_t now_ms = job->change.now_ms;
	json_t *body;

	q->from_ms = now_ms - 30 * DAY_MS;
	q->until_ms = now_ms + 1;
	job->body = body = price_names_apart(job->admin->db, job->request->body);
	if (json_check_members(body, members, err) < 0 || json_read_bool(body, "all", &q->all, err) < 0 ||
	    json_read_time(body, "since", now_ms, &q->from_ms, err) < 0 ||
	    json_read_time(body, "until", now_ms, &q->until_ms, err) < 0 ||
	    json_read_text(body, "model", &q->model, err) < 0 || json_read_text(body, "provider", &q->provider, err) < 0 ||
	    json_read_text(body, "team", &q->team, err) < 0)
		return ERR_INVALID;
	change_names(&job->change, "price", q->model != NULL ? q->model : "all");
	return 0;
}

static struct job *job_new(struct admin_request *r)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->admin = r->admin;
	job->request = r;
	job->dry_run = query_bool(r, "dry_run");
	job->timer.fire = on_timer;
	job->sums = reprice_sums_new();
	reprice_page_init(&job->page);
	price_book_init(&job->book);
	return job;
}

/* The first page at once: mostly there is no second. */
static int begin(struct job *job, struct err *err)
{
	struct admin_request *r = job->request;
	int64_t pause_ms;
	int rc = read_query(job, err);

	if (rc == 0)
		admin_flush(job->admin);
	while (rc == 0) {
		rc = next_page(job, &pause_ms, err);
		if (rc == 0 && job->admin->loop != NULL) {
			r->pending = job;
			r->cancel = cancel;
			r->later = true;
			loop_timer_after(job->admin->loop, &job->timer, pause_ms);
			return 0;
		}
	}
	if (rc > 0)
		answer(job, err);
	job_free(job);
	return rc < 0 ? rc : 0;
}

int price_reprice(struct admin_request *r, struct err *err)
{
	struct job *job = job_new(r);
	int rc = change_begin(r, &job->change, err);

	if (rc == 0)
		return begin(job, err);
	job_free(job);
	return rc < 0 ? rc : 0;
}
