/* SPDX-License-Identifier: MIT */
/*
 * Recorded traffic of some thirty providers is driven through the interpreter: whole, byte by byte and
 * cut at random.  What must come out is worked out here a second time, with jansson and without the
 * code under test.
 *
 * The recordings lie in $TOLLGATE_SHARED/cassettes or ../shared/cassettes; without them this is skipped.
 */
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/provider_kind.h"

#define COST_TEXT ",\"cost\":0.0000015,\"cost_details\":{\"upstream_inference_cost\":0.0000015}"
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

static const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static bool open_folder(void)
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

static void open_recording(void)
{
	char path[1024];
	const char *text;

	snprintf(path, sizeof(path), "%s/%s", folder, text_at(entry, "file"));
	recording = json_load_file(path, JSON_ALLOW_NUL, NULL);
	text = text_at(json_object_get(recording, "response"), "body");
	body_len = json_string_length(json_object_get(json_object_get(recording, "response"), "body"));
	body = memcpy(xmalloc(body_len + 1), text, body_len + 1);
}

static void close_recording(void)
{
	json_decref(recording);
	free(body);
	recording = NULL;
	body = NULL;
}

/* The recorded request as an OpenAI client would send it: with its own stream_options or without. */
static char *recorded_request(bool with_usage)
{
	json_t *request = json_deep_copy(json_object_get(json_object_get(recording, "request"), "body"));
	char *text;

	json_object_del(request, "stream_options");
	json_object_del(request, "usage");
	if (with_usage)
		json_object_set_new(request, "stream_options", json_pack("{s:b}", "include_usage", 1));
	if (!json_is_string(json_object_get(request, "model")))
		json_object_set_new(request, "model", json_string("deployment"));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

/* A translated answer says when it was made; the clock may move on between two of them. */
static void forget_when(struct buf *b)
{
	for (char *at = b->data; (at = strstr(at, "\"created\":")) != NULL;)
		for (at += strlen("\"created\":"); *at >= '0' && *at <= '9'; at++)
			*at = '1';
}

/* piece 0: cut at random. */
static void run(struct run *r, const struct dialect *target_dialect, const char *request, size_t piece, unsigned seed)
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
	r->result = openai_chat.scan_request(request, strlen(request), &facts, &param, &r->err);
	EXPECT(r->result == 0);
	it = interpreter_new(&openai_chat, request, strlen(request), &facts, &target);
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
	if (target_dialect != &openai_chat)
		forget_when(&r->out);
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return memcmp(&a->usage, &b->usage, sizeof(a->usage)) == 0 && a->finish == b->finish &&
	       strcmp(a->model, b->model) == 0 && a->text_bytes == b->text_bytes && a->complete == b->complete;
}

/* However the answer is cut, the same comes out of it. */
static void run_every_way(struct run *whole, const struct dialect *dialect, const char *request)
{
	static const size_t pieces[] = {1, 0, 0, 7};

	run(whole, dialect, request, body_len + 1, 0);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct run cut;

		run(&cut, dialect, request, pieces[i], (unsigned)i * 7919);
		EXPECT(cut.result == whole->result);
		EXPECT(strcmp(cut.out.data, whole->out.data) == 0);
		EXPECT(same_outcome(&cut.outcome, &whole->outcome));
		buf_release(&cut.out);
	}
}

/* The recorded stream's blocks, blank lines included; NULL at its end. */
static const char *next_block(const char *at, size_t *ret_len)
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

static json_t *block_data(const char *block, size_t len)
{
	const char *data = memmem(block, len, "data:", 5);

	return data != NULL ? json_loadb(data + 5, len - (size_t)(data + 5 - block), JSON_DISABLE_EOF_CHECK, NULL) : NULL;
}

static bool is_usage_alone(const char *block, size_t len)
{
	json_t *data = block_data(block, len);
	const json_t *usage = json_object_get(data, "usage"), *choices = json_object_get(data, "choices");
	bool alone = json_is_object(usage) && json_is_integer(json_object_get(usage, "prompt_tokens")) &&
		     json_array_size(choices) == 0;

	json_decref(data);
	return alone;
}

