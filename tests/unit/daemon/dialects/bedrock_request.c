/* SPDX-License-Identifier: MIT */
/* What an OpenAI client asks, as Bedrock hears it. */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"

#define CLAUDE "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
#define NOVA "us.amazon.nova-2-lite-v1:0"
#define LLAMA "meta.llama3-8b-instruct-v1:0"

static char translated[16384];
static struct err err;

static int translate_for(const char *model, bool drop_params, int64_t ceiling, const char *request)
{
	struct interpreter_target target = {
		.dialect = &bedrock, .model = model, .drop_params = drop_params, .max_output = ceiling};
	struct request_facts facts;
	struct interpreter *it;
	struct buf out;
	const char *param;
	int r;

	buf_init(&out, sizeof(translated) - 1);
	request_facts_init(&facts);
	CHECK_INT(openai_chat.scan_request(request, strlen(request), &facts, &param, &err), 0);
	it = interpreter_new(&openai_chat, request, strlen(request), &facts, &target);
	r = interpreter_request(it, &out, &err);
	memcpy(translated, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	interpreter_free(it);
	buf_release(&out);
	return r;
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"
#define HELLO_THERE "\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hello\"}]}]"
#define TOOL "{\"type\":\"function\",\"function\":{\"name\":\"look\",\"description\":\"looks\",\"parameters\":{\"type\":\"object\"}}}"
#define SPEC "{\"toolSpec\":{\"name\":\"look\",\"description\":\"looks\",\"inputSchema\":{\"json\":{\"type\":\"object\"}}}}"

/* The members of a request, and what is sent for them. */
static void check_members(const char *model, const char *members, const char *want)
{
	char request[8192];

	snprintf(request, sizeof(request), "{\"model\":\"m\",%s}", members);
	CHECK_INT(translate_for(model, false, -1, request), 0);
	CHECK_TEXT(translated, want);
}

static void check_messages(const char *messages, const char *want)
{
	char members[4096], whole[4096];

	snprintf(members, sizeof(members), "\"messages\":[%s]", messages);
	snprintf(whole, sizeof(whole), "{%s}", want);
	check_members(CLAUDE, members, whole);
}

/* Refused by name, and left out where the caller wants that. */
static void check_refused(const char *model, const char *members, const char *field, const char *dropped)
{
	char request[4096], want[4096];

	snprintf(request, sizeof(request), "{\"model\":\"m\",%s," HELLO "}", members);
	snprintf(want, sizeof(want), "{" HELLO_THERE "%s}", dropped);
	CHECK_INT(translate_for(model, false, -1, request), ERR_INVALID);
	CHECK(strncmp(err.text, field, strlen(field)) == 0 && err.text[strlen(field)] == ':');
	if (strncmp(err.text, field, strlen(field)) != 0)
		printf("# %s\n", err.text);
	CHECK_INT(translate_for(model, true, -1, request), 0);
	CHECK_TEXT(translated, want);
}

static void a_conversation_keeps_its_order(void)
{
	check_messages("{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"a\"},"
		       "{\"role\":\"user\",\"content\":\" \"},{\"role\":\"user\",\"content\":\"b\"},"
		       "{\"role\":\"assistant\",\"content\":\"c\"},{\"role\":\"user\",\"content\":\"d\"}",
		       "\"system\":[{\"text\":\"be brief\"}],\"messages\":["
		       "{\"role\":\"user\",\"content\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
		       "{\"role\":\"assistant\",\"content\":[{\"text\":\"c\"}]},"
		       "{\"role\":\"user\",\"content\":[{\"text\":\"d\"}]}]");
	CHECK_INT(translate_for(CLAUDE, false, -1, "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"x\"}]}"),
		  ERR_INVALID);
}

static void calls_and_their_results_are_blocks(void)
{
	check_messages("{\"role\":\"user\",\"content\":\"a\"},"
		       "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
		       "{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}},"
		       "{\"id\":\"a.b|c\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]},"
		       "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"sunny\"},"
		       "{\"role\":\"tool\",\"tool_call_id\":\"a.b|c\",\"content\":\"\"}",
		       "\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]},{\"role\":\"assistant\",\"content\":["
		       "{\"toolUse\":{\"toolUseId\":\"call_1\",\"name\":\"f\",\"input\":{\"x\":1}}},"
		       "{\"toolUse\":{\"toolUseId\":\"a_b_c\",\"name\":\"g\",\"input\":{}}}]},"
		       "{\"role\":\"user\",\"content\":["
		       "{\"toolResult\":{\"toolUseId\":\"call_1\",\"content\":[{\"text\":\"sunny\"}]}},"
		       "{\"toolResult\":{\"toolUseId\":\"a_b_c\",\"content\":[]}}]}]");
}

/* 70 characters come in, 64 go out, the same ones each time and others for another id. */
static void ids_too_long_become_short_ones(void)
{
#define LONG_ID "call_0123456789012345678901234567890123456789012345678901234567890123"
#define CALL(id)                                                                                   \
	"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"" id         \
	"\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"               \
	"{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"x\"}]}"
	char first[65];
	const char *at;

	CHECK_INT(translate_for(CLAUDE, false, -1, CALL(LONG_ID "4")), 0);
	at = strstr(translated, "toolUseId\":\"") + 12;
	CHECK_INT(strcspn(at, "\""), 64);
	snprintf(first, sizeof(first), "%s", at);
	CHECK(strncmp(first, LONG_ID, 40) == 0);
	CHECK(strstr(strstr(translated, "toolResult"), first) != NULL);
	CHECK_INT(translate_for(CLAUDE, false, -1, CALL(LONG_ID "5")), 0);
	CHECK(strstr(translated, first) == NULL);
}

static void pictures_and_documents_are_bytes(void)
{
	check_messages("{\"role\":\"user\",\"content\":["
		       "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpg;base64,AAAA\"}},"
		       "{\"type\":\"image_url\",\"image_url\":{\"url\":\"s3://bucket/a.webp\"}},"
		       "{\"type\":\"file\",\"file\":{\"filename\":\"my  report_(1).pdf\",\"file_data\":\"data:application/pdf;base64,BBBB\"}},"
		       "{\"type\":\"file\",\"file\":{\"file_data\":\"data:text/csv;base64,CCCC\"}}]}",
		       "\"messages\":[{\"role\":\"user\",\"content\":["
		       "{\"image\":{\"format\":\"jpeg\",\"source\":{\"bytes\":\"AAAA\"}}},"
		       "{\"image\":{\"format\":\"webp\",\"source\":{\"s3Location\":{\"uri\":\"s3://bucket/a.webp\"}}}},"
		       "{\"document\":{\"format\":\"pdf\",\"name\":\"my report-(1)-pdf\",\"source\":{\"bytes\":\"BBBB\"}}},"
		       "{\"document\":{\"format\":\"csv\",\"name\":\"document-2\",\"source\":{\"bytes\":\"CCCC\"}}}]}]");
	CHECK_INT(translate_for(CLAUDE, false, -1,
				"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
				"\"image_url\":{\"url\":\"https://x.example/a.png\"}}]}]}"),
		  ERR_INVALID);
	CHECK(strstr(err.text, "messages: ") == err.text && strstr(err.text, "URL") != NULL);
	CHECK_INT(translate_for(CLAUDE, false, -1,
				"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
				"\"image_url\":{\"url\":\"data:image/tiff;base64,AA==\"}}]}]}"),
		  ERR_INVALID);
	CHECK(strstr(err.text, "image/tiff") != NULL);
}

static void reasoning_goes_back_to_who_signed_it(void)
{
	check_messages("{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\",\"reasoning_details\":["
		       "{\"type\":\"reasoning.text\",\"text\":\"hm\",\"signature\":\"S\",\"format\":\"anthropic-claude-v1\"},"
		       "{\"type\":\"reasoning.encrypted\",\"data\":\"EuQF\",\"format\":\"anthropic-claude-v1\"},"
		       "{\"type\":\"reasoning.text\",\"text\":\"no\",\"signature\":\"T\",\"format\":\"google-gemini-v1\"},"
		       "{\"type\":\"reasoning.text\",\"text\":\"unsigned\"}]}",
		       "\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]},{\"role\":\"assistant\",\"content\":["
		       "{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\",\"signature\":\"S\"}}},"
		       "{\"reasoningContent\":{\"redactedContent\":\"RXVRRg==\"}},{\"text\":\"b\"}]}]");
}

static void prompts_are_cached_up_to_cache_points(void)
{
	static const char members[] =
		"\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"s\","
		"\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}}]},{\"role\":\"user\",\"content\":[{\"type\":\"text\","
		"\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]}],\"tools\":[{\"type\":\"function\",\"function\":"
		"{\"name\":\"f\"},\"cache_control\":{\"type\":\"ephemeral\"}}]";

	check_members(CLAUDE, members,
		      "{\"system\":[{\"text\":\"s\"},{\"cachePoint\":{\"type\":\"default\",\"ttl\":\"1h\"}}],"
		      "\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"},{\"cachePoint\":{\"type\":\"default\"}}]}],"
		      "\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"f\",\"inputSchema\":{\"json\":{\"type\":\"object\","
		      "\"properties\":{}}}}},{\"cachePoint\":{\"type\":\"default\"}}]}}");
	check_members(LLAMA, members,
		      "{\"system\":[{\"text\":\"s\"}],\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]}],"
		      "\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"f\",\"inputSchema\":{\"json\":{\"type\":\"object\","
		      "\"properties\":{}}}}}]}}");
}

static void tools_and_their_choice_are_said(void)
{
	static const struct {
		const char *said, *meant;
	} choices[] = {
		{"", ""},
		{",\"tool_choice\":\"auto\"", ",\"toolChoice\":{\"auto\":{}}"},
		{",\"tool_choice\":\"required\"", ",\"toolChoice\":{\"any\":{}}"},
		{",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"look\"}}",
		 ",\"toolChoice\":{\"tool\":{\"name\":\"look\"}}"},
	};

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		char members[1024], want[1024];

		snprintf(members, sizeof(members), HELLO ",\"tools\":[" TOOL "]%s", choices[i].said);
		snprintf(want, sizeof(want), "{" HELLO_THERE ",\"toolConfig\":{\"tools\":[" SPEC "]%s}}", choices[i].meant);
		check_members(CLAUDE, members, want);
	}
	check_members(CLAUDE, HELLO ",\"tools\":[" TOOL "],\"tool_choice\":\"none\"", "{" HELLO_THERE "}");
}

static void one_call_at_a_time_is_claudes_to_promise(void)
{
	check_members(CLAUDE, HELLO ",\"tools\":[" TOOL "],\"parallel_tool_calls\":false",
		      "{" HELLO_THERE ",\"toolConfig\":{\"tools\":[" SPEC "]},\"additionalModelRequestFields\":"
		      "{\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}}}");
	check_refused(LLAMA, "\"tools\":[" TOOL "],\"parallel_tool_calls\":false", "parallel_tool_calls",
		      ",\"toolConfig\":{\"tools\":[" SPEC "]}");
}

static void strict_tools_go_to_models_that_know_them(void)
{
	static const char members[] = HELLO ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,"
					    "\"parameters\":{}}}]";

	check_members(CLAUDE, members,
		      "{" HELLO_THERE ",\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"f\",\"strict\":true,"
		      "\"inputSchema\":{\"json\":{}}}}]}}");
	check_members(LLAMA, members,
		      "{" HELLO_THERE ",\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"f\","
		      "\"inputSchema\":{\"json\":{}}}}]}}");
}

static void what_all_models_know_is_in_one_place(void)
{
	check_members(LLAMA, HELLO ",\"max_tokens\":9,\"temperature\":1.7,\"top_p\":0.5,\"stop\":\"x\",\"user\":\"ann@b.c\"",
		      "{" HELLO_THERE ",\"inferenceConfig\":{\"maxTokens\":9,\"temperature\":1,\"stopSequences\":[\"x\"],"
		      "\"topP\":0.5},\"requestMetadata\":{\"user\":\"ann@b.c\"}}");
	CHECK_INT(translate_for(LLAMA, false, 100, "{\"model\":\"m\"," HELLO "}"), 0);
	CHECK_TEXT(translated, "{" HELLO_THERE ",\"inferenceConfig\":{\"maxTokens\":100}}");
	CHECK_INT(translate_for(LLAMA, false, 100, "{\"model\":\"m\",\"max_tokens\":9," HELLO "}"), 0);
	CHECK_TEXT(translated, "{" HELLO_THERE ",\"inferenceConfig\":{\"maxTokens\":9}}");
}

static void each_family_has_its_own_top_k(void)
{
	check_members(CLAUDE, HELLO ",\"top_k\":5", "{" HELLO_THERE ",\"additionalModelRequestFields\":{\"top_k\":5}}");
	check_members("amazon.nova-lite-v1:0", HELLO ",\"top_k\":5",
		      "{" HELLO_THERE ",\"additionalModelRequestFields\":{\"inferenceConfig\":{\"topK\":5}}}");
	check_members("cohere.command-r-v1:0", HELLO ",\"top_k\":5",
		      "{" HELLO_THERE ",\"additionalModelRequestFields\":{\"k\":5}}");
	check_refused(LLAMA, "\"top_k\":5", "top_k", "");
}

static void each_family_reasons_in_its_own_words(void)
{
#define EXTRA(text) "{" HELLO_THERE ",\"additionalModelRequestFields\":{" text "}}"
	check_members(CLAUDE, HELLO ",\"reasoning_effort\":\"low\"",
		      "{" HELLO_THERE ",\"inferenceConfig\":{\"maxTokens\":18432},\"additionalModelRequestFields\":"
		      "{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}}}");
	check_members("us.anthropic.claude-opus-4-7", HELLO ",\"reasoning_effort\":\"high\",\"top_k\":3",
		      EXTRA("\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\"},\"top_k\":3"));
	check_members(CLAUDE, HELLO ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}",
		      EXTRA("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}"));
	check_members(NOVA, HELLO ",\"reasoning_effort\":\"xhigh\"",
		      EXTRA("\"reasoningConfig\":{\"type\":\"enabled\",\"maxReasoningEffort\":\"high\"}"));
	check_members("openai.gpt-oss-120b-1:0", HELLO ",\"reasoning_effort\":\"minimal\"",
		      EXTRA("\"reasoning_effort\":\"low\""));
	check_members("qwen.qwen3-32b-v1:0", HELLO ",\"reasoning\":{\"max_tokens\":5000}",
		      EXTRA("\"reasoning_config\":\"medium\""));
	check_members(LLAMA, HELLO ",\"reasoning_effort\":\"none\"", "{" HELLO_THERE "}");
	check_refused(LLAMA, "\"reasoning_effort\":\"low\"", "reasoning_effort", "");
	check_refused(NOVA, "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", "thinking", "");
	check_refused("anthropic.claude-3-haiku-20240307-v1:0", "\"reasoning_effort\":\"low\"", "reasoning_effort", "");
}

static void json_is_written_by_a_schema(void)
{
	check_members(CLAUDE,
		      HELLO ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"city\","
			    "\"schema\":{\"type\":\"object\"}}}",
		      "{" HELLO_THERE ",\"outputConfig\":{\"textFormat\":{\"type\":\"json_schema\",\"structure\":{\"jsonSchema\":"
		      "{\"schema\":\"{\\\"type\\\":\\\"object\\\"}\",\"name\":\"city\"}}}}}");
	check_refused(CLAUDE, "\"response_format\":{\"type\":\"json_object\"}", "response_format", "");
}

static void what_bedrock_cannot_say_is_refused_by_name(void)
{
	check_refused(CLAUDE, "\"seed\":1", "seed", "");
	check_refused(CLAUDE, "\"n\":2", "n", "");
	check_refused(CLAUDE, "\"logit_bias\":{\"1\":2}", "logit_bias", "");
	check_refused(CLAUDE, "\"user\":\"a\\nb\"", "user", "");
	CHECK_INT(translate_for(CLAUDE, false, -1,
				"{\"model\":\"m\",\"tools\":[" TOOL "],\"tool_choice\":\"none\",\"messages\":["
				"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":"
				"{\"name\":\"look\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\","
				"\"content\":\"x\"}]}"),
		  ERR_INVALID);
	CHECK(strstr(err.text, "tool_choice: ") == err.text);
}

CHECK_MAIN(TEST(a_conversation_keeps_its_order), TEST(calls_and_their_results_are_blocks), TEST(ids_too_long_become_short_ones),
	   TEST(pictures_and_documents_are_bytes), TEST(reasoning_goes_back_to_who_signed_it),
	   TEST(prompts_are_cached_up_to_cache_points), TEST(tools_and_their_choice_are_said),
	   TEST(one_call_at_a_time_is_claudes_to_promise), TEST(strict_tools_go_to_models_that_know_them),
	   TEST(what_all_models_know_is_in_one_place), TEST(each_family_has_its_own_top_k),
	   TEST(each_family_reasons_in_its_own_words), TEST(json_is_written_by_a_schema),
	   TEST(what_bedrock_cannot_say_is_refused_by_name))
