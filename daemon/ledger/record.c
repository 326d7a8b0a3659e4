/* SPDX-License-Identifier: MIT */
/*
 * A call's record is packed for the journal and unpacked here, and its enums get their words.
 *
 * Packed: numbers as varints, texts with their length in front, so that a usual record is some 200
 * bytes.  Without attempts it is at most 1.4 KiB, and an attempt at most 450 bytes: what is promised
 * of RECORD_MAX holds for any content.
 */
#include "ledger/record.h"

#include <string.h>

#include "base/mem.h"
#include "base/money.h"

/* A provider may claim anything.  No call has a trillion tokens or costs a million dollars; what says
 * so is cut to that, so that sums over years of them stay within 64 bits. */
#define COUNT_MAX (INT64_C(1) << 40)
#define COST_MAX (1000000 * NUSD_PER_USD)

/* -- packing ------------------------------------------------------------------------------------ */

struct packer {
	unsigned char *at, *end;
	bool full;              /* something did not fit; at is then anywhere */
};

static void put_bytes(struct packer *p, const void *data, size_t len)
{
	if (p->full || (size_t)(p->end - p->at) < len) {
		p->full = true;
		return;
	}
	memcpy(p->at, data, len);
	p->at += len;
}

static void put_byte(struct packer *p, uint8_t byte)
{
	put_bytes(p, &byte, 1);
}

static void put_varint(struct packer *p, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		put_byte(p, (uint8_t)(n | 0x80));
	put_byte(p, (uint8_t)n);
}

/* Signs are folded in at the low end: 0, -1, 1, -2 … → 0, 1, 2, 3 … */
static uint64_t fold(int64_t n)
{
	return (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0);
}

static int64_t unfold(uint64_t n)
{
	return (int64_t)(n >> 1 ^ (n & 1 ? UINT64_MAX : 0));
}

static void put_int(struct packer *p, int64_t n)
{
	put_varint(p, fold(n));
}

static int64_t within(int64_t n, int64_t least, int64_t most)
{
	return n < least ? least : n > most ? most : n;
}

/* Unknown is the shortest of all. */
static void put_cost(struct packer *p, int64_t nusd)
{
	put_varint(p, nusd == COST_UNKNOWN ? 0 : fold(within(nusd, -COST_MAX, COST_MAX)) + 1);
}

static void put_text(struct packer *p, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);

	put_varint(p, len);
	put_bytes(p, text, len);
}

#define PUT_TEXT(p, field) put_text(p, field, sizeof(field))

static void put_usage(struct packer *p, const struct usage *u)
{
	uint64_t sources = 0;

	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		sources |= (uint64_t)(u->source[i] & 3) << 2 * i;
	put_varint(p, sources);
	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		if ((sources >> 2 * i & 3) != USAGE_NONE)
			put_int(p, within(u->count[i], 0, COUNT_MAX));
	put_cost(p, u->provider_cost_nusd);
}

static void put_attempt(struct packer *p, const struct attempt_record *a)
{
	PUT_TEXT(p, a->provider);
	PUT_TEXT(p, a->model);
	put_byte(p, a->reason);
	put_int(p, a->status);
	put_int(p, a->start_us);
	put_int(p, a->first_byte_us);
	put_int(p, a->total_us);
	PUT_TEXT(p, a->error);
}

static void put_call(struct packer *p, const struct call_record *r)
{
	put_byte(p, RECORD_VERSION);
	put_int(p, r->id);
	put_int(p, r->team_id);
	put_int(p, r->key_id);
	PUT_TEXT(p, r->asked);
	PUT_TEXT(p, r->provider);
	PUT_TEXT(p, r->model);
	put_int(p, r->status);
	put_byte(p, r->result);
	put_byte(p, r->flags);
	put_byte(p, r->finish);
	PUT_TEXT(p, r->error);
	put_usage(p, &r->usage);
	put_cost(p, r->cost_nusd);
	put_cost(p, r->billed_nusd);
	put_int(p, r->price_id);
	put_int(p, r->total_us);
	put_int(p, r->first_byte_us);
	put_int(p, r->upstream_us);
	put_int(p, r->gateway_us);
	PUT_TEXT(p, r->app);
	PUT_TEXT(p, r->user);
	PUT_TEXT(p, r->session);
	PUT_TEXT(p, r->tags);
	PUT_TEXT(p, r->remote);
	put_varint(p, r->num_attempts);
}

