/* SPDX-License-Identifier: MIT */
/*
 * sim.h — a provider that answers by itself, inside the daemon: for demos, tests and benches.
 *
 * It has the shape of a fetch (loop/fetch.h) and speaks the OpenAI chat dialect.  How it behaves is
 * said by the provider's options, and per model by the same object under options.models.<model>:
 *
 *   latency      until the first byte, a duration               default 0ms
 *   tokens       how many to generate, cut by max_tokens         default 16
 *   rate         tokens a second after the first; 0: at once     default 0
 *   jitter       ± this part of latency and tokens, 0 to 1       default 0
 *   error_rate   part of calls that fail, 0 to 1                 default 0
 *   error_status HTTP status of those                            default 500
 */
#ifndef GATEWAY_SIM_H
#define GATEWAY_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "loop/fetch.h"

struct loop;
struct sim;

/* options: the provider's JSON, or NULL.  body is borrowed during the call only.  The same rules as
 * for fetch_start(): no callback before it returns, one done() or sim_cancel(). */
struct sim *sim_start(struct loop *, const char *options, const char *model, const char *body, size_t len,
		      uint64_t seed, const struct fetch_ops *, void *arg);
void sim_resume(struct sim *);
void sim_cancel(struct sim *);

#endif
