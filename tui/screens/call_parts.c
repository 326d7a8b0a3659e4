/* SPDX-License-Identifier: MIT */
/* What one call asked for, used and cost, and why it went where it went, is drawn here. */
#include "screens/call_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/cells.h"
#include "draw/wrap.h"
#include "model/now.h"
#include "model/why.h"
#include "screens/calls_columns.h"

#define LABEL_X 1
#define TEXT_X 9
#define TEXT_MAX 8192

static const char *text_of(const json_t *call, const char *member)
{
	const char *text = json_text_peek(call, member);

	return text != NULL && text[0] != '\0' ? text : "-";
}

/* "200 after 2 tries" */
static void say_outcome(const json_t *call, struct cell *c)
{
	static const struct {
		const char *result, *words;
	} words[] = {
		{"refused", " refused"}, {"failed", " failed"}, {"aborted", ": the client left"},
		{"interrupted", ": the daemon stopped"},
	};
	int64_t tries = json_int_peek(call, "attempts", 0);
	size_t len;

	show_call_status(c, call);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(text_of(call, "result"), words[i].result) == 0)
			strncat(c->text, words[i].words, sizeof(c->text) - strlen(c->text) - 1);
	len = strlen(c->text);
	if (tries > 1)
		snprintf(c->text + len, sizeof(c->text) - len, " after %lld tries", (long long)tries);
}

/* "  app checkout-web", where it is known and fits. */
static int put_known(struct area a, int y, int x, const json_t *call, const char *name, const char *member)
{
	const char *value = json_text_peek(call, member);
	char text[512];

	if (value == NULL || value[0] == '\0')
		return x;
	snprintf(text, sizeof(text), "  %s %s", name, value);
	return put_whole(a, y, x, ROLE_NORMAL, text);
}

static void draw_asked(const json_t *call, struct area a, int y)
{
	int x = put(a, y, LABEL_X, a.width, ROLE_DIM, "asked ");

	x = put(a, y, x, a.width, ROLE_NORMAL, text_of(call, "asked"));
	if (json_text_peek(call, "provider") != NULL) {
		x = put(a, y, x, a.width, ROLE_DIM, strcmp(text_of(call, "result"), "answered") == 0 ? "  served " : "  tried last ");
		x = put(a, y, x, a.width, ROLE_NORMAL, text_of(call, "provider"));
		x = put(a, y, x, a.width, ROLE_DIM, " / ");
		x = put(a, y, x, a.width, ROLE_NORMAL, text_of(call, "model"));
	}
	if (json_bool_peek(call, "stream"))
		x = put_whole(a, y, x, ROLE_NORMAL, "  stream");
	if (json_bool_peek(call, "simulated"))
		x = put_whole(a, y, x, ROLE_NORMAL, "  simulated");
	x = put_known(a, y, x, call, "finish", "finish");
	x = put_known(a, y, x, call, "user", "user");
	x = put_known(a, y, x, call, "session", "session");
	put_known(a, y, x, call, "tags", "tags");
}

int call_draw_head(const json_t *call, struct area a, int y)
{
	struct cell outcome = {.text = "", .role = ROLE_NORMAL};
	struct area left = a;
	char at[NOW_TEXT], stamp[NOW_TEXT];
	int64_t at_ms = json_time_peek(call, "at");
	int x;

	say_outcome(call, &outcome);
	put_right(a, y, a.width - 1, outcome.role, outcome.text);
	left.width -= cells_width(outcome.text) + 2;
	now_stamp(at_ms, stamp);
	x = put(left, y, LABEL_X, left.width, ROLE_NORMAL,
		strlen(stamp) <= strlen("14:02") ? now_clock(at_ms, at) : stamp);
	x = put(left, y, x + 2, left.width, ROLE_TITLE, text_of(call, "id"));
	x = put_known(left, y, x, call, "key", "key");
	x = put_known(left, y, x, call, "team", "team");
	put_known(left, y, x, call, "app", "app");
	draw_asked(call, a, y + 1);
	return y + 2;
}

