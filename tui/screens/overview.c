/* SPDX-License-Identifier: MIT */
/*
 * The start screen: who burns money now, who answers, what was changed.
 *
 * Teams stand in the order of their spend at this hour, so the one that burns money is under the
 * cursor before any key was pressed.
 */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/chart.h"
#include "draw/table.h"
#include "screens/first_run.h"
#include "screens/overview_tables.h"
#include "screens/screens.h"
#include "screens/show.h"

enum panel { PANEL_TEAMS, PANEL_PROVIDERS, NUM_PANELS };

struct overview {
	struct resource resource;
	json_t *teams;                  /* owned: those of the answer, in our order */
	json_t *providers;              /* borrowed from the answer */
	uint64_t version;               /* of the answer they are from */
	struct table tables[NUM_PANELS];
	enum panel panel;
	struct first_run first_run;
};

static void overview_open(struct screen *s, const void *arg)
{
	struct overview *o = s->state;

	(void)arg;
	resource_init(&o->resource, app_session(s->app), REFRESH_EACH_PULSE);
	resource_set_path(&o->resource, "/v1/overview");
	overview_teams_init(&o->tables[PANEL_TEAMS], &o->teams);
	overview_providers_init(&o->tables[PANEL_PROVIDERS], &o->providers);
	first_run_open(&o->first_run, app_session(s->app));
}

static void overview_close(struct screen *s)
{
	struct overview *o = s->state;

	resource_release(&o->resource);
	json_decref(o->teams);
	first_run_close(&o->first_run);
}

static int put_fact(struct area a, int x, const char *name, const char *value)
{
	char text[96];

	snprintf(text, sizeof(text), "%s%s %s", x > 1 ? "   " : "", name, value);
	return put_whole(a, 0, x, ROLE_NORMAL, text);
}

static void draw_totals(const json_t *pulse, struct area a)
{
	char text[FMT_TEXT], rate[FMT_TEXT + 2];
	int x = put_fact(a, 1, "Today", fmt_money(json_money_peek(pulse, "spent_today_usd"), text));

	x = put_fact(a, x, "Month", fmt_money(json_money_peek(pulse, "spent_month_usd"), text));
	snprintf(rate, sizeof(rate), "%s/h", fmt_money(json_money_peek(pulse, "usd_per_hour"), text));
	x = put_fact(a, x, "now", rate);
	x = put_fact(a, x, "p50", fmt_latency(json_int_peek(pulse, "p50_us", FMT_UNKNOWN), text));
	x = put_fact(a, x, "first byte", fmt_latency(json_int_peek(pulse, "first_byte_p50_us", FMT_UNKNOWN), text));
	put_fact(a, x, "the gateway itself: p99", fmt_latency(json_int_peek(pulse, "gateway_p99_us", FMT_UNKNOWN), text));
}

static int64_t largest(const int64_t *values, size_t n)
{
	int64_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

/* Sums of 15 minutes; four of them are an hour's rate. */
static void draw_spend(const json_t *data, struct area a)
{
	int64_t values[96];
	size_t n = read_numbers(json_object_get(data, "spend_24h"), values, ARRAY_LEN(values));
	char text[SPARK_TEXT], peak[FMT_TEXT];
	int width = a.width - 12 - 16;
	int x = put(a, 0, 1, a.width, ROLE_NORMAL, "$/h 24h  ");

	if (width < 8)
		return;
	width = width > 96 ? 96 : width;
	put(a, 0, x, width, ROLE_NORMAL, spark(values, n, width, text));
	putf(a, 0, x + width + 2, ROLE_DIM, "peak %s", fmt_dollars(money_scale(largest(values, n), 4, 1), peak));
}

static void draw_requests(const json_t *data, struct area a)
{
	int64_t values[60];
	size_t n = read_numbers(json_object_get(data, "requests_1h"), values, ARRAY_LEN(values));
	char text[SPARK_TEXT], peak[FMT_TEXT];
	int width = a.width - 28;
	int x = put(a, 0, 1, a.width, ROLE_NORMAL, "calls 1h ");

	if (width < 8)
		return;
	width = width > 60 ? 60 : width;
	put(a, 0, x, width, ROLE_NORMAL, spark(values, n, width, text));
	putf(a, 0, x + width + 2, ROLE_DIM, "peak %s/min", fmt_count(largest(values, n), peak));
}

static void draw_changes(const json_t *changes, struct area a)
{
	size_t n = json_array_size(changes);

	put(a, 0, 1, a.width, ROLE_TITLE, "RECENT CHANGES");
	if (n == 0)
		put(a, 1, 1, a.width, ROLE_DIM, "none yet");
	for (size_t i = 0; i < n; i++)
		show_change(a, (int)i + 1, json_array_get(changes, i));
}

/* One of "top keys" and "top models": the name under member, and what it spends. */
static void draw_top(const json_t *items, struct area a, const char *title, const char *member)
{
	put(a, 0, 1, a.width, ROLE_TITLE, title);
	put_right(a, 0, a.width - 1, ROLE_TITLE, "$/h");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		const char *name = json_text_peek(item, member);
		char rate[FMT_TEXT];

		put(a, (int)i + 1, 1, a.width - 12, ROLE_NORMAL, name != NULL ? name : "-");
		put_right(a, (int)i + 1, a.width - 1, ROLE_NORMAL,
			  fmt_dollars(json_money_peek(item, "usd_per_hour"), rate));
	}
}

