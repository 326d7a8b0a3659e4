/* SPDX-License-Identifier: MIT */
/*
 * Why a team spends what it spends is worked out here: the window that ends now against the same
 * hours of the last seven days, by key and model.
 *
 * A day counts as history when the team's first call came before its window began, so that a team
 * is never compared with the time before it existed.
 */
#include "admin/why.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/store.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define DAYS 7
#define MINUTES_MAX (24 * 60 + 1)
#define PAIRS_SHOWN 5
#define PAIRS_MAX 100

struct pair {
	struct why_pair of;
	struct why_sum now, past;       /* past: of all days together */
};

struct why {
	struct db *db;
	int64_t team_id, from_ms, until_ms, limit;
	int64_t days;                   /* of history, 0 to DAYS */
	struct map by_pair;             /* struct why_pair → struct pair */
	struct pair **pairs;            /* owned; who changed most comes first */
	size_t num_pairs;
	struct why_sum now, past;
	bool is_past;                   /* what is being added up */
};

/* -- arithmetic ---------------------------------------------------------------------------------- */

bool why_split(const struct why_sum *now, const struct why_sum *past, int64_t days, struct why_factors *ret)
{
	double tokens = (double)(now->input + now->output), tokens_past = (double)(past->input + past->output);
	double calls = (double)now->calls, calls_past = (double)past->calls;

	if (days <= 0 || tokens <= 0 || tokens_past <= 0 || now->cost_nusd <= 0 || past->cost_nusd <= 0)
		return false;
	ret->calls = calls * (double)days / calls_past;
	ret->tokens = (tokens / calls) / (tokens_past / calls_past);
	ret->price = ((double)now->cost_nusd / tokens) / ((double)past->cost_nusd / tokens_past);
	ret->ratio = (double)now->cost_nusd * (double)days / (double)past->cost_nusd;
	return true;
}

/* Where the sum of what lies above the middle between usual and now is lowest, the change begins. */
size_t why_began(const int64_t *nusd, size_t num, int64_t usual_nusd)
{
	__int128 above = 0, lowest = 0, total = 0;
	size_t at = 0;

	for (size_t i = 0; i < num; i++)
		total += nusd[i];
	for (size_t i = 0; i < num; i++) {
		__int128 step = 2 * (__int128)num * nusd[i] - (total + usual_nusd);

		above += total >= usual_nusd ? step : -step;
		if (above < lowest) {
			lowest = above;
			at = i + 1;
		}
	}
	return at < num ? at : 0;
}

static void add_sum(struct why_sum *to, const struct why_sum *sum)
{
	to->calls += sum->calls;
	to->input += sum->input;
	to->output += sum->output;
	to->cache_read += sum->cache_read;
	to->cost_nusd = money_add(to->cost_nusd, sum->cost_nusd);
	to->unpriced += sum->unpriced;
}

static int64_t usual_of(const struct why *w, int64_t past_nusd)
{
	return w->days > 0 ? money_scale(past_nusd, 1, w->days) : 0;
}

static int64_t change_of(const struct why *w, const struct why_sum *now, const struct why_sum *past)
{
	return now->cost_nusd - usual_of(w, past->cost_nusd);
}

static int64_t per_hour(const struct why *w, int64_t nusd)
{
	return money_scale(nusd, HOUR_MS, w->until_ms - w->from_ms);
}

/* -- reading ------------------------------------------------------------------------------------- */

static int add_pair(void *arg, const struct why_pair *of, const struct why_sum *sum)
{
	struct why *w = arg;
	struct pair *pair = map_get(&w->by_pair, of, sizeof(*of));

	if (pair == NULL) {
		pair = xcalloc(1, sizeof(*pair));
		pair->of = *of;
		map_put(&w->by_pair, of, sizeof(*of), pair);
	}
	add_sum(w->is_past ? &pair->past : &pair->now, sum);
	add_sum(w->is_past ? &w->past : &w->now, sum);
	return 0;
}

static int by_change(const void *a, const void *b, void *arg)
{
	const struct pair *left = *(struct pair *const *)a, *right = *(struct pair *const *)b;
	int64_t x = llabs(change_of(arg, &left->now, &left->past)), y = llabs(change_of(arg, &right->now, &right->past));

	if (x != y)
		return x < y ? 1 : -1;
	if (left->of.key_id != right->of.key_id)
		return left->of.key_id < right->of.key_id ? -1 : 1;
	return left->of.model_name < right->of.model_name ? -1 : left->of.model_name > right->of.model_name;
}

static void sort_pairs(struct why *w)
{
	w->pairs = xcalloc(w->by_pair.count + 1, sizeof(struct pair *));
	for (const struct map_entry *e = map_next(&w->by_pair, NULL); e; e = map_next(&w->by_pair, e))
		w->pairs[w->num_pairs++] = e->value;
	qsort_r(w->pairs, w->num_pairs, sizeof(struct pair *), by_change, w);
}

