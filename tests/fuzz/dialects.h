/* SPDX-License-Identifier: MIT */
/* dialects.h — requests and answers of any bytes, between a client's dialect and a target's. */
#ifndef FUZZ_DIALECTS_H
#define FUZZ_DIALECTS_H

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "dialects/provider_kind.h"
#include "dialects/sse.h"
#include "fuzz.h"

static inline void translate_request(const struct dialect *client, const char *body, size_t len,
				     const struct request_facts *facts, const struct provider_kind *kind, bool drop_params)
{
	const struct endpoint *endpoint = provider_endpoint(kind, client);
	struct interpreter_target target = {
		.dialect = endpoint != NULL ? endpoint->dialect : NULL,
		.model = "the-model",
		.quirks = kind->quirks,
		.drop_params = drop_params,
		.max_output = drop_params ? 100 : -1,
	};
	struct interpreter *interpreter;
	struct buf out;
	struct err err = {0};

	if (target.dialect == NULL)
		return;
	interpreter = interpreter_new(client, body, len, facts, &target);
	buf_init(&out, 1 << 20);
	if (interpreter_request(interpreter, &out, &err) == 0)
		REQUIRE(jscan_object(out.data, out.len, NULL, 0, NULL) == 0);
	else
		REQUIRE(err.text[0] != '\0');
	buf_release(&out);
	interpreter_free(interpreter);
}

/* A client's request of any bytes: what is taken becomes, for each kind of provider, a body that is JSON. */
static inline void try_request(const struct dialect *client, const unsigned char *data, size_t len)
{
	struct request_facts facts;
	const char *param = NULL;
	struct err err = {0};
	char *body = malloc(len + 1);

	memcpy(body, data, len);
	body[len] = '\0';
	request_facts_init(&facts);
	if (client->scan_request(body, len, &facts, &param, &err) < 0) {
		REQUIRE(err.text[0] != '\0');
	} else {
		REQUIRE(facts.num_choices >= 1 && facts.max_output >= -1 && facts.input_estimate >= 0);
		for (const struct provider_kind *kind = provider_kinds; kind->name != NULL; kind++)
			for (int drop = 0; drop < 2; drop++)
				translate_request(client, body, len, &facts, kind, drop);
	}
	free(body);
}

/* What we wrote ourselves is events whose data is JSON, or the mark of the end. */
static inline void check_events(const struct buf *out)
{
	struct sse_parser parser;
	struct sse_event event;
	const char *at = out->data;
	size_t len = out->len;

	sse_init(&parser, 1 << 20);
	while (sse_next(&parser, &at, &len, &event) > 0)
		REQUIRE(sse_data_is(&event, "[DONE]") || jscan_object(event.data, event.data_len, NULL, 0, NULL) == 0);
	sse_release(&parser);
}

static inline void check_counts(const struct usage *usage)
{
	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		REQUIRE(usage->source[i] == USAGE_NONE || usage->count[i] >= 0);
}

/* A provider's answer of any bytes to this request, fed in pieces: what the client gets is JSON, or events. */
static inline void try_answer(const struct dialect *client, const char *request, const struct dialect *dialect, size_t step,
			      const char *data, size_t len)
{
	struct interpreter_target target = {.dialect = dialect, .model = "m", .max_output = -1};
	struct request_facts facts;
	const char *param = NULL;
	struct interpreter *in;
	struct outcome outcome;
	struct err err = {0};
	struct buf sent, out;
	int rc = 0;

	buf_init(&out, 1 << 20);
	request_facts_init(&facts);
	REQUIRE(client->scan_request(request, strlen(request), &facts, &param, &err) == 0);
	in = interpreter_new(client, request, strlen(request), &facts, &target);
	buf_init(&sent, 1 << 20);
	REQUIRE(interpreter_request(in, &sent, &err) == 0);
	interpreter_head(in, facts.stream ? "text/event-stream" : "application/json");
	for (size_t at = 0; rc == 0 && at < len; at += step)
		rc = interpreter_feed(in, data + at, step < len - at ? step : len - at, &out, &err);
	rc = interpreter_end(in, rc == 0, &outcome, &err);
	check_counts(&outcome.usage);
	if (rc == 0) {
		interpreter_close(in, 1000, &out);
		if (!facts.stream)
			REQUIRE(jscan_object(out.data, out.len, NULL, 0, NULL) == 0);
		else if (client != dialect && !out.failed)
			check_events(&out);
	} else {
		REQUIRE(err.text[0] != '\0');
	}
	buf_release(&sent);
	buf_release(&out);
	interpreter_free(in);
}

#endif