static void draw_tops(const json_t *data, struct area a)
{
	int half = a.width / 2;

	draw_top(json_object_get(data, "top_keys"), area_part(a, 0, 0, a.height, half), "TOP KEYS", "key");
	draw_top(json_object_get(data, "top_models"), area_part(a, 0, half, a.height, a.width - half), "TOP MODELS",
		 "model");
}

static struct area take_bottom(struct area *a, int height)
{
	struct area part = area_part(*a, a->height - height, 0, height, a->width);

	a->height -= part.height;
	return part;
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* From both ends; what is left in the middle is for the teams. */
static void draw_data(struct overview *o, const json_t *pulse, const json_t *data, struct area a)
{
	bool tall = a.height >= 30;
	struct area providers, teams;

	draw_totals(pulse, area_take_rows(&a, 1));
	if (tall)
		area_take_rows(&a, 1);
	if (a.height >= 14)
		draw_spend(data, area_take_rows(&a, 1));
	if (tall)
		draw_requests(data, area_take_rows(&a, 1));
	if (tall)
		area_take_rows(&a, 1);
	if (tall)
		draw_tops(data, take_bottom(&a, 5));
	if (a.height >= 16)
		draw_changes(json_object_get(data, "changes"), take_bottom(&a, tall ? 7 : 4));
	providers = take_bottom(&a, a.height >= 10 ? smaller((int)json_array_size(o->providers) + 2, a.height * 2 / 5) : 0);
	teams = a;
	table_draw(&o->tables[PANEL_TEAMS], teams, o->panel == PANEL_TEAMS || providers.height == 0);
	table_draw(&o->tables[PANEL_PROVIDERS], providers, o->panel == PANEL_PROVIDERS && providers.height > 0);
}

static void take_in(struct overview *o, json_t *data)
{
	if (o->version == o->resource.version)
		return;
	o->version = o->resource.version;
	json_decref(o->teams);
	o->teams = dearest_first(json_object_get(data, "teams"));
	o->providers = json_object_get(data, "providers");
}

static void overview_draw(struct screen *s, struct area a)
{
	struct overview *o = s->state;
	struct session *session = app_session(s->app);
	json_t *data = resource_use(&o->resource);
	const json_t *pulse = session->pulse;

	if (data == NULL) {
		put(a, 1, 3, a.width - 3, o->resource.error[0] != '\0' ? ROLE_WARN : ROLE_DIM,
		    o->resource.error[0] != '\0' ? o->resource.error : "asking the daemon...");
		return;
	}
	if (first_run_is_on(session)) {
		first_run_draw(&o->first_run, session, a);
		return;
	}
	take_in(o, data);
	draw_data(o, pulse != NULL ? pulse : json_object_get(data, "pulse"), data, a);
}

static void open_selected(struct screen *s)
{
	struct overview *o = s->state;
	struct table *t = &o->tables[o->panel];
	char name[ROW_ID];

	/* The table is not looked at again once another tab is on top. */
	copy_text(name, sizeof(name), t->selected);
	if (o->panel == PANEL_TEAMS) {
		app_go(s->app, &teams_screen, false);
		app_push(s->app, &team_screen, name);
	} else {
		providers_show(s->app, name);
	}
}

static bool overview_request(struct screen *s, enum request r)
{
	struct overview *o = s->state;
	struct table *t = &o->tables[o->panel];

	if (first_run_is_on(app_session(s->app))) {
		if (r == REQUEST_COPY)
			first_run_copy(s->app);
		return r == REQUEST_COPY;
	}
	if (r == REQUEST_NEXT_PANEL || r == REQUEST_PREVIOUS_PANEL)
		o->panel = (o->panel + 1) % NUM_PANELS;
	else if (r == REQUEST_OPEN)
		open_selected(s);
	else if (r == REQUEST_COPY && t->selected[0] != '\0')
		app_copy(s->app, t->selected, t->selected);
	else
		return table_request(t, r);
	return true;
}

static bool overview_has_row(struct screen *s)
{
	struct overview *o = s->state;

	return !first_run_is_on(app_session(s->app)) && table_selected(&o->tables[o->panel]) != NULL;
}

static enum context overview_context(const struct screen *s)
{
	return first_run_is_on(app_session(s->app)) ? CONTEXT_FIRST_RUN : CONTEXT_OVERVIEW;
}

static void overview_facts(const struct screen *s, char *out, size_t size)
{
	copy_text(out, size, first_run_is_on(app_session(s->app)) ? "first run" : "sort $/h");
}

const struct screen_ops overview_screen = {
	.name = "Overview",
	.kind = SCREEN_FULL,
	.context = CONTEXT_OVERVIEW,
	.state_size = sizeof(struct overview),
	.open = overview_open,
	.close = overview_close,
	.draw = overview_draw,
	.request = overview_request,
	.context_now = overview_context,
	.facts = overview_facts,
	.has_row = overview_has_row,
};