static void expected_stream(struct buf *out, bool with_usage)
{
	const char *at = body;
	size_t len;

	for (; next_block(at, &len) != NULL; at += len)
		if (with_usage || !is_usage_alone(at, len))
			buf_add(out, at, len);
	if (strstr(body, "data: [DONE]") == NULL && strstr(body, "data:[DONE]") == NULL)
		buf_puts(out, "data: [DONE]\n\n");
}

static void check_count(const struct usage *u, enum usage_field field, const json_t *usage, const char *name)
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

static void check_usage(const struct usage *u)
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

static void check_finish(enum finish_reason got)
{
	const json_t *reasons = json_object_get(entry, "finish_reasons");
	const char *want = json_string_value(json_array_get(reasons, 0));
	static const struct {
		const char *name;
		enum finish_reason reason;
	} known[] = {{"stop", FINISH_STOP}, {"eos", FINISH_STOP}, {"end_turn", FINISH_STOP}, {"stop_sequence", FINISH_STOP},
		     {"length", FINISH_LENGTH}, {"max_tokens", FINISH_LENGTH}, {"tool_calls", FINISH_TOOL_CALLS},
		     {"tool_use", FINISH_TOOL_CALLS}, {"function_call", FINISH_TOOL_CALLS},
		     {"content_filter", FINISH_CONTENT_FILTER}};

	for (size_t i = 0; want != NULL && i < ARRAY_LEN(known); i++)
		if (strcmp(want, known[i].name) == 0)
			EXPECT(got == known[i].reason);
	if (want == NULL)
		EXPECT(got == FINISH_NONE);
}

static bool has_feature(const char *feature)
{
	const json_t *features = json_object_get(entry, "features");
	const json_t *f;
	size_t i;

	json_array_foreach(features, i, f)
		if (strcmp(json_string_value(f), feature) == 0)
			return true;
	return false;
}

/* The output without our cost in its last usage; what a provider said of its own is gone then too. */
static void check_with_cost(const struct run *r, const struct buf *want)
{
	const char *cost = strstr(r->out.data, COST_TEXT);
	struct buf rest;

	/* Groq's own x_groq is not what a client asks for. */
	if (strstr(body, "\"usage\":{\"prompt_tokens\"") == NULL || strstr(body, "\"x_groq\":{\"usage\"") != NULL)
		return;
	EXPECT(cost != NULL);
	if (cost == NULL || strstr(body, "\"cost\"") != NULL)
		return;
	buf_init(&rest, MAX_OUT);
	buf_add(&rest, r->out.data, (size_t)(cost - r->out.data));
	buf_puts(&rest, cost + strlen(COST_TEXT));
	EXPECT(strcmp(rest.data, want->data) == 0);
	buf_release(&rest);
}

static void try_pass_through(bool with_usage)
{
	char *request = recorded_request(with_usage);
	bool stream = json_is_true(json_object_get(entry, "stream"));
	struct buf want;
	struct run r;

	run_every_way(&r, &openai_chat, request);
	buf_init(&want, MAX_OUT);
	if (stream)
		expected_stream(&want, with_usage);
	else
		buf_add(&want, body, body_len);
	if (has_feature("error_event_in_stream")) {
		EXPECT(r.result == ERR_INVALID);
		EXPECT(strncmp(r.out.data, want.data, r.out.len) == 0);
	} else {
		EXPECT(r.result == 0);
		if (r.result != 0)
			printf("# %s\n", r.err.text);
		if (stream && with_usage)
			check_with_cost(&r, &want);
		else
			EXPECT(strcmp(r.out.data, want.data) == 0);
		check_usage(&r.outcome.usage);
		check_finish(r.outcome.finish);
	}
	buf_release(&want);
	buf_release(&r.out);
	free(request);
}

static void try_error(const struct dialect *dialect)
{
	const char *want = text_at(entry, "error_message");
	struct upstream_error e;
	struct buf clean;

	buf_init(&clean, 1 << 20);
	text_clean(&clean, want, strlen(want), false);
	dialect->read_error(body, body_len, &e);
	EXPECT(e.message[0] != '\0');
	if (strstr(e.message, "…") != NULL)
		*strstr(e.message, "…") = '\0'; /* a key stood there */
	EXPECT(strncmp(clean.data, e.message, strlen(e.message)) == 0);
	buf_release(&clean);
}

