/* SPDX-License-Identifier: MIT */
/*
 * Any text is what Bedrock answers: a whole answer, or a stream, each line of which is an event's name and its payload,
 * or an event of Claude's own; what a client gets is JSON or events, the same in pieces of any size.
 */
#include <string.h>

#include "base/base64.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "fuzz.h"
#include "tests/eventstream.h"

static const char whole_request[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
static const char stream_request[] = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
				     "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

/* "messageStop {\"stopReason\":…}" */
static void put_line(struct buf *stream, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	size_t name_len = space != NULL ? (size_t)(space - line) : len;
	char name[100], *payload;

	if (name_len >= sizeof(name))
		name_len = sizeof(name) - 1;
	memcpy(name, line, name_len);
	name[name_len] = '\0';
	payload = space != NULL ? strndup(space + 1, len - (size_t)(space + 1 - line)) : strdup("");
	frame_event(stream, name, payload);
	free(payload);
}

static void put_chunk(struct buf *stream, const char *line, size_t len)
{
	struct buf payload;

	buf_init(&payload, 1 << 16);
	buf_puts(&payload, "{\"bytes\":\"");
	base64_encode(line, len, &payload);
	buf_puts(&payload, "\"}");
	frame_event(stream, "chunk", payload.data);
	buf_release(&payload);
}

static void make_stream(struct buf *stream, bool wrapped, const char *text, size_t len)
{
	for (size_t at = 0, n; at < len; at += n + 1) {
		const char *end = memchr(text + at, '\n', len - at);

		n = end != NULL ? (size_t)(end - text) - at : len - at;
		if (wrapped)
			put_chunk(stream, text + at, n);
		else
			put_line(stream, text + at, n);
	}
}

/* When it was made, and what it is called where nobody said that, is not the same in two answers. */
static void forget(struct buf *b, const char *before)
{
	for (char *at = b->data; (at = strstr(at, before)) != NULL;)
		for (at += strlen(before); (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'); at++)
			*at = '1';
}

static int answer(bool stream, bool claude, size_t step, const struct buf *said, struct buf *out)
{
	const char *body = stream ? stream_request : whole_request, *param = NULL;
	const struct dialect *client = claude ? &anthropic : &openai_chat;
	struct interpreter_target target = {
		.dialect = claude ? &anthropic_bedrock : &bedrock, .model = "m", .max_output = -1};
	struct request_facts facts;
	struct interpreter *in;
	struct outcome outcome;
	struct err err = {0};
	int rc = 0;

	request_facts_init(&facts);
	REQUIRE(client->scan_request(body, strlen(body), &facts, &param, &err) == 0);
	in = interpreter_new(client, body, strlen(body), &facts, &target);
	for (size_t at = 0; rc == 0 && at < said->len; at += step)
		rc = interpreter_feed(in, said->data + at, step < said->len - at ? step : said->len - at, out, &err);
	if (interpreter_end(in, rc == 0, &outcome, rc == 0 ? &err : NULL) < 0)
		rc = ERR_INVALID;
	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		REQUIRE(outcome.usage.source[i] == USAGE_NONE || outcome.usage.count[i] >= 0);
	if (rc == 0)
		interpreter_close(in, 1000, out);
	else
		REQUIRE(err.text[0] != '\0');
	if (rc == 0 && !stream)
		REQUIRE(jscan_object(out->data, out->len, NULL, 0, NULL) == 0);
	interpreter_free(in);
	forget(out, "\"created\":");
	forget(out, "\"id\":\"chatcmpl-");
	return rc;
}

/* The first byte chooses how it is asked and cut. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct buf said, whole, pieces;
	bool stream, claude;
	int rc;

	if (len == 0)
		return 0;
	stream = data[0] & 1;
	claude = data[0] & 2;
	buf_init(&said, 1 << 20);
	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	if (stream)
		make_stream(&said, claude && !(data[0] & 4), (const char *)data + 1, len - 1);
	else
		buf_add(&said, data + 1, len - 1);
	rc = answer(stream, claude, said.len + 1, &said, &whole);
	REQUIRE(answer(stream, claude, 1 + (size_t)(data[0] >> 3), &said, &pieces) == rc);
	REQUIRE(rc < 0 || (whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0));
	buf_release(&said);
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