/* Days are told from the newest back; the first without a whole window before it ends them. */
static int read_sums(struct why *w, struct err *err)
{
	int64_t first_ms;
	int rc = why_first(w->db, w->team_id, &first_ms, err);

	if (rc == 0)
		rc = why_pairs(w->db, w->team_id, w->from_ms, w->until_ms, add_pair, w, err);
	w->is_past = true;
	while (rc == 0 && w->days < DAYS && first_ms <= w->from_ms - (w->days + 1) * DAY_MS) {
		w->days++;
		rc = why_pairs(w->db, w->team_id, w->from_ms - w->days * DAY_MS, w->until_ms - w->days * DAY_MS,
			       add_pair, w, err);
	}
	if (rc == 0)
		sort_pairs(w);
	return rc;
}

static void why_release(struct why *w)
{
	for (const struct map_entry *e = map_next(&w->by_pair, NULL); e; e = map_next(&w->by_pair, e))
		free(e->value);
	map_release(&w->by_pair);
	free(w->pairs);
}

/* -- who is to blame ----------------------------------------------------------------------------- */

/* What each app costs more than usual, times the days, so that it stays whole. */
struct apps {
	struct map excess;              /* app → int64_t * */
	int64_t factor;
};

static int add_app(void *arg, const char *app, int64_t cost_nusd)
{
	struct apps *apps = arg;
	int64_t *excess = map_get_text(&apps->excess, app);

	if (excess == NULL) {
		excess = xcalloc(1, sizeof(*excess));
		map_put_text(&apps->excess, app, excess);
	}
	*excess += cost_nusd * apps->factor;
	return 0;
}

/* The app that changed most in the pair's own direction; a new text, or NULL when calls named none. */
static char *worst_app(struct apps *apps, bool rises)
{
	const struct map_entry *worst = NULL;
	int64_t most = 0;
	char *name;

	for (const struct map_entry *e = map_next(&apps->excess, NULL); e; e = map_next(&apps->excess, e)) {
		int64_t excess = *(int64_t *)e->value * (rises ? 1 : -1);

		if (excess > most) {
			most = excess;
			worst = e;
		}
	}
	name = worst != NULL && worst->key_len > 0 ? xstrndup(worst->key, worst->key_len) : NULL;
	for (const struct map_entry *e = map_next(&apps->excess, NULL); e; e = map_next(&apps->excess, e))
		free(e->value);
	map_release(&apps->excess);
	return name;
}

static int read_app(const struct why *w, const struct pair *pair, char **ret, struct err *err)
{
	struct apps apps = {.factor = w->days};
	int rc;

	map_init(&apps.excess);
	rc = why_apps(w->db, &pair->of, w->from_ms, w->until_ms, add_app, &apps, err);
	apps.factor = -1;
	for (int64_t day = 1; day <= w->days && rc == 0; day++)
		rc = why_apps(w->db, &pair->of, w->from_ms - day * DAY_MS, w->until_ms - day * DAY_MS, add_app, &apps, err);
	*ret = worst_app(&apps, change_of(w, &pair->now, &pair->past) > 0);
	return rc;
}

/* The first minute of the pair's change; 0 when it was so before the window began. */
static int read_began(const struct why *w, const struct pair *pair, int64_t *ret_ms, struct err *err)
{
	int64_t *nusd = xcalloc(MINUTES_MAX, sizeof(*nusd)), first = w->from_ms / MINUTE_MS;
	size_t num = (size_t)((w->until_ms - 1) / MINUTE_MS - first + 1), at;
	int rc = why_minutes(w->db, &pair->of, w->from_ms, w->until_ms, nusd, MINUTES_MAX, err);

	at = why_began(nusd, num < MINUTES_MAX ? num : MINUTES_MAX, usual_of(w, pair->past.cost_nusd));
	*ret_ms = at > 0 ? (first + (int64_t)at) * MINUTE_MS : 0;
	free(nusd);
	return rc;
}

/* -- the answer ---------------------------------------------------------------------------------- */

static json_t *real(double x)
{
	return json_real(round(x * 1e6) / 1e6);
}

static void add_cache(json_t *o, const struct pair *pair)
{
	json_add(o, "cache_percent", percent_json(pair->now.cache_read, pair->now.input));
	json_add(o, "usual_cache_percent", percent_json(pair->past.cache_read, pair->past.input));
}

static void add_factors(json_t *o, const struct why *w, const struct pair *pair)
{
	struct why_factors f;
	bool has = why_split(&pair->now, &pair->past, w->days, &f);

	json_add(o, "ratio", has ? real(f.ratio) : NULL);
	json_add(o, "calls_factor", has ? real(f.calls) : NULL);
	json_add(o, "tokens_factor", has ? real(f.tokens) : NULL);
	json_add(o, "price_factor", has ? real(f.price) : NULL);
}

/* Unknown before there is anything to compare with. */
static void add_rates(json_t *o, const struct why *w, const struct why_sum *now, const struct why_sum *past)
{
	int64_t usual = per_hour(w, usual_of(w, past->cost_nusd)), rate = per_hour(w, now->cost_nusd);

	json_add_money(o, "now_usd_per_hour", rate);
	json_add_money(o, "usual_usd_per_hour", w->days > 0 ? usual : COST_UNKNOWN);
	json_add_money(o, "change_usd_per_hour", w->days > 0 ? rate - usual : COST_UNKNOWN);
}

