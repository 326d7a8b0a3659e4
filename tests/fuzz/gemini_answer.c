/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are what Google answers to OpenAI's chat, or what anybody answers to Google's clients: whole, as
 * events or as an array, in pieces of any size.
 */
#include "dialects.h"

static const char chat[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
static const char chat_stream[] = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
				  "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
static const char contents[] = "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}";

/* As try_answer, for clients whose path says whether they want a stream. */
static void try_client(const struct dialect *client, bool stream, const struct dialect *target_dialect, size_t step,
		       const char *data, size_t len)
{
	struct interpreter_target target = {.dialect = target_dialect, .model = "m", .max_output = -1};
	struct request_facts facts;
	struct interpreter *in;
	struct outcome outcome;
	const char *param;
	struct err err = {0};
	struct buf out;
	int rc = 0;

	buf_init(&out, 1 << 20);
	request_facts_init(&facts);
	facts.stream = stream;
	REQUIRE(client->scan_request(contents, strlen(contents), &facts, &param, &err) == 0);
	in = interpreter_new(client, contents, strlen(contents), &facts, &target);
	REQUIRE(interpreter_request(in, &out, &err) == 0);
	buf_clear(&out);
	for (size_t at = 0; rc == 0 && at < len; at += step)
		rc = interpreter_feed(in, data + at, step < len - at ? step : len - at, &out, &err);
	rc = interpreter_end(in, rc == 0, &outcome, &err);
	check_counts(&outcome.usage);
	if (rc == 0) {
		interpreter_close(in, 1000, &out);
		if (!stream || client == &gemini_array)
			REQUIRE(out.failed || jscan_value(out.data, out.len, NULL) == 0);
		else if (client != target_dialect && !out.failed)
			check_events(&out);
	}
	buf_release(&out);
	interpreter_free(in);
}

/* The first byte chooses who asks whom, how, and how the answer is cut; the rest is the answer. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static const struct dialect *const targets[] = {&gemini, &gemini_array, &openai_chat, &anthropic};
	const char *answer = (const char *)data + 1;
	const struct dialect *target;
	size_t step;
	bool stream;

	if (len == 0)
		return 0;
	target = targets[data[0] & 3];
	stream = data[0] & 4;
	step = 1 + (size_t)(data[0] >> 3);
	if (target == &gemini || target == &gemini_array)
		try_answer(&openai_chat, stream ? chat_stream : chat, target, step, answer, len - 1);
	try_client(&gemini, stream, target, step, answer, len - 1);
	if (target != &gemini_array)
		try_client(&gemini_array, stream, target, step, answer, len - 1);
	return 0;
}
