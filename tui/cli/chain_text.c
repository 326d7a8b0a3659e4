/* SPDX-License-Identifier: MIT */
/* A chain is written down here, tier by tier, with what stands in the way of each target. */
#include "cli/chain_text.h"

#include <string.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/text.h"

static int64_t tier_weight(const json_t *targets, int64_t tier)
{
	const json_t *target;
	int64_t sum = 0;
	size_t i;

	json_array_foreach(targets, i, target)
		if (json_int_peek(target, "tier", 0) == tier)
			sum += json_int_peek(target, "weight", 1);
	return sum;
}

/* Why no call goes there now, or why it is worth a look. */
static void put_hindrance(const json_t *target, struct buf *out)
{
	const char *state = json_text_peek(target, "state"), *breaker = json_text_peek(target, "breaker");
	const json_t *priced = json_object_get(target, "price_known");
	char text[FMT_TEXT];

	if (state != NULL && strcmp(state, "enabled") != 0)
		buf_printf(out, ", %s", state);
	if (breaker != NULL && strcmp(breaker, "closed") != 0)
		buf_printf(out, ", breaker %s", breaker);
	if (json_int_peek(target, "cooling_ms", 0) > 0)
		buf_printf(out, ", cooling %s", fmt_age(json_int_peek(target, "cooling_ms", 0), text));
	if (json_is_false(priced))
		buf_puts(out, ", no price");
}

static void put_target(const json_t *targets, const json_t *target, bool first, struct buf *out)
{
	int64_t tier = json_int_peek(target, "tier", 0), sum = tier_weight(targets, tier);
	const char *name = json_text_peek(target, "target");

	if (first)
		buf_printf(out, "%lld. ", (long long)tier);
	else
		buf_puts(out, "   ");
	text_clean(out, name ? name : "-", strlen(name ? name : "-"), false);
	if (sum != json_int_peek(target, "weight", 1) && sum > 0)
		buf_printf(out, " %lld%%", (long long)((json_int_peek(target, "weight", 1) * 100 + sum / 2) / sum));
	put_hindrance(target, out);
	buf_putc(out, '\n');
}

void chain_text(const json_t *chain, struct buf *out)
{
	const json_t *targets = json_object_get(chain, "targets"), *target;
	int64_t tier = -1;
	size_t i;

	json_array_foreach(targets, i, target) {
		bool first = json_int_peek(target, "tier", 0) != tier;

		tier = json_int_peek(target, "tier", 0);
		put_target(targets, target, first, out);
	}
}
