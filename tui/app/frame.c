/* SPDX-License-Identifier: MIT */
/*
 * A frame is drawn here: where we are, how the gateway is, the screens, a message, the keys.
 *
 * Lower terminals lose the breadcrumb, then the message row (a message then stands in the place of
 * the keys); narrow ones lose the names of screens, then facts from the right.
 */
#include <stdio.h>
#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/cells.h"
#include "model/now.h"

#define LINE_TEXT 512

static const char *gateway_name(const struct app *app)
{
	const char *name = app->session.status != NULL ? json_text_peek(app->session.status, "name") : NULL;

	return name != NULL ? name : "";
}

static int put_tabs(const struct app *app, struct area a, int x, bool full)
{
	char text[64];

	for (size_t i = 0; i < app->options->num_tabs; i++) {
		const struct tab *tab = &app->options->tabs[i];

		snprintf(text, sizeof(text), full ? "%s %s" : "%s%s", tab->key, full ? tab->full : tab->brief);
		if (x + cells_width(text) > a.width)
			break;
		x = put(a, 0, x, a.width, i == app->tab ? ROLE_SELECTED : ROLE_NORMAL, text);
		x += full ? 2 : 1;
	}
	return x;
}

/* " tollgate prod-eu  1Over 2Team …" */
static void draw_where(const struct app *app, struct area a)
{
	const char *name = gateway_name(app);
	const struct tab *tab = &app->options->tabs[app->tab];
	int x = put(a, 0, 1, a.width, ROLE_TITLE, "tollgate");

	/* A daemon nobody gave a name is called as the program is. */
	if (name[0] != '\0' && strcmp(name, "tollgate") != 0)
		x = put(a, 0, x + 1, a.width / 3, ROLE_BADGE, name);
	if (session_is_demo(&app->session))
		x = put(a, 0, x + 1, a.width, ROLE_BADGE_DEMO, "DEMO");
	x += 2;
	if (a.width >= 72)
		put_tabs(app, a, a.width >= 104 ? x + 1 : x, a.width >= 104);
	else
		putf(a, 0, x, ROLE_NORMAL, "%s %s", tab->key, tab->full);
}

/* The state in a word: first in row 1, everywhere. */
static enum role link_text(const struct session *s, char *out, size_t size)
{
	char age[FMT_TEXT], at[NOW_TEXT];

	if (s->link == LINK_CONNECTING) {
		copy_text(out, size, "connecting");
		return ROLE_DIM;
	}
	if (s->link == LINK_DOWN) {
		snprintf(out, size, "DOWN %s", fmt_age(clock_wall_ms() - s->down_since_ms, age));
		return ROLE_BAD;
	}
	if (s->paused) {
		snprintf(out, size, "PAUSED %s, %s", now_clock(s->paused_at_ms, at), fmt_age(now_ms() - s->paused_at_ms, age));
		return ROLE_WARN;
	}
	if (session_stale_ms(s) > 0) {
		snprintf(out, size, "stale %s", fmt_age(session_stale_ms(s), age));
		return ROLE_WARN;
	}
	copy_text(out, size, "live");
	return ROLE_NORMAL;
}

static const char *retry_text(const struct session *s, char *out, size_t size)
{
	int left = session_timeout_ms(s);

	if (left < 0)
		snprintf(out, size, "trying again (try %u)", s->tries + 1);
	else
		snprintf(out, size, "retry in %ds (try %u)", (left + 999) / 1000, s->tries + 1);
	return out;
}

static void percent_text(const json_t *pulse, char out[FMT_TEXT])
{
	const json_t *v = json_object_get(pulse, "error_percent");

	fmt_percent(json_is_number(v) ? (int64_t)(json_number_value(v) * 10 + 0.5) : FMT_UNKNOWN, out);
}

static const char *rate_text(const json_t *pulse, char out[FMT_TEXT])
{
	const json_t *v = json_object_get(pulse, "requests_per_s");

	if (!json_is_number(v))
		copy_text(out, FMT_TEXT, "-");
	else if (json_number_value(v) < 10 && json_is_real(v))
		snprintf(out, FMT_TEXT, "%.1f", json_number_value(v));
	else
		fmt_count((int64_t)(json_number_value(v) + 0.5), out);
	return out;
}

/* One fact of row 1; facts that do not fit before limit are left out, from the right. */
static int put_fact(struct area a, int x, int limit, const char *before, enum role role, const char *text)
{
	int width = cells_width(before) + cells_width(text);

	if (x + width > limit)
		return x;
	x = put(a, 0, x, a.width, ROLE_DIM, before);
	return put(a, 0, x, a.width, role, text);
}

static int draw_figures(const struct session *s, struct area a, int x, int limit)
{
	const json_t *p = s->pulse;
	char rate[FMT_TEXT], open[FMT_TEXT], money[FMT_TEXT], errors[FMT_TEXT], p95[FMT_TEXT], text[LINE_TEXT];

	rate_text(p, rate);
	fmt_count(json_int_peek(p, "open_calls", FMT_UNKNOWN), open);
	snprintf(text, sizeof(text), "%s%s req/s %s open", s->link == LINK_DOWN ? "last seen " : "", rate, open);
	x = put_fact(a, x, limit, " | ", ROLE_NORMAL, text);
	if (s->link == LINK_DOWN) {
		retry_text(s, text, sizeof(text));
		return put_fact(a, x, limit, " | ", ROLE_WARN, text);
	}
	snprintf(text, sizeof(text), "%s/h", fmt_money(json_money_peek(p, "usd_per_hour"), money));
	if (a.width >= 104) {
		char today[FMT_TEXT];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "  today %s",
			 fmt_money(json_money_peek(p, "spent_today_usd"), today));
	}
	x = put_fact(a, x, limit, " | ", ROLE_NORMAL, text);
	percent_text(p, errors);
	snprintf(text, sizeof(text), "err %s%%", errors);
	x = put_fact(a, x, limit, " | ", ROLE_NORMAL, text);
	snprintf(text, sizeof(text), "p95 %s", fmt_latency(json_int_peek(p, "p95_us", FMT_UNKNOWN), p95));
	return put_fact(a, x, limit, a.width >= 104 ? "  " : " | ", ROLE_NORMAL, text);
}

