/* SPDX-License-Identifier: MIT */
/*
 * recorded.h — recorded traffic, driven through the interpreter whole, byte by byte and cut at random.
 *
 * What must come out is worked out a second time in each test, with jansson and without the code under
 * test.  The recordings lie in $TOLLGATE_SHARED/cassettes or ../shared/cassettes; without them a test is
 * skipped.  Each test includes this once, so everything in it is static.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/provider_kind.h"

enum { COST_NUSD = 1500, MAX_OUT = 64 << 20 };

static char folder[512];
static json_t *entries;                 /* the index */
static const json_t *entry;             /* the one at hand */
static char *body;                      /* of the recorded answer */
static size_t body_len;
static json_t *recording;

/* What came of one run. */
struct run {
	int result;
	struct buf out;
	struct outcome outcome;
	struct err err;
};

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			printf("# %s: %s\n", json_string_value(json_object_get(entry, "file")), #cond);    \
			check_failed = true;                                                       \
		}                                                                                  \
	} while (0)

static inline const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static inline bool open_folder(void)
{
	const char *shared = getenv("TOLLGATE_SHARED");
	char index[600];

	snprintf(folder, sizeof(folder), "%s/cassettes", shared != NULL ? shared : "../shared");
	snprintf(index, sizeof(index), "%s/index.json", folder);
	if (access(index, R_OK) != 0)
		return false;
	entries = json_load_file(index, 0, NULL);
	return entries != NULL;
}

static inline void open_recording(void)
{
	char path[1024];
	const json_t *response;
	const char *base64;
	struct buf bytes;

	snprintf(path, sizeof(path), "%s/%s", folder, text_at(entry, "file"));
	recording = json_load_file(path, JSON_ALLOW_NUL, NULL);
	response = json_object_get(recording, "response");
	base64 = text_at(response, "body_base64");
	buf_init(&bytes, MAX_OUT);
	buf_add(&bytes, text_at(response, "body"), json_string_length(json_object_get(response, "body")));
	EXPECT(base64_decode(base64, strlen(base64), &bytes));
	body_len = bytes.len;
	body = memcpy(xmalloc(body_len + 1), bytes.data, body_len + 1);
	buf_release(&bytes);
}

static inline void close_recording(void)
{
	json_decref(recording);
	free(body);
	recording = NULL;
	body = NULL;
}

/* Each of these numbers and words in a text is made the same; len 0: of any length. */
static inline void blank(struct buf *b, const char *before, size_t len)
{
	for (char *at = b->data; (at = strstr(at, before)) != NULL;) {
		size_t n = 0;

		at += strlen(before);
		while (isalnum((unsigned char)at[n]))
			n++;
		if (len == 0 || n == len)
			memset(at, '1', n);
	}
}

/* A translated answer says when it was made (the clock may move on between two of them), and where its provider
 * gives no id one is made up. */
static inline void forget_made_up(struct buf *b)
{
	static const char *const names[] = {"\"created\":", "\"created_at\":", "\"id\":\"resp_", "_tg_"};
	static const char *const ids[] = {"\"id\":\"chatcmpl-", "\"id\":\"msg_", "\"responseId\":\""};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		blank(b, names[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		blank(b, ids[i], 24);
}

/* piece 0: cut at random. */
static inline void run(struct run *r, const struct dialect *client, const struct dialect *target_dialect, const char *request,
		size_t piece, unsigned seed)
{
	struct interpreter_target target = {.dialect = target_dialect, .model = "m", .max_output = -1};
	const json_t *headers = json_object_get(json_object_get(recording, "response"), "headers");
	struct request_facts facts;
	struct interpreter *it;
	const char *param;
	size_t n;

	memset(r, 0, sizeof(*r));
	buf_init(&r->out, MAX_OUT);
	request_facts_init(&facts);
	/* What some dialects have in the path. */
	facts.stream = json_is_true(json_object_get(entry, "stream"));
	copy_text(facts.model_name, sizeof(facts.model_name), "m");
	r->result = client->scan_request(request, strlen(request), &facts, &param, &r->err);
	EXPECT(r->result == 0);
	it = interpreter_new(client, request, strlen(request), &facts, &target);
	interpreter_head(it, text_at(headers, "content-type"));
	for (size_t at = 0; at < body_len && r->result == 0; at += n) {
		n = piece > 0 ? piece : 1 + (size_t)rand_r(&seed) % 97;
		n = body_len - at < n ? body_len - at : n;
		r->result = interpreter_feed(it, body + at, n, &r->out, &r->err);
	}
	if (interpreter_end(it, true, &r->outcome, r->result == 0 ? &r->err : NULL) < 0 && r->result == 0)
		r->result = ERR_INVALID;
	if (r->result == 0)
		interpreter_close(it, COST_NUSD, &r->out);
	interpreter_free(it);
	if (target_dialect != client && target_dialect->same_as != client)
		forget_made_up(&r->out);
}

static inline bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return memcmp(&a->usage, &b->usage, sizeof(a->usage)) == 0 && a->finish == b->finish &&
	       strcmp(a->model, b->model) == 0 && a->text_bytes == b->text_bytes && a->complete == b->complete;
}

/* However the answer is cut, the same comes out of it. */
static inline void run_every_way(struct run *whole, const struct dialect *client, const struct dialect *target,
			  const char *request)
{
	static const size_t pieces[] = {1, 0, 0, 7};

	run(whole, client, target, request, body_len + 1, 0);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct run cut;

		run(&cut, client, target, request, pieces[i], (unsigned)i * 7919);
		EXPECT(cut.result == whole->result);
		EXPECT(strcmp(cut.out.data, whole->out.data) == 0);
		EXPECT(same_outcome(&cut.outcome, &whole->outcome));
		buf_release(&cut.out);
	}
}

