/* SPDX-License-Identifier: MIT */
/* Durations are put into buckets, merged, packed and read back as percentiles here. */
#include "ledger/histogram.h"

#define STEPS 8         /* buckets per doubling */

/* 2^(i/8) in units of 2^-16, rounded: where a bucket begins inside its doubling. */
static const uint32_t step_start[STEPS] = {65536, 71468, 77936, 84990, 92682, 101070, 110218, 120194};

/* Bucket 0 holds what is below 1 µs, bucket i the values from 2^((i-1)/8) up to the next. */
static unsigned bucket_of(int64_t us)
{
	unsigned octave, step = 0;
	uint64_t fraction;

	if (us < 1)
		return 0;
	octave = 63 - (unsigned)__builtin_clzll((uint64_t)us);
	if (octave >= 36)
		return HISTOGRAM_BUCKETS - 1;
	/* 17 bits: the value as 1.xxx of its octave. */
	fraction = octave > 16 ? (uint64_t)us >> (octave - 16) : (uint64_t)us << (16 - octave);
	while (step + 1 < STEPS && fraction >= step_start[step + 1])
		step++;
	return 1 + octave * STEPS + step;
}

/* The middle of a bucket on the logarithmic scale. */
static int64_t value_of(unsigned bucket)
{
	static const uint32_t middle[STEPS] = {68438, 74632, 81386, 88752, 96785, 105545, 115098, 125515};
	unsigned octave = (bucket - 1) / STEPS;

	if (bucket == 0)
		return 0;
	return (int64_t)((((uint64_t)middle[(bucket - 1) % STEPS] << octave) + 32768) >> 16);
}

static void add(struct histogram *h, unsigned bucket, uint32_t count)
{
	/* A full bucket stays full: its percentiles are still right, and it never wraps to nothing. */
	if (count > UINT32_MAX - h->count[bucket])
		count = UINT32_MAX - h->count[bucket];
	h->count[bucket] += count;
	h->total += count;
	if (h->end == 0 || bucket < h->first)
		h->first = (uint16_t)bucket;
	if (bucket >= h->end)
		h->end = (uint16_t)(bucket + 1);
}

void histogram_add(struct histogram *h, int64_t us)
{
	add(h, bucket_of(us), 1);
}

void histogram_merge(struct histogram *into, const struct histogram *h)
{
	for (unsigned i = h->first; i < h->end; i++)
		if (h->count[i] > 0)
			add(into, i, h->count[i]);
}

int64_t histogram_percentile(const struct histogram *h, unsigned per_mille)
{
	uint64_t rank = (h->total * per_mille + 999) / 1000, seen = 0;

	if (h->total == 0)
		return INT64_MIN;
	for (unsigned i = h->first; i < h->end; i++) {
		seen += h->count[i];
		if (seen > 0 && seen >= rank)
			return value_of(i);
	}
	return value_of(HISTOGRAM_BUCKETS - 1);
}

int64_t histogram_sum_us(const struct histogram *h)
{
	int64_t sum = 0;

	for (unsigned i = h->first; i < h->end; i++)
		if (h->count[i] > 0 && __builtin_add_overflow(sum, (int64_t)h->count[i] * value_of(i), &sum))
			return INT64_MAX;
	return sum;
}

static unsigned char *put_varint(unsigned char *p, uint32_t n)
{
	for (; n >= 0x80; n >>= 7)
		*p++ = (unsigned char)(n | 0x80);
	*p++ = (unsigned char)n;
	return p;
}

static const unsigned char *get_varint(const unsigned char *p, const unsigned char *end, uint32_t *ret)
{
	uint64_t n = 0;

	if (p < end && *p < 0x80) {
		*ret = *p;
		return p + 1;
	}
	for (unsigned shift = 0; p < end && shift < 35; shift += 7) {
		n |= (uint64_t)(*p & 0x7f) << shift;
		if ((*p++ & 0x80) == 0) {
			*ret = (uint32_t)n;
			return n <= UINT32_MAX ? p : NULL;
		}
	}
	return NULL;
}

size_t histogram_pack(const struct histogram *h, unsigned char out[HISTOGRAM_BYTES])
{
	unsigned char *p = out;
	uint32_t skipped = h->first;

	for (unsigned i = h->first; i < h->end; i++) {
		if (h->count[i] == 0) {
			skipped++;
			continue;
		}
		p = put_varint(p, skipped);
		p = put_varint(p, h->count[i]);
		skipped = 0;
	}
	return (size_t)(p - out);
}

void histogram_merge_packed(struct histogram *h, const void *data, size_t len)
{
	const unsigned char *p = data, *end = len > 0 ? p + len : p;
	uint64_t bucket = 0;

	while (p < end) {
		uint32_t skipped, count;

		p = get_varint(p, end, &skipped);
		if (p == NULL)
			return;
		p = get_varint(p, end, &count);
		bucket += skipped;
		if (p == NULL || bucket >= HISTOGRAM_BUCKETS)
			return;
		add(h, (unsigned)bucket++, count);
	}
}
