/* SPDX-License-Identifier: MIT */
#include "ledger/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random_record.h"

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* got is within 4.5 % of want, or the nearest whole number. */
static bool is_near(int64_t got, int64_t want)
{
	int64_t off = got > want ? got - want : want - got;

	return off * 1000 <= want * 45 + 500;
}

static void a_single_value_is_read_back_within_half_a_bucket(void)
{
	for (int64_t us = 1; us < INT64_C(1) << 36; us += 1 + us / 97) {
		struct histogram h = {0};

		histogram_add(&h, us);
		if (!is_near(histogram_percentile(&h, 500), us))
			CHECK_INT(histogram_percentile(&h, 500), us);
	}
}

static void percentiles_are_near_the_exact_ones(void)
{
	enum { N = 5000 };
	static int64_t values[N];
	static const unsigned asked[] = {1, 100, 500, 900, 950, 990, 999, 1000};
	struct histogram h = {0};

	for (int i = 0; i < N; i++) {
		values[i] = 1 + random_below(1 + (INT64_C(1) << random_below(30)));
		histogram_add(&h, values[i]);
	}
	qsort(values, N, sizeof(values[0]), compare);
	CHECK_INT(h.total, N);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		CHECK(is_near(histogram_percentile(&h, asked[i]), values[(N * asked[i] + 999) / 1000 - 1]));
}

static void packed_histograms_add_up_to_the_whole(void)
{
	struct histogram whole = {0}, merged = {0}, back = {0};
	unsigned char packed[HISTOGRAM_BYTES];

	for (int part = 0; part < 50; part++) {
		struct histogram h = {0};

		for (int64_t i = random_below(40); i > 0; i--) {
			int64_t us = random_below(INT64_C(1) << random_below(36));

			histogram_add(&h, us);
			histogram_add(&whole, us);
		}
		histogram_merge(&merged, &h);
		histogram_merge_packed(&back, packed, histogram_pack(&h, packed));
	}
	CHECK(memcmp(&whole, &merged, sizeof(whole)) == 0);
	CHECK(memcmp(&whole, &back, sizeof(whole)) == 0);
}

static void the_fullest_histogram_fits_its_packed_form(void)
{
	struct histogram h = {.end = HISTOGRAM_BUCKETS}, back = {0};
	unsigned char packed[HISTOGRAM_BYTES];

	memset(h.count, 0xff, sizeof(h.count));
	h.total = (uint64_t)UINT32_MAX * HISTOGRAM_BUCKETS;
	histogram_merge_packed(&back, packed, histogram_pack(&h, packed));
	CHECK(memcmp(&h, &back, sizeof(h)) == 0);
	histogram_add(&h, 5);
	CHECK(memcmp(&h, &back, sizeof(h)) == 0);
}

static void empty_is_nothing_and_unknown(void)
{
	struct histogram h = {0};
	unsigned char packed[HISTOGRAM_BYTES];

	CHECK_INT(histogram_pack(&h, packed), 0);
	CHECK(histogram_percentile(&h, 500) == INT64_MIN);
	histogram_merge_packed(&h, NULL, 0);
	CHECK_INT(h.total, 0);
}

static void values_outside_its_range_go_to_its_ends(void)
{
	struct histogram h = {0};

	histogram_add(&h, -5);
	histogram_add(&h, 0);
	CHECK_INT(histogram_percentile(&h, 1000), 0);
	histogram_add(&h, INT64_MAX);
	CHECK(histogram_percentile(&h, 1000) > INT64_C(1) << 35);
}

static void malformed_bytes_end_it_early(void)
{
	static const unsigned char endless[] = {0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const unsigned char beyond[] = {5, 2, 0xff, 0x7f, 1};
	static const unsigned char half[] = {3};
	struct histogram h = {0};

	histogram_merge_packed(&h, endless, sizeof(endless));
	CHECK_INT(h.total, 1);
	histogram_merge_packed(&h, beyond, sizeof(beyond));
	CHECK_INT(h.total, 3);
	histogram_merge_packed(&h, half, sizeof(half));
	CHECK_INT(h.total, 3);
}

static void the_sum_is_within_half_a_bucket_of_the_exact_one(void)
{
	struct histogram h = {0};
	int64_t exact = 0, sum;

	CHECK_INT(histogram_sum_us(&h), 0);
	for (int64_t us = 1; us < INT64_C(1) << 35; us = us * 3 + 1) {
		histogram_add(&h, us);
		exact += us;
	}
	sum = histogram_sum_us(&h);
	CHECK(sum > exact - exact * 45 / 1000 && sum < exact + exact * 45 / 1000);
	/* What no number holds is the largest. */
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		h.count[i] = UINT32_MAX;
	CHECK(histogram_sum_us(&h) == INT64_MAX);
}

CHECK_MAIN(TEST(a_single_value_is_read_back_within_half_a_bucket), TEST(percentiles_are_near_the_exact_ones),
	   TEST(packed_histograms_add_up_to_the_whole), TEST(the_fullest_histogram_fits_its_packed_form),
	   TEST(empty_is_nothing_and_unknown), TEST(values_outside_its_range_go_to_its_ends),
	   TEST(malformed_bytes_end_it_early), TEST(the_sum_is_within_half_a_bucket_of_the_exact_one))
