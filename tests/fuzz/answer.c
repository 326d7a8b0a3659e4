/* SPDX-License-Identifier: MIT */
/* Any bytes are a provider's answer, whole or streamed, in pieces of any size: what the client gets is JSON or events. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "fuzz.h"

static const char whole_request[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
static const char stream_request[] = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
				     "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

static void check_usage(const struct usage *usage)
{
	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		REQUIRE(usage->source[i] == USAGE_NONE || usage->count[i] >= 0);
}

/* Feeds the answer in pieces of step bytes; what the client gets goes to out. */
static void answer(const struct dialect *dialect, bool stream, size_t step, const char *data, size_t len,
		   struct buf *out)
{
	const char *body = stream ? stream_request : whole_request;
	struct interpreter_target target = {.dialect = dialect, .model = "m", .max_output = -1};
	struct request_facts facts;
	const char *param = NULL;
	struct interpreter *in;
	struct outcome outcome;
	struct err err = {0};
	struct buf sent;
	int rc = 0;

	request_facts_init(&facts);
	REQUIRE(openai_chat.scan_request(body, strlen(body), &facts, &param, &err) == 0);
	in = interpreter_new(&openai_chat, body, strlen(body), &facts, &target);
	buf_init(&sent, 1 << 20);
	if (interpreter_request(in, &sent, &err) < 0)
		goto out;
	interpreter_head(in, stream ? "text/event-stream" : "application/json");
	for (size_t at = 0; rc == 0 && at < len; at += step)
		rc = interpreter_feed(in, data + at, step < len - at ? step : len - at, out, &err);
	rc = interpreter_end(in, rc == 0, &outcome, &err);
	check_usage(&outcome.usage);
	if (rc == 0) {
		interpreter_close(in, 1000, out);
		if (!stream)
			REQUIRE(jscan_object(out->data, out->len, NULL, 0, NULL) == 0);
	} else {
		REQUIRE(err.text[0] != '\0');
	}
out:
	buf_release(&sent);
	interpreter_free(in);
}

/* The first byte chooses how it is asked and cut, the rest is the answer. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const struct dialect *dialect;
	struct buf out;

	if (len == 0)
		return 0;
	dialect = data[0] & 1 ? &anthropic : &openai_chat;
	buf_init(&out, 1 << 20);
	answer(dialect, (data[0] & 2) != 0, 1 + (size_t)(data[0] >> 2), (const char *)data + 1, len - 1, &out);
	buf_release(&out);
	return 0;
}
