/* SPDX-License-Identifier: MIT */
/*
 * record.h — a call as it goes from the gateway through the journal into the ledger.
 *
 * struct call_record is the form in memory; record_write() packs it for the journal.  Texts are cut
 * to their fields, so that a record never exceeds RECORD_MAX bytes and room for it can be set aside
 * when the call is admitted.
 */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialects/dialect.h"
#include "dialects/usage.h"

/* The first byte of a packed record; another number for another order of fields. */
#define RECORD_VERSION 1
#define RECORD_MAX 4096
#define RECORD_ATTEMPTS 12              /* tried and passed over; what comes after is only counted */
#define PROVIDER_TEXT 65

/* What became of a call.  Values are stored: append, never renumber. */
enum call_result {
	CALL_ANSWERED = 0,
	CALL_REFUSED = 1,       /* by us: budget, limit, bad request, no such model */
	CALL_FAILED = 2,        /* no target could answer, or its stream broke */
	CALL_ABORTED = 3,       /* the client left */
	CALL_INTERRUPTED = 4,   /* the daemon was killed meanwhile */
};

enum call_flag {
	CALL_STREAM = 1,
	CALL_ESTIMATED = 2,     /* a count that cost depends on is estimated */
	CALL_CACHED = 4,
	CALL_SIMULATED = 8,
};

/* Why an attempt ended, or why a target was passed over.  Values are stored. */
enum attempt_reason {
	ATTEMPT_OK = 0,
	/* tried and failed */
	ATTEMPT_REFUSED = 1,            /* connection refused, no route, no such host */
	ATTEMPT_CONNECT_TIMEOUT = 2,
	ATTEMPT_TLS = 3,
	ATTEMPT_RESET = 4,              /* broke before the answer was complete */
	ATTEMPT_FIRST_BYTE_TIMEOUT = 5,
	ATTEMPT_IDLE_TIMEOUT = 6,
	ATTEMPT_DEADLINE = 7,           /* the whole call's */
	ATTEMPT_RATE_LIMITED = 8,       /* 429 */
	ATTEMPT_SERVER_ERROR = 9,       /* 5xx */
	ATTEMPT_AUTH = 10,              /* 401, 403: our credential */
	ATTEMPT_NOT_FOUND = 11,         /* 404: no such model there */
	ATTEMPT_BAD_REQUEST = 12,       /* 400, 413, 422: the request itself */
	ATTEMPT_BAD_ANSWER = 13,        /* rubbish, empty, an error inside a 200 */
	ATTEMPT_CUT = 14,               /* cut after the first byte had gone to the client */
	ATTEMPT_CLIENT_GONE = 15,
	ATTEMPT_CANNOT_EXPRESS = 16,    /* the request uses what this target's dialect has no words for */
	ATTEMPT_NO_CREDENTIAL = 17,
	ATTEMPT_NO_SOCKET = 18,         /* this gateway had no file descriptor left */
	/* passed over, never contacted */
	ATTEMPT_SKIP_DISABLED = 32,
	ATTEMPT_SKIP_DRAINING = 33,
	ATTEMPT_SKIP_COOLING = 34,
	ATTEMPT_SKIP_BUDGET = 35,       /* the provider's budget */
	ATTEMPT_SKIP_NOT_NEEDED = 36,   /* an earlier target answered (kept only on request) */
	ATTEMPT_SKIP_NO_FALLBACK = 37,  /* the caller forbade it */
	ATTEMPT_SKIP_NO_PROVIDER = 38,  /* the chain names a provider that is not configured */
};

struct attempt_record {
	char provider[PROVIDER_TEXT];
	char model[MODEL_TEXT];
	uint8_t reason;                 /* enum attempt_reason */
	int status;                     /* HTTP; 0: none came */
	int64_t start_us;               /* after the call's start */
	int64_t first_byte_us;          /* after the attempt's start; -1: none came */
	int64_t total_us;               /* -1: never contacted */
	char error[121];
};

struct call_record {
	int64_t id;                     /* base/id.h; holds the start */
	int64_t team_id, key_id;
	char asked[MODEL_TEXT];
	char provider[PROVIDER_TEXT];   /* who answered or was tried last; "" when none */
	char model[MODEL_TEXT];
	int status;                     /* given to the client; 0: it left before */
	uint8_t result;                 /* enum call_result */
	uint8_t flags;                  /* enum call_flag */
	uint8_t finish;                 /* enum finish_reason */
	char error[LABEL_TEXT];         /* the code of spec section 3; "" when answered */
	struct usage usage;
	int64_t cost_nusd, billed_nusd; /* COST_UNKNOWN where they are */
	int64_t price_id;               /* 0: none */
	int64_t total_us;
	int64_t first_byte_us;          /* to the client; -1: none went */
	int64_t upstream_us, gateway_us;
	char app[LABEL_TEXT], user[LABEL_TEXT], session[LABEL_TEXT], tags[TAGS_TEXT], remote[LABEL_TEXT];
	unsigned num_attempts;          /* targets that were contacted */
	unsigned num_entries;           /* rows in attempts[], at most RECORD_ATTEMPTS */
	struct attempt_record attempts[RECORD_ATTEMPTS];
};

/* Packs into out (RECORD_MAX bytes); returns the length.  Attempts that do not fit are left out. */
size_t record_write(const struct call_record *, unsigned char *out);

/* False when the bytes are no record. */
bool record_read(const unsigned char *data, size_t len, struct call_record *ret);

const char *call_result_name(enum call_result);         /* "answered", … in JSON and on screens */
const char *attempt_reason_name(enum attempt_reason);   /* "rate_limited", … */
const char *attempt_reason_text(enum attempt_reason);   /* "429 from the provider", for people */
bool attempt_was_made(enum attempt_reason);             /* not passed over */

#endif