/* What an answer says, gathered from either dialect's JSON. */
struct said {
	struct buf text, reasoning, signatures;
	json_t *calls;                  /* [[id, name, "arguments"], …] */
};

static void said_init(struct said *s)
{
	buf_init(&s->text, MAX_OUT);
	buf_init(&s->reasoning, MAX_OUT);
	buf_init(&s->signatures, MAX_OUT);
	s->calls = json_array();
}

static void said_release(struct said *s)
{
	buf_release(&s->text);
	buf_release(&s->reasoning);
	buf_release(&s->signatures);
	json_decref(s->calls);
}

static void add_call(struct said *s, const char *id, const char *name)
{
	json_array_append_new(s->calls, json_pack("[s,s,s]", id, name, ""));
}

static void add_arguments(struct said *s, const char *more)
{
	json_t *call = json_array_get(s->calls, json_array_size(s->calls) - 1);
	const char *old = json_string_value(json_array_get(call, 2));

	if (old != NULL && *more != '\0')
		json_array_set_new(call, 2, json_sprintf("%s%s", old, more));
}

static void gather_anthropic_block(struct said *s, const json_t *block)
{
	const char *type = text_at(block, "type");

	if (strcmp(type, "tool_use") == 0)
		add_call(s, text_at(block, "id"), text_at(block, "name"));
	if (strcmp(type, "tool_use") == 0 && json_object_size(json_object_get(block, "input")) > 0) {
		char *input = json_dumps(json_object_get(block, "input"), 0);

		add_arguments(s, input);
		free(input);
	}
	if (strcmp(type, "text") == 0)
		buf_puts(&s->text, text_at(block, "text"));
	if (strcmp(type, "thinking") == 0) {
		buf_puts(&s->reasoning, text_at(block, "thinking"));
		buf_puts(&s->signatures, text_at(block, "signature"));
	}
	if (strcmp(type, "redacted_thinking") == 0)
		buf_puts(&s->signatures, text_at(block, "data"));
}

static void gather_anthropic(struct said *s, bool stream)
{
	const char *at = body;
	bool in_call = false;
	json_t *answer, *block;
	size_t len, i;

	if (!stream) {
		answer = json_loads(body, 0, NULL);
		json_array_foreach(json_object_get(answer, "content"), i, block)
			gather_anthropic_block(s, block);
		json_decref(answer);
	}
	for (; stream && next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *delta = json_object_get(data, "delta");

		block = json_object_get(data, "content_block");
		if (block != NULL) {
			in_call = strcmp(text_at(block, "type"), "tool_use") == 0;
			gather_anthropic_block(s, block);
		}
		buf_puts(&s->text, text_at(delta, "text"));
		buf_puts(&s->reasoning, text_at(delta, "thinking"));
		buf_puts(&s->signatures, text_at(delta, "signature"));
		if (in_call)
			add_arguments(s, text_at(delta, "partial_json"));
		json_decref(data);
	}
}

static void gather_openai_message(struct said *s, const json_t *message)
{
	const json_t *item;
	size_t i;

	buf_puts(&s->text, text_at(message, "content"));
	buf_puts(&s->reasoning, text_at(message, "reasoning_content"));
	json_array_foreach(json_object_get(message, "reasoning_details"), i, item) {
		buf_puts(&s->signatures, text_at(item, "signature"));
		buf_puts(&s->signatures, text_at(item, "data"));
	}
	json_array_foreach(json_object_get(message, "tool_calls"), i, item) {
		const json_t *function = json_object_get(item, "function"), *index = json_object_get(item, "index");

		if (json_object_get(item, "id") != NULL)
			add_call(s, text_at(item, "id"), text_at(function, "name"));
		EXPECT(index == NULL || (size_t)json_integer_value(index) + 1 == json_array_size(s->calls));
		add_arguments(s, text_at(function, "arguments"));
	}
}

static json_t *choice_of(const json_t *data)
{
	return json_array_get(json_object_get(data, "choices"), 0);
}

