/* SPDX-License-Identifier: MIT */
/* Any text is read as an amount, an instant, a duration and an id: what was taken prints and reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/money.h"
#include "base/text.h"
#include "fuzz.h"

static void try_money(const char *text)
{
	char printed[MONEY_TEXT];
	int64_t a, b;

	if (money_parse(text, false, &a)) {
		REQUIRE(money_parse(text, true, &b) && a == b);
		REQUIRE(money_parse(money_format(a, printed), false, &b) && a == b);
	} else if (money_parse(text, true, &a)) {
		REQUIRE(a != COST_UNKNOWN);
	}
}

static void try_times(const char *text)
{
	char printed[CLOCK_TEXT];
	int64_t a, b;

	if (duration_parse(text, &a)) {
		REQUIRE(a >= 0);
		REQUIRE(duration_parse(duration_format(a, printed), &b) && a == b);
	} else if (clock_parse(text, 0, &a)) {
		/* Offsets may carry an instant of the year 0 or 9999 out of what prints in four digits. */
		if (a > -62100000000000 && a < 253400000000000)
			REQUIRE(clock_parse(clock_format(a, printed), 0, &b) && a == b);
	}
}

static void try_names(const char *text)
{
	static const char *const words[] = {"providers", "chains", "teams", NULL};
	char printed[ID_TEXT];
	int64_t a, b;

	if (id_parse(text, &a))
		REQUIRE(a >= 0 && id_parse(id_format(a, printed), &b) && a == b);
	text_suggest(text, words);
	REQUIRE(!text_is_name(text) || text_is_model(text));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1);

	memcpy(text, data, len);
	text[len] = '\0';
	try_money(text);
	try_times(text);
	try_names(text);
	free(text);
	return 0;
}