/* -- tokens and cost ----------------------------------------------------------------------------- */

static bool is_estimated(const json_t *call, const char *member)
{
	const char *source = json_text_peek(json_object_get(call, "usage_sources"), member);

	return source != NULL && strcmp(source, "estimated") == 0;
}

int call_draw_tokens(const json_t *call, struct area a, int y)
{
	static const struct {
		const char *member, *name;
	} fields[] = {
		{"input", "in"}, {"cache_read", "from cache"}, {"cache_write_5m", "to cache 5m"},
		{"cache_write_1h", "to cache 1h"}, {"output", "out"}, {"reasoning", "of it reasoning"},
	};
	int x = TEXT_X;

	put(a, y, LABEL_X, a.width, ROLE_TITLE, "tokens");
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		int64_t n = json_int_peek(call, fields[i].member, FMT_UNKNOWN);
		char text[96];

		if (n == FMT_UNKNOWN)
			continue;
		snprintf(text, sizeof(text), "%s%s %s%lld", x > TEXT_X ? "   " : "", fields[i].name,
			 is_estimated(call, fields[i].member) ? "~" : "", (long long)n);
		x = put_whole(a, y, x, ROLE_NORMAL, text);
	}
	if (x == TEXT_X)
		put(a, y, x, a.width, ROLE_DIM, "not known");
	else if (json_bool_peek(call, "estimated"))
		put_whole(a, y, x, ROLE_DIM, "   ~ estimated by the gateway");
	return y + 1;
}

/* "input 1480 x $3 = $0.004440", a million being the unit of the price. */
static void add_part(struct buf *out, const json_t *part, bool first)
{
	char cost[FMT_TEXT];

	buf_printf(out, "%s%s %lld x $%s/M %s", first ? "" : " + ", text_of(part, "unit"),
		   (long long)json_int_peek(part, "count", 0), text_of(part, "usd_per_million"),
		   fmt_money(json_money_peek(part, "cost_usd"), cost));
}

static void add_other_amount(struct buf *out, const json_t *call, const char *words, const char *member)
{
	int64_t nusd = json_money_peek(call, member);
	char text[FMT_TEXT];

	if (nusd != COST_UNKNOWN && nusd != json_money_peek(call, "cost_usd"))
		buf_printf(out, "; %s %s", words, fmt_money(nusd, text));
}

int call_draw_cost(const json_t *call, struct area a, int y)
{
	const json_t *parts = json_object_get(call, "cost_parts");
	int64_t cost_nusd = json_money_peek(call, "cost_usd");
	struct buf text;
	char cost[FMT_TEXT];

	buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < json_array_size(parts); i++)
		add_part(&text, json_array_get(parts, i), i == 0);
	if (cost_nusd == COST_UNKNOWN)
		buf_puts(&text, "unknown: there was no price for this model");
	else
		buf_printf(&text, "%s%s", text.len > 0 ? " = " : "", fmt_money(cost_nusd, cost));
	add_other_amount(&text, call, "billed", "billed_usd");
	add_other_amount(&text, call, "the provider says", "provider_cost_usd");
	put(a, y, LABEL_X, a.width, ROLE_TITLE, "cost");
	y = put_wrapped(a, y, TEXT_X, cost_nusd == COST_UNKNOWN ? ROLE_WARN : ROLE_NORMAL, text.data);
	buf_release(&text);
	return y;
}

int call_draw_why(const json_t *call, struct area a, int y)
{
	struct buf text;

	buf_init(&text, TEXT_MAX * 4);
	why_tell(call, &text);
	put(a, y, LABEL_X, a.width, ROLE_TITLE, "why");
	y = put_wrapped(a, y, TEXT_X, ROLE_NORMAL, text.data);
	buf_release(&text);
	return y;
}
