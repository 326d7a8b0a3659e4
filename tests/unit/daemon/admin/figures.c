/* SPDX-License-Identifier: MIT */
#include "admin/figures.h"

#include "base/money.h"
#include "budget/budget.h"
#include "check.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define DOLLAR NUSD_PER_USD

/* A window of thirty days, ten of which are over. */
static struct budget_state month(int64_t spent, int64_t amount)
{
	return (struct budget_state){
		.spent_nusd = spent * DOLLAR, .amount_nusd = amount * DOLLAR, .from_ms = 0, .until_ms = 30 * DAY_MS};
}

static void what_follows_the_next_hour_goes_on_at_the_windows_pace(void)
{
	struct budget_state s = month(240, 1000);       /* a dollar an hour */
	struct projection p = figures_project(&s, DOLLAR, 10 * DAY_MS);

	CHECK_INT(p.projected_nusd, 720 * DOLLAR);
	CHECK_INT(p.ends_ms, 0);
}

static void a_burst_counts_for_an_hour(void)
{
	struct budget_state s = month(240, 1000);
	struct projection p = figures_project(&s, 100 * DOLLAR, 10 * DAY_MS);

	CHECK_INT(p.projected_nusd, (720 + 99) * DOLLAR);
}

static void the_end_is_where_the_line_meets_the_amount(void)
{
	struct budget_state s = month(240, 300);
	struct projection slow = figures_project(&s, DOLLAR, 10 * DAY_MS);
	struct projection fast = figures_project(&s, 120 * DOLLAR, 10 * DAY_MS);

	CHECK_INT(slow.ends_ms, 10 * DAY_MS + 60 * HOUR_MS);
	CHECK_INT(fast.ends_ms, 10 * DAY_MS + HOUR_MS / 2);
}

static void what_is_used_up_ended_now(void)
{
	struct budget_state s = month(300, 300);

	CHECK_INT(figures_project(&s, 0, 10 * DAY_MS).ends_ms, 10 * DAY_MS);
}

static void nothing_spent_leads_nowhere(void)
{
	struct budget_state s = month(0, 300);
	struct projection p = figures_project(&s, 0, 10 * DAY_MS);

	CHECK_INT(p.projected_nusd, 0);
	CHECK_INT(p.ends_ms, 0);
}

static void the_first_minutes_of_a_month_do_not_project_a_fortune(void)
{
	struct budget_state s = month(10, 1000);
	struct projection p = figures_project(&s, 0, 60000);

	CHECK(p.projected_nusd < 310 * DOLLAR);
}

static void a_total_ends_by_its_rate_and_is_not_projected(void)
{
	struct budget_state s = {
		.spent_nusd = 40 * DOLLAR, .amount_nusd = 100 * DOLLAR, .from_ms = 0, .until_ms = INT64_MAX};
	struct projection p = figures_project(&s, 10 * DOLLAR, DAY_MS);

	CHECK(p.projected_nusd == COST_UNKNOWN);
	CHECK_INT(p.ends_ms, DAY_MS + 6 * HOUR_MS);
	CHECK_INT(figures_project(&s, 0, DAY_MS).ends_ms, 0);
}

CHECK_MAIN(TEST(what_follows_the_next_hour_goes_on_at_the_windows_pace), TEST(a_burst_counts_for_an_hour),
	   TEST(the_end_is_where_the_line_meets_the_amount), TEST(what_is_used_up_ended_now), TEST(nothing_spent_leads_nowhere),
	   TEST(the_first_minutes_of_a_month_do_not_project_a_fortune), TEST(a_total_ends_by_its_rate_and_is_not_projected))
