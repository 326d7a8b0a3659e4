/* SPDX-License-Identifier: MIT */
/*
 * limit.h — requests a minute, tokens a minute, calls at once; exact.
 *
 * In any 60 seconds at most rpm calls are admitted: the times of the last rpm admissions are kept,
 * not a count per calendar minute.  A refused call uses nothing up.  Tokens are reserved by
 * estimate at admission and corrected, at the time of admission, when the call settles; they are
 * never admitted beyond tpm in any 60 s and come free again after 60 to 60.25 s.
 */
#ifndef BUDGET_LIMIT_H
#define BUDGET_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit;

/* A higher rpm is taken as this one; it bounds what a limit remembers (8 bytes an admission). */
#define LIMIT_RPM_MAX 6000000
/* retry_after_ms of a call whose own tokens are more than tpm. */
#define LIMIT_NEVER INT64_C(-1)

/* What a refused caller is told. */
struct limit_refusal {
	const char *code;               /* "rpm", "tpm", "parallel" */
	int64_t limit;
	int64_t remaining;
	int64_t retry_after_ms;         /* until this call would be admitted; 0 for parallel: when one ends */
};

/* How it stands: for x-ratelimit-* headers.  A limit that is not set is 0. */
struct limit_state {
	int64_t rpm, rpm_left, tpm, tpm_left, parallel, parallel_left;
	int64_t rpm_reset_ms, tpm_reset_ms;     /* until all of it is free again */
};

/* 0: none of that kind. */
struct limit *limit_new(int64_t rpm, int64_t tpm, int64_t parallel);
struct limit *limit_ref(struct limit *);
void limit_unref(struct limit *);
void limit_set(struct limit *, int64_t rpm, int64_t tpm, int64_t parallel);
bool limit_is_unlimited(struct limit *);

/* Admits, or refuses with nothing changed.  now_us is monotonic; it is the admitted_us of below. */
bool limit_admit(struct limit *, uint64_t now_us, int64_t tokens, struct limit_refusal *ret);
/* Takes an admission back as if it had never been (another limit refused the call). */
void limit_undo(struct limit *, uint64_t admitted_us, int64_t tokens);
/* The call is over; tokens is what it really used, estimated what limit_admit() was told. */
void limit_end(struct limit *, uint64_t admitted_us, int64_t estimated, int64_t tokens);
void limit_read(struct limit *, uint64_t now_us, struct limit_state *ret);

#endif
