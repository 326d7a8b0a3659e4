/* SPDX-License-Identifier: MIT */
/*
 * google_token.h — access tokens for Google's accounts: asked for once, kept until they near their end.
 *
 * All on one loop.  While a token is asked for, whoever needs it waits; nobody asks twice at a time for
 * the same account.
 */
#ifndef GATEWAY_GOOGLE_TOKEN_H
#define GATEWAY_GOOGLE_TOKEN_H

#include "base/list.h"
#include "ledger/record.h"

struct err;
struct fetch_pool;
struct google_tokens;
struct loop;

/* Who waits.  Zeroed, but for done. */
struct google_wait {
	/* ATTEMPT_OK: it is there, ask again.  Else why not, and a sentence that is good until this returns. */
	void (*done)(struct google_wait *, enum attempt_reason, const char *error);
	struct list *list;              /* private; NULL: does not wait */
	struct list_node node;
};

struct google_tokens *google_tokens_new(struct loop *, struct fetch_pool *);
void google_tokens_free(struct google_tokens *);        /* nobody may wait any more; NULL is fine */

/* 1: *ret is the account's token, borrowed for this turn.  0: done will be called, never before this returns.
 * Negative: the account is none, or cannot be asked for. */
int google_token(struct google_tokens *, const char *credential, struct google_wait *, const char **ret, struct err *err);

/* It will not be called any more; nothing where it does not wait. */
void google_wait_cancel(struct google_wait *);

#endif
