/* SPDX-License-Identifier: MIT */
/*
 * Providers, the worst first: at three in the morning the cursor is already on the sick one.
 *
 * Off and drain ask, with what they would touch; on, test and clear are done at once.
 */
#include <stdio.h>
#include <string.h>

#include "app/confirm.h"
#include "app/form.h"
#include "app/list_view.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "model/now.h"
#include "screens/act.h"
#include "screens/screens.h"
#include "screens/show.h"

#define PREFIX "/v1/providers/"

struct providers {
	struct list_view list;
};

static void name_cell(const void *row, struct cell *c)
{
	show_text(c, row, "name");
}

static void letter_cell(const void *row, struct cell *c)
{
	show_text(c, row, "letter");
	c->role = letter_role(c->text[0]);
}

static void state_cell(const void *row, struct cell *c)
{
	show_provider_state(c, row);
}

static void rate_cell(const void *row, struct cell *c)
{
	show_calls_per_s(c, row);
}

static void p50_cell(const void *row, struct cell *c)
{
	show_latency(c, row, "p50_us");
}

static void p95_cell(const void *row, struct cell *c)
{
	show_latency(c, row, "p95_us");
}

static void first_cell(const void *row, struct cell *c)
{
	show_latency(c, row, "first_byte_p50_us");
}

static void errors_cell(const void *row, struct cell *c)
{
	show_percent(c, row, "error_percent");
}

static void open_cell(const void *row, struct cell *c)
{
	show_count(c, row, "open_calls");
}

/* "half 22s": what the breaker does, and how long still. */
static void breaker_cell(const void *row, struct cell *c)
{
	const char *breaker = json_text_peek(row, "breaker");
	int64_t cooling_ms = json_int_peek(row, "cooling_ms", 0);
	char age[FMT_TEXT] = "";

	if (breaker == NULL) {
		copy_text(c->text, sizeof(c->text), "-");
		return;
	}
	if (strcmp(breaker, "closed") != 0)
		c->role = ROLE_WARN;
	if (cooling_ms > 0)
		fmt_age(cooling_ms, age);
	snprintf(c->text, sizeof(c->text), "%s%s%s", strncmp(breaker, "half", 4) == 0 ? "half" : breaker,
		 age[0] != '\0' ? " " : "", age);
}

static void spend_cell(const void *row, struct cell *c)
{
	show_rate(c, row, "usd_per_hour");
}

static void credential_cell(const void *row, struct cell *c)
{
	const char *problem = json_text_peek(row, "credential_error");

	show_text(c, row, problem != NULL ? "credential_error" : "credential");
	if (problem != NULL)
		c->role = ROLE_BAD;
}

static const struct column columns[] = {
	{.title = "S", .width = 1, .cell = letter_cell},
	{.title = "PROVIDER", .sort = "name", .width = 12, .most = 24, .cell = name_cell},
	{.title = "STATE", .sort = "state", .width = 9, .most = 14, .drop = 3, .cell = state_cell},
	{.title = "req/s", .sort = "calls", .width = 5, .right = true, .drop = 6, .cell = rate_cell},
	{.title = "p50", .sort = "p50_us", .width = 5, .right = true, .drop = 7, .cell = p50_cell},
	{.title = "p95", .sort = "p95_us", .width = 5, .right = true, .drop = 4, .cell = p95_cell},
	{.title = "ttft", .sort = "first_byte_p50_us", .width = 5, .right = true, .drop = 8, .cell = first_cell},
	{.title = "err%", .sort = "error_percent", .width = 5, .right = true, .cell = errors_cell},
	{.title = "open", .sort = "open_calls", .width = 4, .right = true, .drop = 2, .cell = open_cell},
	{.title = "BREAKER", .width = 9, .most = 12, .drop = 1, .cell = breaker_cell},
	{.title = "$/h", .sort = "usd_per_hour", .width = 6, .right = true, .drop = 5, .cell = spend_cell},
	{.title = "CREDENTIAL", .width = 14, .most = 30, .drop = 9, .cell = credential_cell},
};