static void add_names(json_t *o, const struct why *w, const struct pair *pair)
{
	struct why_names names;
	struct err err;

	why_names_get(w->db, &pair->of, &names, &err);
	json_add_text(o, "key", names.key);
	json_add_text(o, "key_id", names.key_id);
	json_add_text(o, "model", names.model);
	why_names_release(&names);
}

static json_t *show_pair(const struct why *w, const struct pair *pair)
{
	int64_t change = change_of(w, &pair->now, &pair->past), all = change_of(w, &w->now, &w->past);
	json_t *o = json_object();

	add_names(o, w, pair);
	add_rates(o, w, &pair->now, &pair->past);
	/* Of the whole change: less than nothing where it goes the other way. */
	json_add(o, "share_percent",
		 w->days > 0 && all != 0 ? json_real(round((double)change * 1000 / (double)all) / 10) : NULL);
	json_add_int(o, "calls", pair->now.calls);
	json_add_int(o, "input", pair->now.input);
	json_add_int(o, "output", pair->now.output);
	json_add_int(o, "unpriced", pair->now.unpriced);
	add_factors(o, w, pair);
	add_cache(o, pair);
	return o;
}

/* What the pairs that are not shown changed by: so that all lines add up to the whole. */
static int64_t rest_of(const json_t *answer, const json_t *pairs)
{
	int64_t rest = json_money_peek(answer, "change_usd_per_hour");
	const json_t *pair;
	size_t i;

	json_array_foreach(pairs, i, pair)
		rest -= json_money_peek(pair, "change_usd_per_hour");
	return rest;
}

static int add_blame(json_t *answer, const struct why *w, struct err *err)
{
	const struct pair *pair = w->num_pairs > 0 ? w->pairs[0] : NULL;
	json_t *o;
	int64_t since_ms;
	char *app = NULL;
	int rc;

	json_object_set_new(answer, "blame", json_null());
	if (pair == NULL || w->days == 0 || change_of(w, &pair->now, &pair->past) == 0)
		return 0;
	rc = read_began(w, pair, &since_ms, err);
	if (rc == 0)
		rc = read_app(w, pair, &app, err);
	o = json_object();
	add_names(o, w, pair);
	json_add_time(o, "since", since_ms);
	json_add_text(o, "app", app);
	add_cache(o, pair);
	json_object_set_new(answer, "blame", o);
	free(app);
	return rc;
}

static int show_why(struct admin_request *r, const struct why *w, struct err *err)
{
	json_t *pairs = json_array();

	r->answer = json_object();
	json_add_text(r->answer, "team", r->name);
	json_add_time(r->answer, "from", w->from_ms);
	json_add_time(r->answer, "until", w->until_ms);
	json_add_int(r->answer, "days", w->days);
	add_rates(r->answer, w, &w->now, &w->past);
	json_add_int(r->answer, "unpriced", w->now.unpriced);
	for (size_t i = 0; i < w->num_pairs && i < (size_t)w->limit; i++)
		json_array_append_new(pairs, show_pair(w, w->pairs[i]));
	json_add_money(r->answer, "else_usd_per_hour", w->days > 0 ? rest_of(r->answer, pairs) : COST_UNKNOWN);
	json_add(r->answer, "pairs", pairs);
	json_add_int(r->answer, "generation", admin_generation(r->admin));
	return add_blame(r->answer, w, err);
}

static int read_window(const struct admin_request *r, struct why *w, struct err *err)
{
	int64_t length;

	if (query_time(r, "since", &w->from_ms, err) < 0 || query_int(r, "limit", 1, PAIRS_MAX, &w->limit, err) < 0)
		return err->code;
	/* To the second: "1h" is an hour, however long it took to get here. */
	length = (w->until_ms - w->from_ms + SECOND_MS / 2) / SECOND_MS * SECOND_MS;
	if (length < MINUTE_MS || length > DAY_MS)
		return err_set(err, ERR_INVALID, "since: expected between 1m and 24h ago");
	w->from_ms = w->until_ms - length;
	return 0;
}

int team_answer_why(struct admin_request *r, struct err *err)
{
	int64_t now_ms = clock_wall_ms();
	struct why w = {.db = r->admin->db, .from_ms = now_ms - HOUR_MS, .until_ms = now_ms + 1, .limit = PAIRS_SHOWN};
	struct team_row team;
	int rc = read_window(r, &w, err);

	if (rc < 0)
		return rc;
	rc = team_get(r->admin->db, r->name, &team, err);
	if (rc < 0)
		return rc;
	w.team_id = team.id;
	team_release(&team);
	map_init(&w.by_pair);
	admin_flush(r->admin);
	rc = read_sums(&w, err);
	if (rc == 0)
		rc = show_why(r, &w, err);
	why_release(&w);
	return rc;
}
