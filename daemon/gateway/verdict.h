/* SPDX-License-Identifier: MIT */
/* verdict.h — what the failure of an attempt means: for the call, its target and its cost. */
#ifndef GATEWAY_VERDICT_H
#define GATEWAY_VERDICT_H

#include <stdbool.h>

#include "ledger/record.h"
#include "loop/fetch.h"

struct verdict {
	bool again;             /* the same target once more, if its retries allow; else the next */
	bool counts;            /* it speaks against the target and moves its breaker; what the caller did wrong does not */
	bool timeout;           /* the client is told 504 when the last target failed so */
	bool may_bill;          /* the provider may charge for it, so that the cost is not known to be 0 */
};

/* For every reason of an attempt that was made. */
const struct verdict *verdict_of(enum attempt_reason);

enum attempt_reason reason_of_status(int status);       /* an HTTP status that is no 2xx */
enum attempt_reason reason_of_fetch(enum fetch_error);  /* no FETCH_OK */

#endif