/* " live RW alice | 412 req/s 37 open | $18.42/h | err 0.6% | p95 2.1s     14:02:09" */
static void draw_how(struct app *app, struct area a)
{
	const struct session *s = &app->session;
	char text[LINE_TEXT], clock[NOW_TEXT], why[256];
	enum role role = link_text(s, text, sizeof(text));
	bool may_change = session_refusal(s, why, sizeof(why)) == NULL || s->link != LINK_LIVE;
	int limit, x = put(a, 0, 1, a.width, role, text);

	now_clock(now_ms(), clock);
	put_right(a, 0, a.width, ROLE_NORMAL, clock);
	limit = a.width - (int)strlen(clock) - 1;
	app->drawn_at_s = now_ms() / 1000;
	if (s->status != NULL) {
		x = put_fact(a, x, limit, " ", may_change ? ROLE_NORMAL : ROLE_WARN, may_change ? "RW" : "RO");
		x = put_fact(a, x, a.width >= 60 ? limit : 0, " ", ROLE_NORMAL, session_user(s));
	}
	if (s->pulse != NULL)
		draw_figures(s, a, x, limit);
	else if (s->link == LINK_DOWN)
		put_fact(a, x, limit, " | ", ROLE_WARN, retry_text(s, text, sizeof(text)));
}

static const struct screen *full_screen(const struct screen *s)
{
	while (s->ops->kind != SCREEN_FULL && s->below != NULL)
		s = s->below;
	return s;
}

static void crumbs(const struct screen *s, char *out, size_t size)
{
	char title[128];
	size_t len;

	if (s == NULL)
		return;
	crumbs(s->below, out, size);
	if (s->ops->kind != SCREEN_FULL)
		return;
	copy_text(title, sizeof(title), s->ops->name);
	if (s->ops->title != NULL)
		s->ops->title(s, title, sizeof(title));
	len = strlen(out);
	snprintf(out + len, size - len, "%s%s", len > 0 ? " > " : "", title);
}

static void draw_crumbs(const struct app *app, struct area a)
{
	const struct screen *s = full_screen(app_top(app));
	char text[LINE_TEXT] = "", facts[LINE_TEXT] = "";
	int x;

	crumbs(app_top(app), text, sizeof(text));
	x = put(a, 0, 1, a.width, ROLE_TITLE, text);
	if (s->ops->facts != NULL)
		s->ops->facts(s, facts, sizeof(facts));
	if (x + 2 + cells_width(facts) <= a.width)
		put_right(a, 0, a.width, ROLE_DIM, facts);
}

/* From the lowest that is seen up to the top. */
static void draw_screens(struct screen *s, struct area body, struct area line)
{
	if (s->ops->kind != SCREEN_FULL && s->below != NULL)
		draw_screens(s->below, body, line);
	s->ops->draw(s, s->ops->kind == SCREEN_LINE ? line : body);
}

static bool is_refused(void *arg, enum request r)
{
	struct app *app = arg;
	char why[256];

	return request_info(r)->needs & NEEDS_ADMIN && session_refusal(&app->session, why, sizeof(why)) != NULL;
}

static void draw_bar(struct app *app, struct area a)
{
	char text[LINE_TEXT];

	/* The last cell of the last row stays empty: writing it would scroll some terminals. */
	keymap_bar(screen_context(app_top(app)), a.width - 2, is_refused, app, text, sizeof(text));
	put(a, 0, 1, a.width - 2, ROLE_NORMAL, text);
}

void app_draw(struct app *app)
{
	struct area all, where, how, crumb = {0}, message, bar, body;
	bool own_message_row, is_line = app_top(app)->ops->kind == SCREEN_LINE;

	term_begin();
	app->session.frame++;
	all = body = term_area();
	own_message_row = all.height >= 16;
	where = area_take_rows(&body, 1);
	how = area_take_rows(&body, all.height >= 4 ? 1 : 0);
	if (all.height >= 20)
		crumb = area_take_rows(&body, 1);
	bar = area_part(body, body.height - 1, 0, 1, body.width);
	body.height -= bar.height;
	message = own_message_row ? area_part(body, body.height - 1, 0, 1, body.width) : bar;
	body.height -= own_message_row ? message.height : 0;
	draw_where(app, where);
	draw_how(app, how);
	if (crumb.height > 0)
		draw_crumbs(app, crumb);
	if (own_message_row || (!is_line && app->message[0] == '\0'))
		draw_bar(app, bar);
	draw_screens(app_top(app), body, message);
	if (!is_line && app->message[0] != '\0')
		put(message, 0, 1, message.width - 2, app->message_role, app->message);
	term_end();
	app->dirty = false;
}
