/* SPDX-License-Identifier: MIT */
/*
 * histogram.h — durations counted in logarithmic buckets that add up.
 *
 * Percentiles over any window are a merge of its histograms.  A bucket is 2^(1/8) wide, so a
 * percentile is off by at most 4.5 % of its value (half a bucket).  1 µs to 2^36 µs (19 hours).
 */
#ifndef LEDGER_HISTOGRAM_H
#define LEDGER_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS 289
/* The longest packed form. */
#define HISTOGRAM_BYTES (HISTOGRAM_BUCKETS * 7)

/* Zero bytes are an empty one. */
struct histogram {
	uint32_t count[HISTOGRAM_BUCKETS];
	uint16_t first, end;    /* all counts are in [first, end): mostly a few buckets of the many */
	uint64_t total;
};

void histogram_add(struct histogram *, int64_t us);
void histogram_merge(struct histogram *into, const struct histogram *);

/* The value below which per_mille thousandths lie, in µs; INT64_MIN when it is empty. */
int64_t histogram_percentile(const struct histogram *, unsigned per_mille);

/* What all durations together take, in µs: within the same 4.5 %. */
int64_t histogram_sum_us(const struct histogram *);

/* The form in the database: pairs of varints (buckets skipped, count).  Empty is zero bytes. */
size_t histogram_pack(const struct histogram *, unsigned char out[HISTOGRAM_BYTES]);
/* Adds a packed one; malformed bytes end it early. */
void histogram_merge_packed(struct histogram *, const void *data, size_t len);

#endif
