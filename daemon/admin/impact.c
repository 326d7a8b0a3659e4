/* SPDX-License-Identifier: MIT */
/* What a change would touch is found out here: calls, money, and where they would go instead. */
#include "admin/impact.h"

#include <stdio.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/seeds.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "budget/window.h"
#include "routing/explain.h"
#include "store/ledger_store.h"
#include "store/overview_store.h"
#include "store/store.h"

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
/* Above this many calls a day those that asked for one chain are counted over an hour. */
#define EXACT_CALLS 200000

struct impact {
	struct admin *admin;
	const char *name;               /* of the object, without its family */
	const json_t *before, *after;   /* the object; borrowed; after NULL: it goes */
	int64_t now_ms;
	bool stays_on;                  /* a provider that takes calls afterwards: nothing moves */
	int64_t calls, nusd, open;      /* of the last day; in flight */
	json_t *without_target, *moves_to, *warnings;
};

static void warn(struct impact *i, const char *sentence)
{
	json_array_append_new(i->warnings, json_string(sentence));
}

/* -- calls and money ----------------------------------------------------------------------------- */

static void count_spend(struct impact *i, struct spend_query *q)
{
	struct err ignored = {0};
	json_t *items, *item;
	size_t n;

	q->from_ms = i->now_ms - DAY_MS;
	q->until_ms = i->now_ms + 1;
	items = ledger_spend(i->admin->db, q, &ignored);
	json_array_foreach(items, n, item) {
		i->calls += json_int_peek(item, "calls", 0);
		i->nusd = money_add(i->nusd, json_money_peek(item, "cost_usd"));
	}
	json_decref(items);
}

static void count_asked(struct impact *i)
{
	struct err ignored = {0};
	int64_t all = 0, window = DAY_MS;

	overview_calls_since(i->admin->db, (i->now_ms - DAY_MS) / HOUR_MS, &all, &ignored);
	if (all > EXACT_CALLS) {
		window = HOUR_MS;
		warn(i, "calls and spend are those of the last hour, times 24");
	}
	overview_asked(i->admin->db, i->name, i->now_ms - window, &i->calls, &i->nusd, &ignored);
	i->calls *= DAY_MS / window;
	i->nusd = money_scale(i->nusd, DAY_MS / window, 1);
}

/* -- one family each ----------------------------------------------------------------------------- */

/* A budget that is less than what is spent already refuses the next call. */
static void warn_of_budget(struct impact *i, const char *scope, int64_t id)
{
	const char *text = json_text_peek(i->after, "budget");
	int64_t amount, from_ms, until_ms, spent = 0;
	char spent_text[MONEY_TEXT], sentence[160];
	struct window window = {0};
	struct err ignored = {0};

	if (text == NULL || !window_parse_budget(text, &amount, &window.kind))
		return;
	window_bounds(window, i->now_ms, &from_ms, &until_ms);
	if (ledger_spent(i->admin->db, scope, id, "", from_ms, until_ms, &spent, &ignored) < 0 || spent < amount)
		return;
	snprintf(sentence, sizeof(sentence), "$%s is spent already: with a budget of %s every call is refused",
		 money_format(spent, spent_text), text);
	warn(i, sentence);
}

struct key_count {
	const char *team;
	int64_t num;
};

static int count_key(void *arg, const struct key_row *row)
{
	struct key_count *count = arg;

	count->num += strcmp(row->team_name, count->team) == 0 && strcmp(row->state, "revoked") != 0;
	return 0;
}

static void warn_of_keys(struct impact *i)
{
	struct key_count count = {i->name, 0};
	struct err ignored = {0};
	char sentence[80];

	if (key_list(i->admin->db, count_key, &count, &ignored) < 0 || count.num == 0)
		return;
	snprintf(sentence, sizeof(sentence), "its keys (%lld) are revoked, for good", (long long)count.num);
	warn(i, sentence);
}