static const struct filter_field filters[] = {
	{.name = "name", .member = "name"},
	{.name = "kind", .member = "kind"},
	{.name = "state", .member = "state"},
	{.name = "err", .member = "error_percent", .kind = FILTER_COUNT},
	{.name = NULL},
};

static bool is_problem(const void *row)
{
	const char *letter = json_text_peek(row, "letter");

	return (letter != NULL && strchr("DCX", letter[0]) != NULL) || json_text_peek(row, "credential_error") != NULL;
}

/* "off since 13:40 by alice: "GPU swap"; t turns it on" */
static void note(const void *row, struct cell *c)
{
	const char *state = json_text_peek(row, "state"), *by = json_text_peek(row, "state_by");
	const char *reason = json_text_peek(row, "state_reason");
	char at[NOW_TEXT];

	if (state == NULL || strcmp(state, "enabled") == 0)
		return;
	snprintf(c->text, sizeof(c->text), "%s since %s by %s%s%s%s; %s turns it on",
		 strcmp(state, "disabled") == 0 ? "off" : state, now_stamp(json_time_peek(row, "state_at"), at),
		 by != NULL ? by : "-", reason != NULL ? ": \"" : "", reason != NULL ? reason : "",
		 reason != NULL ? "\"" : "", keymap_key_of(CONTEXT_PROVIDERS, REQUEST_TOGGLE_PROVIDER));
}

static int rank(const json_t *row)
{
	static const char order[] = "XDC~UO";
	const char *letter = json_text_peek(row, "letter"), *at;

	at = letter != NULL ? strchr(order, letter[0]) : NULL;
	return at != NULL ? (int)(at - order) : (int)sizeof(order);
}

static int worst_first(const json_t *a, const json_t *b)
{
	double errors_a = json_number_value(json_object_get(a, "error_percent"));
	double errors_b = json_number_value(json_object_get(b, "error_percent"));

	if (rank(a) != rank(b))
		return rank(a) - rank(b);
	return (errors_a < errors_b) - (errors_a > errors_b);
}

static const struct list_spec spec = {
	.base = "/v1/providers",
	.refresh = REFRESH_EACH_PULSE,
	.columns = columns,
	.num_columns = ARRAY_LEN(columns),
	.compare = worst_first,
	.order = "worst first",
	.filters = filters,
	.many = "providers",
	.nothing = "no provider yet: a adds one",
	.is_problem = is_problem,
	.note = note,
};

static void providers_open(struct screen *s, const void *arg)
{
	struct providers *p = s->state;

	(void)arg;
	list_view_open(&p->list, s, &spec);
}

static void providers_close(struct screen *s)
{
	struct providers *p = s->state;

	list_view_close(&p->list);
}

static void draw_chains(const json_t *row, struct area a, int y)
{
	const json_t *chains = json_object_get(row, "chains");
	size_t n = json_array_size(chains);
	int x = putf(a, y, 1, ROLE_NORMAL, "used by %zu %s%s", n, n == 1 ? "chain" : "chains", n > 0 ? ": " : "");

	for (size_t i = 0; i < n; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%s%s", i > 0 ? ", " : "", json_string_value(json_array_get(chains, i)));
		x = put_whole(a, y, x, ROLE_NORMAL, name);
	}
}

/* What is known of the provider under the cursor. */
static void draw_detail(const json_t *row, struct area a)
{
	const char *error = json_text_peek(row, "last_error"), *url = json_text_peek(row, "base_url");
	const char *kind = json_text_peek(row, "kind"), *name = json_text_peek(row, "name");
	int x, width = a.width - 10 < 60 ? a.width - 10 : 60;

	x = put(a, 0, 1, a.width - 2, ROLE_TITLE, name != NULL ? name : "-");
	putf(a, 0, x + 2, ROLE_DIM, "%s  %s", kind != NULL ? kind : "", url != NULL ? url : "");
	put(a, 1, 1, a.width, ROLE_NORMAL, "60 min");
	show_minutes(row, a, 1, 8, width);
	put_whole(a, 1, 8 + width + 2, ROLE_DIM, "a letter a minute");
	x = put(a, 2, 1, a.width, ROLE_NORMAL, "last error: ");
	put(a, 2, x, a.width - x - 1, error != NULL ? ROLE_WARN : ROLE_DIM, error != NULL ? error : "none");
	draw_chains(row, a, 3);
}

