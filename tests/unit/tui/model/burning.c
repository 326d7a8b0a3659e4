/* SPDX-License-Identifier: MIT */
/* Why a team burns is told in lines. */
#include "model/burning.h"

#include "base/buf.h"
#include "check.h"

#define PAIR(key, change, share, factors)                                                          \
	"{\"key\":\"" key "\",\"model\":\"m\",\"calls\":1,\"usual_usd_per_hour\":\"1\",\"change_usd_per_hour\":\"" change \
	"\",\"share_percent\":" share "," factors "}"
#define SAME "\"calls_factor\":1.0,\"tokens_factor\":0.96,\"price_factor\":1.04"
#define WINDOW "\"from\":\"2026-11-23T13:00:00Z\",\"until\":\"2026-11-23T14:00:00Z\","

static void check_lines(const char *json, size_t max_lines, const char *head, const char *wanted)
{
	json_t *why = json_loads(json, 0, NULL);
	struct buf out;

	CHECK(why != NULL);
	buf_init(&out, 1 << 14);
	burning_head(why, &out);
	CHECK_TEXT(out.data, head);
	buf_clear(&out);
	burning_tell(why, max_lines, &out);
	CHECK_TEXT(out.data, wanted);
	buf_release(&out);
	json_decref(why);
}

static const char grown[] =
	"{" WINDOW "\"days\":1,\"now_usd_per_hour\":\"9\",\"usual_usd_per_hour\":\"5\",\"change_usd_per_hour\":\"4\",\"pairs\":["
	PAIR("ci", "4.5", "112.5", "\"calls_factor\":1.1,\"tokens_factor\":34.4,\"price_factor\":0.5") ","
	PAIR("web", "-0.004", "-0.1", SAME) "," PAIR("x", "-0.2", "-5", SAME) "],"
	"\"blame\":{\"key\":\"ci\\u001b\",\"since\":null,\"app\":null,\"cache_percent\":null}}";

static void what_is_told_adds_up_to_the_change(void)
{
	static const char head[] = "last 1h $9.00/h, usual $5.00/h (1 day), +4.00/h";

	check_lines(grown, 99, head,
		    "     +4.50 113%  ci            m                 calls x1.1 tokens x34 price x0.5\n"
		    "-$0.004000   0%  web           m                 as usual\n"
		    "     -0.20  -5%  x             m                 as usual\n"
		    "     -0.30       everything else\n"
		    "ci\\x1b: all the time\n");
	check_lines(grown, 3, head,
		    "     +4.50 113%  ci            m                 calls x1.1 tokens x34 price x0.5\n"
		    "     -0.50       everything else\n"
		    "ci\\x1b: all the time\n");
}

static void without_history_what_was_spent_is_told(void)
{
	check_lines("{" WINDOW "\"days\":0,\"now_usd_per_hour\":\"2\",\"change_usd_per_hour\":null,\"blame\":null,\"pairs\":["
		    "{\"key\":\"ci\",\"model\":null,\"now_usd_per_hour\":\"2\",\"calls\":3,\"input\":10,\"output\":5}]}",
		    4, "last 1h $2.00/h, no history to compare with yet",
		    "    $2.00 ci             -                        3 calls    10 in     5 out\n");
}

CHECK_MAIN(TEST(what_is_told_adds_up_to_the_change), TEST(without_history_what_was_spent_is_told))
