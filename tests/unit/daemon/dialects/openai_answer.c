/* SPDX-License-Identifier: MIT */
/* What OpenAI's chat answers, as clients of other families hear it. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/interpreter.h"

static char got[8192];
static struct err err;

static int hear(const struct dialect *client, const char *request, const char *answer, size_t piece)
{
	const struct interpreter_target target = {.dialect = &openai_chat, .model = "m", .max_output = -1};
	struct request_facts facts;
	struct interpreter *it;
	struct outcome outcome;
	const char *param;
	struct buf out;
	int r = 0;

	request_facts_init(&facts);
	facts.stream = strncmp(answer, "data:", 5) == 0;
	CHECK_INT(client->scan_request(request, strlen(request), &facts, &param, &err), 0);
	it = interpreter_new(client, request, strlen(request), &facts, &target);
	buf_init(&out, sizeof(got) - 1);
	for (size_t at = 0, len = strlen(answer); at < len && r == 0; at += piece)
		r = interpreter_feed(it, answer + at, len - at < piece ? len - at : piece, &out, &err);
	if (r == 0)
		r = interpreter_end(it, true, &outcome, &err);
	if (r == 0)
		interpreter_close(it, 0, &out);
	copy_text(got, sizeof(got), out.data);
	interpreter_free(it);
	buf_release(&out);
	return r;
}

static void a_function_call_of_old_is_a_call_of_a_tool(void)
{
	static const char whole[] = "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,"
				    "\"function_call\":{\"name\":\"joke\",\"arguments\":\"{\\\"a\\\":1}\"}},\"finish_reason\":\"function_call\"}]}";
	static const char stream[] =
		"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"name\":\"joke\",\"arguments\":\"\"}}}]}\n\n"
		"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"{\\\"a\\\":\"}}}]}\n\n"
		"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"1}\"}}}]}\n\n"
		"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"function_call\"}]}\n\ndata: [DONE]\n\n";

	CHECK_INT(hear(&anthropic, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", whole, 999), 0);
	CHECK(strstr(got, "\"type\":\"tool_use\"") != NULL && strstr(got, "\"name\":\"joke\",\"input\":{\"a\":1}") != NULL);
	CHECK(strstr(got, "\"stop_reason\":\"tool_use\"") != NULL);
	CHECK_INT(hear(&anthropic, "{\"model\":\"m\",\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
		       stream, 7), 0);
	CHECK(strstr(got, "\"name\":\"joke\"") != NULL && strstr(got, "\"partial_json\":\"{\\\"a\\\":\"") != NULL);
	/* Some fill it in with nothing. */
	CHECK_INT(hear(&anthropic, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
		       "{\"choices\":[{\"message\":{\"content\":\"hi\",\"function_call\":{\"name\":\"\",\"arguments\":\"\"}},\"finish_reason\":\"stop\"}]}",
		       999), 0);
	CHECK(strstr(got, "tool_use") == NULL);
}

static void arguments_of_several_lines_do_not_break_a_stream(void)
{
	static const char stream[] =
		"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":"
		"{\"name\":\"f\",\"arguments\":\"{\\n \\\"a\\\": \\\"b\\\\nc\\\"\\r\\n}\"}}]}}]}\n\n"
		"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";

	CHECK_INT(hear(&gemini, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}",
		       "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}", 999), 0);
	CHECK_INT(hear(&openai_responses, "{\"model\":\"m\",\"stream\":true,\"input\":\"hi\"}", stream, 9), 0);
	CHECK(strstr(got, "\\\"b\\\\nc\\\"") != NULL);
	CHECK_INT(hear(&gemini_array, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}", stream, 9), 0);
	CHECK(strstr(got, "\"args\":{  \"a\": \"b\\nc\"  }") != NULL);
}

CHECK_MAIN(TEST(a_function_call_of_old_is_a_call_of_a_tool), TEST(arguments_of_several_lines_do_not_break_a_stream))
