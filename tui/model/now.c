/* SPDX-License-Identifier: MIT */
/* Times become what a person reads on a screen here. */
#include "model/now.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

static int64_t fixed_ms(void)
{
	static int64_t fixed = -1;
	const char *text;

	if (fixed < 0) {
		fixed = 0;
		text = getenv("TOLLGATE_NOW");
		if (text != NULL)
			clock_parse(text, clock_wall_ms(), &fixed);
	}
	return fixed;
}

bool now_is_fixed(void)
{
	return fixed_ms() != 0;
}

int64_t now_ms(void)
{
	return now_is_fixed() ? fixed_ms() : clock_wall_ms();
}

static struct tm local(int64_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	localtime_r(&t, &tm);
	return tm;
}

const char *now_clock(int64_t wall_ms, char out[NOW_TEXT])
{
	struct tm tm = local(wall_ms);

	strftime(out, NOW_TEXT, "%H:%M:%S", &tm);
	return out;
}

const char *now_stamp(int64_t wall_ms, char out[NOW_TEXT])
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm then = local(wall_ms), today = local(now_ms());

	if (wall_ms == 0) {
		copy_text(out, NOW_TEXT, "-");
	} else if (then.tm_year != today.tm_year) {
		strftime(out, NOW_TEXT, "%Y-%m-%d", &then);
	} else if (then.tm_yday != today.tm_yday) {
		/* Not %b: the name of a month must not depend on the locale. */
		copy_text(out, NOW_TEXT, months[then.tm_mon]);
		strftime(out + 3, NOW_TEXT - 3, " %d %H:%M", &then);
	} else {
		strftime(out, NOW_TEXT, "%H:%M", &then);
	}
	return out;
}