/* Returns the answer's finish reason, borrowed from a static buffer. */
static const char *gather_openai(struct said *s, const char *text, bool stream)
{
	static char finish[32];
	const char *at = text;
	size_t len, chunks = 0;

	finish[0] = '\0';
	for (; stream && next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *choice = choice_of(data);

		if (json_is_object(data) && chunks++ == 0)
			EXPECT(strcmp(text_at(json_object_get(choice, "delta"), "role"), "assistant") == 0);
		EXPECT(finish[0] == '\0' || choice == NULL);
		gather_openai_message(s, json_object_get(choice, "delta"));
		if (text_at(choice, "finish_reason")[0] != '\0')
			copy_text(finish, sizeof(finish), text_at(choice, "finish_reason"));
		json_decref(data);
	}
	if (!stream) {
		json_t *data = json_loads(text, 0, NULL), *choice = choice_of(data);

		EXPECT(data != NULL);
		gather_openai_message(s, json_object_get(choice, "message"));
		copy_text(finish, sizeof(finish), text_at(choice, "finish_reason"));
		json_decref(data);
	}
	return finish;
}

static bool same_calls(const json_t *a, const json_t *b)
{
	bool same = json_array_size(a) == json_array_size(b);
	const json_t *call;
	size_t i;

	json_array_foreach(a, i, call) {
		const json_t *other = json_array_get(b, i);
		const char *left = json_string_value(json_array_get(call, 2));
		const char *right = json_string_value(json_array_get(other, 2));
		json_t *x = json_loads(left != NULL && *left != '\0' ? left : "{}", 0, NULL);
		json_t *y = json_loads(right != NULL ? right : "", 0, NULL);

		same = same && json_equal(json_array_get(call, 0), json_array_get(other, 0)) &&
		       json_equal(json_array_get(call, 1), json_array_get(other, 1)) &&
		       (x != NULL ? json_equal(x, y) : strcmp(left, right) == 0);
		json_decref(x);
		json_decref(y);
	}
	return same;
}

static void try_translated(bool with_usage)
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	char request[300];
	struct said want, got;
	const char *finish;
	struct run r;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s%s}",
		 stream ? ",\"stream\":true" : "",
		 stream && with_usage ? ",\"stream_options\":{\"include_usage\":true}" : "");
	run_every_way(&r, &anthropic, request);
	said_init(&want);
	said_init(&got);
	gather_anthropic(&want, stream);
	finish = gather_openai(&got, r.out.data, stream);
	EXPECT(r.result == 0);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	EXPECT(strcmp(want.signatures.data, got.signatures.data) == 0);
	EXPECT(same_calls(want.calls, got.calls));
	EXPECT(strcmp(finish, finish_reason_name(r.outcome.finish)) == 0);
	EXPECT(!stream || (strstr(r.out.data, "\"prompt_tokens\"") != NULL) == with_usage);
	EXPECT(!stream || strcmp(r.out.data + r.out.len - 14, "data: [DONE]\n\n") == 0);
	check_usage(&r.outcome.usage);
	check_finish(r.outcome.finish);
	said_release(&want);
	said_release(&got);
	buf_release(&r.out);
}

/* Calls try for each entry of the endpoint whose status is, or is not, 200. */
static void each_entry(const char *endpoint, bool good, void (*try)(void))
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
	CHECK(n > 5);
}

static void try_chat(void)
{
	try_pass_through(false);
	if (json_is_true(json_object_get(entry, "stream")))
		try_pass_through(true);
}

static void try_messages(void)
{
	try_translated(false);
	try_translated(true);
}

static void try_chat_error(void)
{
	try_error(&openai_chat);
}

static void try_messages_error(void)
{
	try_error(&anthropic);
}

static void recorded_chat_passes_through(void)
{
	each_entry("chat.completions", true, try_chat);
}

static void recorded_messages_are_translated(void)
{
	each_entry("messages", true, try_messages);
}

static void recorded_errors_are_understood(void)
{
	each_entry("chat.completions", false, try_chat_error);
	each_entry("messages", false, try_messages_error);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_chat_passes_through),
						  TEST(recorded_messages_are_translated),
						  TEST(recorded_errors_are_understood)};
	int failed;

	if (!open_folder()) {
		puts("skipped recorded_traffic: no recordings in $TOLLGATE_SHARED/cassettes or ../shared/cassettes");
		return 0;
	}
	failed = check_run(tests, ARRAY_LEN(tests));
	json_decref(entries);
	return failed;
}
