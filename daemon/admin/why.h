/* SPDX-License-Identifier: MIT */
/*
 * why.h — the arithmetic of "what changed": two windows of the same length, taken apart.
 *
 * Costs of the past are sums over some days; its usual value is their mean.
 */
#ifndef ADMIN_WHY_H
#define ADMIN_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/ledger_why.h"

/* now = usual × calls × tokens × price: more calls, more tokens in each, a dearer token. */
struct why_factors {
	double calls, tokens, price, ratio;
};

/* False where one side used no tokens or cost nothing: there is no ratio to take apart. */
bool why_split(const struct why_sum *now, const struct why_sum *past, int64_t days, struct why_factors *ret);

/* The first minute of the change from what was usual for all of them together; 0: it was so from the beginning. */
size_t why_began(const int64_t *nusd, size_t num, int64_t usual_nusd);

#endif
