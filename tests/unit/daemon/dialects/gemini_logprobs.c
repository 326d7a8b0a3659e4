/* SPDX-License-Identifier: MIT */
/* How likely tokens were, between Google's form and OpenAI's: in whole answers and in streams. */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"

#define GOOGLES "\"logprobsResult\":{\"chosenCandidates\":[{\"token\":\"Hé\",\"logProbability\":-0.5},{\"token\":\"y\",\"logProbability\":-1e-05}]," \
		"\"topCandidates\":[{\"candidates\":[{\"token\":\"Hé\",\"logProbability\":-0.5},{\"token\":\"Ha\",\"logProbability\":-2}]},{\"candidates\":[]}]}"
#define OPENAIS "\"logprobs\":{\"content\":[{\"token\":\"Hé\",\"logprob\":-0.5,\"bytes\":[72,195,169],\"top_logprobs\":["     \
		"{\"token\":\"Hé\",\"logprob\":-0.5,\"bytes\":[72,195,169]},{\"token\":\"Ha\",\"logprob\":-2,\"bytes\":[72,97]}]}," \
		"{\"token\":\"y\",\"logprob\":-1e-05,\"bytes\":[121],\"top_logprobs\":[]}],\"refusal\":null}"

#define GOOGLE_ANSWER "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Héy\"}]},\"finishReason\":\"STOP\"," GOOGLES "}]}"

/* What the client gets of an answer. */
static const char *answer(const struct dialect *client, const char *request, bool stream, const struct dialect *target_dialect,
			  const char *body)
{
	static char got[4096];
	struct interpreter_target target = {.dialect = target_dialect, .model = "m", .max_output = -1};
	struct request_facts facts;
	struct interpreter *it;
	struct outcome outcome;
	const char *param;
	struct err err;
	struct buf out;

	buf_init(&out, sizeof(got) - 1);
	request_facts_init(&facts);
	facts.stream = stream;
	CHECK_INT(client->scan_request(request, strlen(request), &facts, &param, &err), 0);
	it = interpreter_new(client, request, strlen(request), &facts, &target);
	CHECK_INT(interpreter_feed(it, body, strlen(body), &out, &err), 0);
	CHECK_INT(interpreter_end(it, true, &outcome, &err), 0);
	interpreter_close(it, 0, &out);
	memcpy(got, out.data, out.len + 1);
	interpreter_free(it);
	buf_release(&out);
	return got;
}

#define CHAT "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define CONTENTS "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}"

static void openais_clients_get_googles(void)
{
	CHECK(strstr(answer(&openai_chat, CHAT "}", false, &gemini, GOOGLE_ANSWER), "}," OPENAIS ",\"finish_reason\":\"stop\"") != NULL);
	CHECK(strstr(answer(&openai_chat, CHAT ",\"stream\":true}", true, &gemini, "data: " GOOGLE_ANSWER "\r\n\r\n"),
		     "\"delta\":{\"content\":\"Héy\"}," OPENAIS ",\"finish_reason\":null") != NULL);
}

static void googles_clients_get_openais(void)
{
	CHECK(strstr(answer(&gemini, CONTENTS, false, &openai_chat,
			    "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Héy\"}," OPENAIS ",\"finish_reason\":\"stop\"}]}"),
		     "\"role\":\"model\"}," GOOGLES ",\"finishReason\":\"STOP\"") != NULL);
	CHECK(strstr(answer(&gemini, CONTENTS, true, &openai_chat,
			    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Héy\"}," OPENAIS ",\"finish_reason\":null}]}\n\n"
			    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n"
			    "data: [DONE]\n\n"),
		     "{\"text\":\"Héy\"}],\"role\":\"model\"}," GOOGLES ",\"index\":0}") != NULL);
}

static void a_whole_answer_keeps_them_as_a_stream(void)
{
	CHECK(strstr(answer(&openai_chat, CHAT ",\"stream\":true}", true, &gemini, GOOGLE_ANSWER),
		     "\"delta\":{\"content\":\"Héy\"}," OPENAIS) != NULL);
}

CHECK_MAIN(TEST(openais_clients_get_googles), TEST(googles_clients_get_openais), TEST(a_whole_answer_keeps_them_as_a_stream))