static void providers_draw(struct screen *s, struct area a)
{
	struct providers *p = s->state;
	const json_t *row = list_view_row(&p->list);
	struct area detail = {0}, list = a;

	if (a.height >= 16 && row != NULL) {
		int rows = (int)listing_count(&p->list.listing) + 4;

		list.height = rows < a.height - 6 ? rows : a.height - 6;
		detail = area_part(a, list.height, 0, a.height - list.height, a.width);
	}
	list.height -= 1;
	list_view_draw(&p->list, list, true);
	list_view_count(&p->list, area_part(a, list.height, 0, 1, a.width), 0);
	if (detail.height == 0)
		return;
	put(detail, 0, 1, a.width - 2, ROLE_DIM, "S: U up  D degraded  C cooldown  ~ draining  O off  X down");
	draw_detail(row, area_part(detail, 2, 0, detail.height - 2, detail.width));
}

static void order(struct screen *s, const char *name, const char *suffix, const char *what, const char *reason)
{
	char said[ROW_ID + 64];
	struct act act = {.prefix = PREFIX, .name = name, .suffix = suffix, .reason = reason, .said = said};

	snprintf(said, sizeof(said), "%s %s", name, what);
	act_send(s, &act);
}

static void chosen_off(struct screen *s, enum request choice, const char *name, const char *reason)
{
	if (choice == REQUEST_DRAIN_INSTEAD)
		order(s, name, "/drain", "drains: off when its open calls are done", reason);
	else
		order(s, name, "/disable", "is off; t turns it on", reason);
}

static void chosen_drain(struct screen *s, enum request choice, const char *name, const char *reason)
{
	(void)choice;
	chosen_off(s, REQUEST_DRAIN_INSTEAD, name, reason);
}

static void ask_off(struct screen *s, const char *name)
{
	char title[ROW_ID + 32], same[ROW_ID + 32];
	struct act act = {.prefix = PREFIX, .name = name, .suffix = "/disable"};
	struct confirm_options options = {
		.title = title, .context = CONTEXT_BOX_DRAIN, .keep = "keep on", .asks_reason = true,
		.wants_impact = true, .same_as = same, .about = name, .owner = s, .chosen = chosen_off, .num_choices = 2,
		.choices = {{REQUEST_YES, "off now"}, {REQUEST_DRAIN_INSTEAD, "drain: off when the open calls are done"}},
	};

	snprintf(title, sizeof(title), "Turn provider %s OFF ?", name);
	snprintf(same, sizeof(same), "tollgate provider disable %s", name);
	act_ask_impact(confirm_open(s->app, &options), &act);
}

static void ask_drain(struct screen *s, const char *name)
{
	char title[ROW_ID + 32], same[ROW_ID + 32];
	struct act act = {.prefix = PREFIX, .name = name, .suffix = "/drain"};
	struct confirm_options options = {
		.title = title, .context = CONTEXT_BOX_REASON, .keep = "keep on", .asks_reason = true,
		.wants_impact = true, .same_as = same, .about = name, .owner = s, .chosen = chosen_drain, .num_choices = 1,
		.choices = {{REQUEST_YES, "drain: no new calls, off when the open ones are done"}},
	};

	snprintf(title, sizeof(title), "Drain provider %s ?", name);
	snprintf(same, sizeof(same), "tollgate provider drain %s", name);
	act_ask_impact(confirm_open(s->app, &options), &act);
}

/* The probe's answer says itself whether it went well. */
static void tell_test(struct app *app, const json_t *answer)
{
	char took[FMT_TEXT];
	const char *error = json_text_peek(answer, "error");

	if (json_bool_peek(answer, "ok"))
		app_say(app, ROLE_GOOD, "it answered in %s",
			fmt_latency(json_int_peek(answer, "latency_us", FMT_UNKNOWN), took));
	else
		app_say(app, ROLE_BAD, "the probe failed: %s", error != NULL ? error : "no reason given");
}

