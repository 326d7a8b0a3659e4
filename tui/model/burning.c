/* SPDX-License-Identifier: MIT */
/* Why a team spends more than usual is put into words here, for the dashboard and the command line. */
#include "model/burning.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"

/* Everything else, and who is to blame. */
#define LAST_LINES 2
#define CENT_NUSD (NUSD_PER_USD / 100)

static bool has_history(const json_t *why)
{
	return json_int_peek(why, "days", 0) > 0;
}

static void put_clean(struct buf *out, const json_t *o, const char *member)
{
	const char *text = json_text_peek(o, member);

	text = text != NULL ? text : "-";
	text_clean(out, text, strlen(text), false);
}

/* A column of so many cells, cut where it is longer; names are ASCII. */
static void put_column(struct buf *out, const json_t *o, const char *member, int width)
{
	struct buf text;

	buf_init(&text, 1024);
	put_clean(&text, o, member);
	buf_printf(out, "%-*.*s", width, width, text.data);
	buf_release(&text);
}

/* "+4.60", "-0.02"; what is less than a cent is told to its last digit: "+$0.000129". */
static const char *with_sign(int64_t nusd, char out[FMT_TEXT])
{
	char text[FMT_TEXT];
	bool small = nusd > -CENT_NUSD && nusd < CENT_NUSD;

	if (nusd == COST_UNKNOWN)
		return fmt_money(nusd, out);
	copy_text(out, FMT_TEXT, nusd > 0 ? "+" : "");
	copy_text(out + strlen(out), FMT_TEXT - 1, small && nusd != 0 ? fmt_money(nusd, text) : fmt_dollars(nusd, text));
	return out;
}

void burning_head(const json_t *why, struct buf *out)
{
	int64_t length = json_time_peek(why, "until") - json_time_peek(why, "from"), days = json_int_peek(why, "days", 0);
	char now[FMT_TEXT], usual[FMT_TEXT], change[FMT_TEXT], last[CLOCK_TEXT];

	buf_printf(out, "last %s %s/h, ", duration_format(length, last), fmt_money(json_money_peek(why, "now_usd_per_hour"), now));
	if (!has_history(why)) {
		buf_puts(out, "no history to compare with yet");
		return;
	}
	buf_printf(out, "usual %s/h (%lld day%s), %s/h", fmt_money(json_money_peek(why, "usual_usd_per_hour"), usual),
		   (long long)days, days == 1 ? "" : "s", with_sign(json_money_peek(why, "change_usd_per_hour"), change));
}

/* What is within five per cent of usual says nothing. */
static bool differs(double factor)
{
	return factor < 0.95 || factor > 1.05;
}

static void put_factors(const json_t *pair, struct buf *out)
{
	static const struct {
		const char *member, *text;
	} factors[] = {{"calls_factor", "calls"}, {"tokens_factor", "tokens"}, {"price_factor", "price"}};
	int64_t usual = json_money_peek(pair, "usual_usd_per_hour");
	size_t told = 0;

	for (size_t i = 0; i < ARRAY_LEN(factors); i++) {
		const json_t *value = json_object_get(pair, factors[i].member);

		if (json_is_number(value) && differs(json_number_value(value)))
			buf_printf(out, "%s%s x%.*f", told++ > 0 ? " " : "", factors[i].text,
				   json_number_value(value) < 10 ? 1 : 0, json_number_value(value));
	}
	if (told == 0)
		buf_puts(out, usual == 0 ? "new" : json_int_peek(pair, "calls", 0) == 0 ? "no more calls" : "as usual");
}

/* "+4.60  99%  ci-batch      claude-sonnet     calls x1.1 tokens x3.4". */
static void put_change(const json_t *pair, struct buf *out)
{
	const json_t *share = json_object_get(pair, "share_percent");
	char change[FMT_TEXT];

	buf_printf(out, "%10s", with_sign(json_money_peek(pair, "change_usd_per_hour"), change));
	if (json_is_number(share))
		buf_printf(out, "%4ld%%  ", lround(json_number_value(share)));
	else
		buf_puts(out, "    -  ");
	put_column(out, pair, "key", 13);
	buf_putc(out, ' ');
	put_column(out, pair, "model", 17);
	buf_putc(out, ' ');
	put_factors(pair, out);
	buf_putc(out, '\n');
}

static void put_cost(const json_t *pair, struct buf *out)
{
	char cost[FMT_TEXT], calls[FMT_TEXT], input[FMT_TEXT], output[FMT_TEXT];

	buf_printf(out, "%9s ", fmt_money(json_money_peek(pair, "now_usd_per_hour"), cost));
	put_column(out, pair, "key", 14);
	buf_putc(out, ' ');
	put_column(out, pair, "model", 20);
	buf_printf(out, " %5s calls %5s in %5s out\n", fmt_count(json_int_peek(pair, "calls", FMT_UNKNOWN), calls),
		   fmt_count(json_int_peek(pair, "input", FMT_UNKNOWN), input),
		   fmt_count(json_int_peek(pair, "output", FMT_UNKNOWN), output));
}

static void put_blame(const json_t *blame, struct buf *out)
{
	const json_t *cache = json_object_get(blame, "cache_percent"), *usual = json_object_get(blame, "usual_cache_percent");
	int64_t since = json_time_peek(blame, "since");
	char at[CLOCK_TEXT];

	put_clean(out, blame, "key");
	if (since > 0)
		buf_printf(out, ": since %.5s", clock_format(since, at) + 11);
	else
		buf_puts(out, ": all the time");
	if (json_text_peek(blame, "app") != NULL) {
		buf_puts(out, "; app \"");
		put_clean(out, blame, "app");
		buf_putc(out, '"');
	}
	if (json_is_number(cache))
		buf_printf(out, "; cache hits %.0f%%", json_number_value(cache));
	if (json_is_number(cache) && json_is_number(usual))
		buf_printf(out, " (usual %.0f%%)", json_number_value(usual));
	buf_putc(out, '\n');
}

void burning_tell(const json_t *why, size_t max_lines, struct buf *out)
{
	const json_t *pairs = json_object_get(why, "pairs"), *blame = json_object_get(why, "blame"), *pair;
	size_t room = max_lines > LAST_LINES ? max_lines - LAST_LINES : max_lines, i;
	int64_t rest = json_money_peek(why, "change_usd_per_hour");
	char text[FMT_TEXT];

	if (!has_history(why)) {
		json_array_foreach(pairs, i, pair)
			if (i < max_lines)
				put_cost(pair, out);
		return;
	}
	json_array_foreach(pairs, i, pair) {
		if (i >= room)
			break;
		put_change(pair, out);
		rest -= json_money_peek(pair, "change_usd_per_hour");
	}
	if (max_lines <= LAST_LINES)
		return;
	if (rest != 0 && rest != COST_UNKNOWN)
		buf_printf(out, "%10s       everything else\n", with_sign(rest, text));
	if (json_is_object(blame))
		put_blame(blame, out);
}