size_t record_write(const struct call_record *r, unsigned char *out)
{
	struct packer p = {out, out + RECORD_MAX, false};
	unsigned char *num_entries;

	put_call(&p, r);
	num_entries = p.at;
	put_byte(&p, 0);
	for (unsigned i = 0; i < r->num_entries && i < RECORD_ATTEMPTS; i++) {
		unsigned char *before = p.at;

		put_attempt(&p, &r->attempts[i]);
		if (p.full) {
			p.at = before;
			break;
		}
		++*num_entries;
	}
	return (size_t)(p.at - out);
}

/* -- unpacking ---------------------------------------------------------------------------------- */

struct unpacker {
	const unsigned char *at, *end;
	bool bad;               /* ended early, or held what no record holds */
};

static uint8_t get_byte(struct unpacker *u)
{
	u->bad |= u->at == u->end;
	return u->bad ? 0 : *u->at++;
}

static uint64_t get_varint(struct unpacker *u)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = get_byte(u);

		n |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return n;
	}
	u->bad = true;
	return 0;
}

static int64_t get_int(struct unpacker *u)
{
	return unfold(get_varint(u));
}

static int64_t get_cost(struct unpacker *u)
{
	uint64_t n = get_varint(u);

	return n == 0 ? COST_UNKNOWN : unfold(n - 1);
}

static void get_text(struct unpacker *u, char *out, size_t size)
{
	uint64_t len = get_varint(u);

	if (u->bad || len >= size || len > (size_t)(u->end - u->at)) {
		u->bad = true;
		return;
	}
	memcpy(out, u->at, len);
	out[len] = '\0';
	u->at += len;
}

#define GET_TEXT(u, field) get_text(u, field, sizeof(field))

static void get_usage(struct unpacker *u, struct usage *usage)
{
	uint64_t sources = get_varint(u);

	for (int i = 0; i < USAGE_NUM_FIELDS; i++) {
		usage->source[i] = sources >> 2 * i & 3;
		usage->count[i] = usage->source[i] != USAGE_NONE ? get_int(u) : 0;
	}
	usage->provider_cost_nusd = get_cost(u);
}

static void get_attempt(struct unpacker *u, struct attempt_record *a)
{
	GET_TEXT(u, a->provider);
	GET_TEXT(u, a->model);
	a->reason = get_byte(u);
	a->status = (int)get_int(u);
	a->start_us = get_int(u);
	a->first_byte_us = get_int(u);
	a->total_us = get_int(u);
	GET_TEXT(u, a->error);
}

static void get_call(struct unpacker *u, struct call_record *r)
{
	u->bad |= get_byte(u) != RECORD_VERSION;
	r->id = get_int(u);
	r->team_id = get_int(u);
	r->key_id = get_int(u);
	GET_TEXT(u, r->asked);
	GET_TEXT(u, r->provider);
	GET_TEXT(u, r->model);
	r->status = (int)get_int(u);
	r->result = get_byte(u);
	r->flags = get_byte(u);
	r->finish = get_byte(u);
	GET_TEXT(u, r->error);
	get_usage(u, &r->usage);
	r->cost_nusd = get_cost(u);
	r->billed_nusd = get_cost(u);
	r->price_id = get_int(u);
	r->total_us = get_int(u);
	r->first_byte_us = get_int(u);
	r->upstream_us = get_int(u);
	r->gateway_us = get_int(u);
	GET_TEXT(u, r->app);
	GET_TEXT(u, r->user);
	GET_TEXT(u, r->session);
	GET_TEXT(u, r->tags);
	GET_TEXT(u, r->remote);
	r->num_attempts = (unsigned)get_varint(u);
}

bool record_read(const unsigned char *data, size_t len, struct call_record *r)
{
	struct unpacker u = {data, data + len, false};

	get_call(&u, r);
	r->num_entries = get_byte(&u);
	if (r->num_entries > RECORD_ATTEMPTS)
		return false;
	for (unsigned i = 0; i < r->num_entries && !u.bad; i++)
		get_attempt(&u, &r->attempts[i]);
	return !u.bad && u.at == u.end;
}