static void test(struct screen *s, const char *name)
{
	struct act act = {.prefix = PREFIX, .name = name, .suffix = "/test", .tell = tell_test};

	app_say(s->app, ROLE_DIM, "asking %s...", name);
	act_send(s, &act);
}

static void toggle(struct screen *s, const json_t *row)
{
	const char *state = json_text_peek(row, "state");

	if (state != NULL && strcmp(state, "enabled") == 0)
		ask_off(s, json_text_peek(row, "name"));
	else
		order(s, json_text_peek(row, "name"), "/enable", "is on", NULL);
}

static void added(struct screen *s, const json_t *answer)
{
	const json_t *object = json_object_get(answer, "object");
	struct providers *p = s->state;
	const char *name = object != NULL ? json_text_peek(object, "name") : NULL;

	if (name != NULL)
		copy_text(p->list.table.selected, sizeof(p->list.table.selected), name);
	app_say(s->app, ROLE_NORMAL, "provider %s is there; R tests it", name != NULL ? name : "");
}

static void ask_for_new(struct screen *s)
{
	static const struct form_field fields[] = {
		{"Name", "name", FIELD_NAME, 24, .required = true, .hint = "as in name/model"},
		{"Kind", "kind", FIELD_NAME, 16, .required = true, .hint = "openai anthropic gemini azure bedrock sim"},
		{"Base URL", "base_url", FIELD_LINE, 40, .hint = "empty: the vendor's"},
		{"API key", "api_key", FIELD_SECRET, 40, .hint = "env:NAME file:PATH"},
		{"Models", "models", FIELD_LIST, 40, .hint = "empty: all"},
		{"Budget", "budget", FIELD_BUDGET, 24, .hint = "500/month; empty: none"},
	};
	struct form_options options = {.title = "New provider", .fields = fields, .num_fields = ARRAY_LEN(fields),
				       .method = "POST", .path = "/v1/providers", .command = "tollgate provider add", .arguments = "name",
				       .owner = s, .accepted = added};

	form_open(s->app, &options);
}

static bool row_request(struct screen *s, const json_t *row, enum request r)
{
	const char *name = json_text_peek(row, "name");
	char filter[ROW_ID + 8];

	if (r == REQUEST_TOGGLE_PROVIDER) {
		toggle(s, row);
	} else if (r == REQUEST_DRAIN) {
		ask_drain(s, name);
	} else if (r == REQUEST_TEST_PROVIDER) {
		test(s, name);
	} else if (r == REQUEST_CLEAR_BREAKERS) {
		order(s, name, "/clear", "may be called again: its breakers are closed", NULL);
	} else if (r == REQUEST_OPEN) {
		snprintf(filter, sizeof(filter), "prov:%s", name);
		calls_open_with(s->app, filter);
	} else {
		return false;
	}
	return true;
}

static bool providers_request(struct screen *s, enum request r)
{
	struct providers *p = s->state;
	const json_t *row = list_view_row(&p->list);

	if (r == REQUEST_ADD_PROVIDER)
		ask_for_new(s);
	else if (row == NULL || !row_request(s, row, r))
		return list_view_request(&p->list, r);
	return true;
}

static bool providers_has_row(struct screen *s)
{
	struct providers *p = s->state;

	return list_view_row(&p->list) != NULL;
}

static void providers_facts(const struct screen *s, char *out, size_t size)
{
	const struct providers *p = s->state;

	list_view_facts(&p->list, out, size);
}

void providers_show(struct app *app, const char *name)
{
	struct screen *s = app_go(app, &providers_screen, false);
	struct providers *p = s->state;

	copy_text(p->list.table.selected, sizeof(p->list.table.selected), name);
}

const struct screen_ops providers_screen = {
	.name = "Providers",
	.kind = SCREEN_FULL,
	.context = CONTEXT_PROVIDERS,
	.state_size = sizeof(struct providers),
	.open = providers_open,
	.close = providers_close,
	.draw = providers_draw,
	.request = providers_request,
	.facts = providers_facts,
	.has_row = providers_has_row,
};
