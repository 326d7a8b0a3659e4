/* SPDX-License-Identifier: MIT */
/* random_record.h — records of any content that a gateway could write, from a seed. */
#ifndef TESTS_RANDOM_RECORD_H
#define TESTS_RANDOM_RECORD_H

#include <stdint.h>
#include <string.h>

#include "base/money.h"
#include "ledger/record.h"

static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift64*: the same sequence in every run. */
static inline uint64_t random_next(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1d;
}

static inline int64_t random_below(int64_t n)
{
	return (int64_t)(random_next() % (uint64_t)n);
}

static inline void random_text(char *out, size_t size)
{
	size_t len = (size_t)random_below((int64_t)size);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(1 + random_below(255));
	memset(out + len, 0, size - len);
}

/* Any int64, small ones more often. */
static inline int64_t random_int(void)
{
	return (int64_t)(random_next() >> random_below(64)) * (random_below(8) == 0 ? -1 : 1);
}

static inline void random_usage(struct usage *u)
{
	usage_init(u);
	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		if (random_below(3) > 0)
			usage_set(u, (enum usage_field)i, random_below(1 << 20),
				  random_below(4) > 0 ? USAGE_REPORTED : USAGE_ESTIMATED);
	if (random_below(4) == 0)
		u->provider_cost_nusd = random_below(1 << 30);
}

static inline void random_attempt(struct attempt_record *a)
{
	random_text(a->provider, sizeof(a->provider));
	random_text(a->model, sizeof(a->model));
	a->reason = (uint8_t)random_below(18);
	a->status = (int)random_below(600);
	a->start_us = random_below(1 << 30);
	a->first_byte_us = random_below(1 << 30) - 1;
	a->total_us = random_below(1 << 30) - 1;
	random_text(a->error, sizeof(a->error));
}

static inline void random_record(struct call_record *r)
{
	memset(r, 0, sizeof(*r));
	r->id = random_int();
	r->team_id = random_int();
	r->key_id = random_int();
	random_text(r->asked, sizeof(r->asked));
	random_text(r->provider, sizeof(r->provider));
	random_text(r->model, sizeof(r->model));
	r->status = (int)random_below(600);
	r->result = (uint8_t)random_below(5);
	r->flags = (uint8_t)random_below(16);
	r->finish = (uint8_t)random_below(6);
	random_text(r->error, sizeof(r->error));
	random_usage(&r->usage);
	r->cost_nusd = random_below(3) > 0 ? random_below(INT64_C(1) << 45) : COST_UNKNOWN;
	r->billed_nusd = r->cost_nusd;
	r->price_id = random_below(1000);
	r->total_us = random_below(1 << 30);
	r->first_byte_us = random_below(1 << 30) - 1;
	r->upstream_us = random_below(1 << 30);
	r->gateway_us = random_below(1 << 20);
	random_text(r->app, sizeof(r->app));
	random_text(r->user, sizeof(r->user));
	random_text(r->session, sizeof(r->session));
	random_text(r->tags, sizeof(r->tags));
	random_text(r->remote, sizeof(r->remote));
	r->num_attempts = (unsigned)random_below(20);
	r->num_entries = (unsigned)random_below(RECORD_ATTEMPTS + 1);
	for (unsigned i = 0; i < r->num_entries; i++)
		random_attempt(&r->attempts[i]);
}

#endif
