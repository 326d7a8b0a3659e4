/* SPDX-License-Identifier: MIT */
/* What the workers counted is added up and said in Prometheus' words. */
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "gateway/stats.h"

static bool says(struct stats_table *table, const char *line)
{
	struct buf out;
	bool found;

	buf_init(&out, 1 << 16);
	stats_write(table, &out);
	found = strstr(out.data, line) != NULL;
	buf_release(&out);
	return found;
}

static void the_workers_that_are_there_are_added_up(void)
{
	struct worker_stats one = {.calls = 3, .errors = 1, .open = 2, .strays = {[STRAY_UNKNOWN_KEY] = 5}};
	struct worker_stats two = {.calls = 4, .storage_refusals = 7, .strays = {[STRAY_UNKNOWN_KEY] = 1, [STRAY_NO_KEY] = 2}};
	struct stats_table table = {0};

	CHECK(says(&table, "\ntollgate_calls_total 0\n"));
	table.of[0] = &one;
	table.of[STATS_WORKERS - 1] = &two;
	CHECK(says(&table, "\ntollgate_calls_total 7\n"));
	CHECK(says(&table, "\ntollgate_call_errors_total 1\n"));
	CHECK(says(&table, "\ntollgate_open_calls 2\n"));
	CHECK(says(&table, "\ntollgate_strays_total{cause=\"unknown_key\"} 6\n"));
	CHECK(says(&table, "\ntollgate_strays_total{cause=\"no_key\"} 2\n"));
	CHECK(says(&table, "\ntollgate_storage_refusals_total 7\n"));
}

static void each_figure_says_its_type_and_what_it_is(void)
{
	struct stats_table table = {0};

	CHECK(says(&table, "# HELP tollgate_calls_total Calls"));
	CHECK(says(&table, "# TYPE tollgate_calls_total counter\n"));
	CHECK(says(&table, "# TYPE tollgate_open_calls gauge\n"));
}

CHECK_MAIN(TEST(the_workers_that_are_there_are_added_up), TEST(each_figure_says_its_type_and_what_it_is))