/* The recorded stream's blocks, blank lines included; NULL at its end. */
static inline const char *next_block(const char *at, size_t *ret_len)
{
	const char *lf = strstr(at, "\n\n"), *crlf = strstr(at, "\r\n\r\n");

	if (*at == '\0')
		return NULL;
	if (crlf != NULL && (lf == NULL || crlf < lf))
		*ret_len = (size_t)(crlf - at) + 4;
	else
		*ret_len = lf != NULL ? (size_t)(lf - at) + 2 : strlen(at);
	return at;
}

static inline json_t *block_data(const char *block, size_t len)
{
	const char *data = memmem(block, len, "data:", 5);

	return data != NULL ? json_loadb(data + 5, len - (size_t)(data + 5 - block), JSON_DISABLE_EOF_CHECK, NULL) : NULL;
}

static inline void check_count(const struct usage *u, enum usage_field field, const json_t *usage, const char *name)
{
	const json_t *want = json_object_get(usage, name);
	int64_t got = u->count[field];

	if (field == USAGE_CACHE_WRITE_5M)
		got += usage_get(u, USAGE_CACHE_WRITE_1H);
	if (json_is_integer(want)) {
		EXPECT(u->source[field] == USAGE_REPORTED);
		EXPECT(got == json_integer_value(want));
		if (got != json_integer_value(want))
			printf("# %s is %lld, expected %lld\n", name, (long long)got, (long long)json_integer_value(want));
	} else {
		EXPECT(u->source[field] != USAGE_REPORTED);
	}
}

static inline void check_usage(const struct usage *u)
{
	const json_t *usage = json_object_get(entry, "usage");
	const char *cost = text_at(json_object_get(entry, "usage_extra"), "provider_reported_cost_usd");
	int64_t nusd;

	check_count(u, USAGE_INPUT, usage, "input_tokens");
	check_count(u, USAGE_OUTPUT, usage, "output_tokens");
	check_count(u, USAGE_CACHE_READ, usage, "cached_read_tokens");
	check_count(u, USAGE_CACHE_WRITE_5M, usage, "cache_write_tokens");
	check_count(u, USAGE_REASONING, usage, "reasoning_tokens");
	if (!json_is_object(usage))
		EXPECT(u->source[USAGE_OUTPUT] == USAGE_ESTIMATED && u->count[USAGE_OUTPUT] > 0);
	if (*cost != '\0' && money_parse(cost, true, &nusd))
		EXPECT(u->provider_cost_nusd == nusd);
}

static inline bool has_feature(const char *feature)
{
	const json_t *features = json_object_get(entry, "features");
	const json_t *f;
	size_t i;

	json_array_foreach(features, i, f)
		if (strcmp(json_string_value(f), feature) == 0)
			return true;
	return false;
}

static inline void try_error(const struct dialect *dialect)
{
	const char *want = text_at(entry, "error_message");
	struct upstream_error e;
	struct buf clean;
	size_t len;

	buf_init(&clean, 1 << 20);
	text_clean(&clean, want, strlen(want), false);
	dialect->read_error(body, body_len, &e);
	EXPECT(e.message[0] != '\0');
	if (strstr(e.message, "…") != NULL)
		*strstr(e.message, "…") = '\0'; /* a key stood there */
	/* The index has no more than 200 characters of it. */
	len = strlen(e.message) < clean.len ? strlen(e.message) : clean.len;
	EXPECT(len > 0 && strncmp(clean.data, e.message, len) == 0);
	buf_release(&clean);
}

/* Calls try for each entry of the endpoint whose status is, or is not, 200; how many there are. */
static inline size_t each_of(const char *endpoint, bool good, void (*try)(void))
{
	size_t i, n = 0;

	json_array_foreach(entries, i, entry) {
		if (strcmp(text_at(entry, "endpoint"), endpoint) != 0 ||
		    (json_integer_value(json_object_get(entry, "status")) == 200) != good)
			continue;
		open_recording();
		try();
		close_recording();
		n++;
	}
	return n;
}

static inline void each_entry(const char *endpoint, bool good, void (*try)(void))
{
	CHECK(each_of(endpoint, good, try) > 3);
}

/* Of endpoints that are seldom. */
static inline void each_few(const char *endpoint, bool good, void (*try)(void))
{
	CHECK(each_of(endpoint, good, try) > 0);
}

/* main()'s whole work. */
static inline int run_recorded(const struct check_test *tests, size_t n)
{
	int failed;

	if (!open_folder()) {
		puts("skipped recorded_traffic: no recordings in $TOLLGATE_SHARED/cassettes or ../shared/cassettes");
		return 0;
	}
	failed = check_run(tests, n);
	json_decref(entries);
	return failed;
}

#endif
