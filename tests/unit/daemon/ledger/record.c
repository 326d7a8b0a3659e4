/* SPDX-License-Identifier: MIT */
#include "ledger/record.h"

#include <stdlib.h>

#include "base/money.h"
#include "check.h"
#include "random_record.h"

static unsigned char packed[RECORD_MAX];

/* What an ordinary call looks like. */
static struct call_record *ordinary(void)
{
	static struct call_record r;

	r = (struct call_record){
		.id = INT64_C(95000000000) << 20,
		.team_id = 12,
		.key_id = 345,
		.asked = "smart",
		.provider = "anthropic",
		.model = "claude-sonnet-4-5-20250929",
		.status = 200,
		.flags = CALL_STREAM,
		.finish = FINISH_STOP,
		.cost_nusd = 10587750,
		.billed_nusd = 11646525,
		.price_id = 17,
		.total_us = 4100123,
		.first_byte_us = 812345,
		.upstream_us = 4099000,
		.gateway_us = 812,
		.app = "opencode/1.4",
		.user = "u_19283",
		.tags = "nightly,eval",
		.remote = "10.1.2.3",
		.num_attempts = 1,
		.num_entries = 1,
	};
	usage_init(&r.usage);
	usage_set(&r.usage, USAGE_INPUT, 2572, USAGE_REPORTED);
	usage_set(&r.usage, USAGE_CACHE_WRITE_5M, 2569, USAGE_REPORTED);
	usage_set(&r.usage, USAGE_OUTPUT, 63, USAGE_REPORTED);
	r.attempts[0] = (struct attempt_record){
		.provider = "anthropic", .model = "claude-sonnet-4-5-20250929", .status = 200, .total_us = 4099000};
	return &r;
}

static void what_is_written_is_read_back(void)
{
	struct call_record *r = calloc(1, sizeof(*r)), *back = calloc(1, sizeof(*back));

	for (int i = 0; i < 2000; i++) {
		size_t len;

		random_record(r);
		len = record_write(r, packed);
		memset(back, 0, sizeof(*back));
		if (len > RECORD_MAX || !record_read(packed, len, back)) {
			CHECK(!"a record cannot be read back");
			break;
		}
		/* The longest leave attempts out; those that are there are the first. */
		CHECK(back->num_entries <= r->num_entries);
		r->num_entries = back->num_entries;
		memset(&r->attempts[r->num_entries], 0, (RECORD_ATTEMPTS - r->num_entries) * sizeof(r->attempts[0]));
		CHECK(memcmp(r, back, sizeof(*r)) == 0);
	}
	free(r);
	free(back);
}

static void an_ordinary_call_takes_a_few_hundred_bytes(void)
{
	size_t len = record_write(ordinary(), packed);

	CHECK(len >= 150 && len <= 400);
}

static void the_longest_record_fits_and_keeps_its_first_attempts(void)
{
	struct call_record *r = calloc(1, sizeof(*r)), *back = calloc(1, sizeof(*back));
	size_t len;

	memset(r, 'x', sizeof(*r));
	r->num_entries = RECORD_ATTEMPTS;
	memset(r->usage.source, USAGE_REPORTED, sizeof(r->usage.source));
	len = record_write(r, packed);
	CHECK(len <= RECORD_MAX);
	CHECK(record_read(packed, len, back));
	CHECK(back->num_entries >= 5 && back->num_entries < RECORD_ATTEMPTS);
	CHECK_INT(strlen(back->asked), MODEL_TEXT - 1);
	CHECK_INT(strlen(back->tags), TAGS_TEXT - 1);
	CHECK_INT(strlen(back->attempts[4].error), sizeof(back->attempts[4].error) - 1);
	free(r);
	free(back);
}

static void no_beginning_of_a_record_is_a_record(void)
{
	struct call_record *back = calloc(1, sizeof(*back));
	size_t len = record_write(ordinary(), packed);

	for (size_t cut = 0; cut < len; cut++) {
		/* In memory of its own, so that a read behind its end is found. */
		unsigned char *part = malloc(cut > 0 ? cut : 1);

		memcpy(part, packed, cut);
		CHECK(!record_read(part, cut, back));
		free(part);
	}
	packed[len] = 0;
	CHECK(!record_read(packed, len + 1, back));
	free(back);
}

static void rubbish_is_refused_or_read_within_bounds(void)
{
	struct call_record *back = calloc(1, sizeof(*back));
	size_t len = record_write(ordinary(), packed);

	for (int i = 0; i < 20000; i++) {
		unsigned char copy[RECORD_MAX];

		memcpy(copy, packed, len);
		copy[random_below((int64_t)len)] ^= (unsigned char)(1 << random_below(8));
		if (record_read(copy, len, back))
			CHECK(back->num_entries <= RECORD_ATTEMPTS && strnlen(back->asked, MODEL_TEXT) < MODEL_TEXT);
	}
	packed[0] ^= 0x40;
	CHECK(!record_read(packed, len, back));
	free(back);
}

static void absurd_counts_and_costs_are_cut(void)
{
	struct call_record *back = calloc(1, sizeof(*back)), r = *ordinary();

	usage_set(&r.usage, USAGE_OUTPUT, INT64_MAX, USAGE_REPORTED);
	r.cost_nusd = INT64_MAX;
	r.billed_nusd = COST_UNKNOWN;
	CHECK(record_read(packed, record_write(&r, packed), back));
	CHECK_INT(usage_get(&back->usage, USAGE_OUTPUT), INT64_C(1) << 40);
	CHECK_INT(back->cost_nusd, 1000000 * NUSD_PER_USD);
	CHECK(back->billed_nusd == COST_UNKNOWN);
	free(back);
}

static void every_stored_number_has_words(void)
{
	CHECK_TEXT(call_result_name(CALL_INTERRUPTED), "interrupted");
	CHECK_TEXT(attempt_reason_name(ATTEMPT_RATE_LIMITED), "rate_limited");
	CHECK_TEXT(attempt_reason_text(ATTEMPT_RATE_LIMITED), "429 from the provider");
	CHECK_TEXT(attempt_reason_name((enum attempt_reason)20), "unknown");
	CHECK_TEXT(call_result_name((enum call_result)200), "unknown");
	CHECK(attempt_was_made(ATTEMPT_SERVER_ERROR) && !attempt_was_made(ATTEMPT_SKIP_COOLING));
	CHECK(!attempt_was_made(ATTEMPT_NO_CREDENTIAL));
	CHECK(attempt_was_made(ATTEMPT_CLIENT_GONE) && !attempt_was_made(ATTEMPT_NO_SOCKET));
	for (int i = 0; i <= ATTEMPT_NO_SOCKET; i++)
		CHECK(strcmp(attempt_reason_name((enum attempt_reason)i), "unknown") != 0);
	for (int i = ATTEMPT_SKIP_DISABLED; i <= ATTEMPT_SKIP_NO_PROVIDER; i++)
		CHECK(strcmp(attempt_reason_name((enum attempt_reason)i), "unknown") != 0);
}

CHECK_MAIN(TEST(what_is_written_is_read_back), TEST(an_ordinary_call_takes_a_few_hundred_bytes),
	   TEST(the_longest_record_fits_and_keeps_its_first_attempts), TEST(no_beginning_of_a_record_is_a_record),
	   TEST(rubbish_is_refused_or_read_within_bounds), TEST(absurd_counts_and_costs_are_cut),
	   TEST(every_stored_number_has_words))