/* -- words -------------------------------------------------------------------------------------- */

static const char *const results[] = {
	[CALL_ANSWERED] = "answered",
	[CALL_REFUSED] = "refused",
	[CALL_FAILED] = "failed",
	[CALL_ABORTED] = "aborted",
	[CALL_INTERRUPTED] = "interrupted",
};

static const struct reason {
	const char *name;       /* in JSON */
	const char *text;       /* for people */
} reasons[] = {
	[ATTEMPT_OK] = {"ok", "answered"},
	[ATTEMPT_REFUSED] = {"refused", "no connection to the provider"},
	[ATTEMPT_CONNECT_TIMEOUT] = {"connect_timeout", "connecting took too long"},
	[ATTEMPT_TLS] = {"tls", "the provider's certificate or TLS failed"},
	[ATTEMPT_RESET] = {"reset", "the connection broke before the answer was complete"},
	[ATTEMPT_FIRST_BYTE_TIMEOUT] = {"first_byte_timeout", "no first byte in time"},
	[ATTEMPT_IDLE_TIMEOUT] = {"idle_timeout", "the provider stopped sending"},
	[ATTEMPT_DEADLINE] = {"deadline", "the call's time was used up"},
	[ATTEMPT_RATE_LIMITED] = {"rate_limited", "429 from the provider"},
	[ATTEMPT_SERVER_ERROR] = {"server_error", "the provider failed (5xx)"},
	[ATTEMPT_AUTH] = {"auth", "the provider refused our credential"},
	[ATTEMPT_NOT_FOUND] = {"not_found", "the provider has no such model"},
	[ATTEMPT_BAD_REQUEST] = {"bad_request", "the provider refused the request itself"},
	[ATTEMPT_BAD_ANSWER] = {"bad_answer", "the answer made no sense"},
	[ATTEMPT_CUT] = {"cut", "broke after the first byte had gone to the client"},
	[ATTEMPT_CLIENT_GONE] = {"client_gone", "the client left"},
	[ATTEMPT_CANNOT_EXPRESS] = {"cannot_express", "the target has no words for part of the request"},
	[ATTEMPT_NO_CREDENTIAL] = {"no_credential", "the provider's credential is missing"},
	[ATTEMPT_NO_SOCKET] = {"no_socket", "the gateway had no file descriptor left"},
	[ATTEMPT_SKIP_DISABLED] = {"disabled", "passed over: the provider is disabled"},
	[ATTEMPT_SKIP_DRAINING] = {"draining", "passed over: the provider is draining"},
	[ATTEMPT_SKIP_COOLING] = {"cooling", "passed over: cooling after failures"},
	[ATTEMPT_SKIP_BUDGET] = {"budget", "passed over: the provider's budget is used up"},
	[ATTEMPT_SKIP_NOT_NEEDED] = {"not_needed", "not needed: an earlier target answered"},
	[ATTEMPT_SKIP_NO_FALLBACK] = {"no_fallback", "passed over: the caller forbade fallback"},
	[ATTEMPT_SKIP_NO_PROVIDER] = {"no_provider", "passed over: no such provider is configured"},
};

/* Stored numbers may come from a newer program. */
static const struct reason *reason_of(enum attempt_reason reason)
{
	static const struct reason unknown = {"unknown", "for a reason this version does not know"};

	return (size_t)reason < ARRAY_LEN(reasons) && reasons[reason].name != NULL ? &reasons[reason] : &unknown;
}

const char *call_result_name(enum call_result result)
{
	return (size_t)result < ARRAY_LEN(results) ? results[result] : "unknown";
}

const char *attempt_reason_name(enum attempt_reason reason)
{
	return reason_of(reason)->name;
}

const char *attempt_reason_text(enum attempt_reason reason)
{
	return reason_of(reason)->text;
}

bool attempt_was_made(enum attempt_reason reason)
{
	return reason < ATTEMPT_CANNOT_EXPRESS;
}