static void team_impact(struct impact *i)
{
	struct spend_query q = {.team = i->name};
	struct team_row row = {0};
	struct err ignored = {0};

	count_spend(i, &q);
	if (i->after == NULL)
		warn_of_keys(i);
	else if (team_get(i->admin->db, i->name, &row, &ignored) == 0)
		warn_of_budget(i, "team", row.id);
	team_release(&row);
}

static void key_impact(struct impact *i)
{
	struct spend_query q = {.key = i->name};
	struct key_row row = {0};
	struct err ignored = {0};

	count_spend(i, &q);
	if (key_get(i->admin->db, i->name, &row, &ignored) == 0)
		warn_of_budget(i, "key", row.id);
	key_release(&row);
}

static void chain_impact(struct impact *i)
{
	count_asked(i);
}

static void price_impact(struct impact *i)
{
	struct spend_query q = {.model = json_text_peek(i->before, "model"),
				.provider = json_text_peek(i->before, "provider")};

	count_spend(i, &q);
	warn(i, "calls that were charged already stay as they are");
}

static void add_open(void *arg, const char *target, struct health *health)
{
	struct impact *i = arg;
	size_t len = strlen(i->name);
	struct health_state state;

	if (strncmp(target, i->name, len) != 0 || (target[len] != '/' && target[len] != '\0'))
		return;
	health_read(health, clock_mono_us(), &state);
	i->open += state.open_calls;
}

static void add_move(void *arg, const char *chain, const char *target)
{
	struct impact *i = arg;
	json_t *move;

	if (target == NULL) {
		json_array_append_new(i->without_target, json_string(chain));
		return;
	}
	move = json_object();
	json_add_text(move, "chain", chain);
	json_add_text(move, "target", target);
	json_array_append_new(i->moves_to, move);
}

static void provider_impact(struct impact *i)
{
	struct spend_query q = {.provider = i->name};
	const struct view *view = admin_view(i->admin);

	count_spend(i, &q);
	if (i->admin->options.health != NULL)
		health_each(i->admin->options.health, add_open, i);
	if (view != NULL && !i->stays_on)
		explain_without_provider(view, i->name, add_move, i);
	if (json_array_size(i->without_target) > 0)
		warn(i, "chains without a target refuse every call");
}

static const struct {
	const char *family;
	void (*find)(struct impact *);
} finders[] = {
	{"team", team_impact},   {"key", key_impact},     {"provider", provider_impact},
	{"chain", chain_impact}, {"price", price_impact},
};

/* -- the answer ---------------------------------------------------------------------------------- */

static json_t *impact_json(struct impact *i)
{
	json_t *json = json_object();

	json_add_int(json, "calls_24h", i->calls);
	json_add_money(json, "spend_24h_usd", i->nusd);
	json_add_int(json, "open_calls", i->open);
	json_add(json, "chains_without_target", i->without_target);
	json_add(json, "moves_to", i->moves_to);
	json_add(json, "warnings", i->warnings);
	return json;
}

static bool json_text_is(const json_t *object, const char *name, const char *wanted)
{
	const char *text = json_text_peek(object, name);

	return text != NULL && strcmp(text, wanted) == 0;
}

json_t *impact_of(struct admin *a, const struct change *c)
{
	size_t len = strcspn(c->object, " ");
	const char *comes_back;
	struct impact i = {
		.admin = a,
		.name = c->object[len] != '\0' ? c->object + len + 1 : "",
		.before = c->before,
		.after = c->after,
		.now_ms = c->now_ms,
		.stays_on = json_text_is(c->after, "state", "enabled"),
		.without_target = json_array(),
		.moves_to = json_array(),
		.warnings = json_array(),
	};

	for (size_t f = 0; f < ARRAY_LEN(finders); f++)
		if (strlen(finders[f].family) == len && strncmp(finders[f].family, c->object, len) == 0 && c->before != NULL)
			finders[f].find(&i);
	comes_back = seeds_warning(a, c);
	if (comes_back != NULL)
		warn(&i, comes_back);
	return impact_json(&i);
}
