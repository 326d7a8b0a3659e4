/* SPDX-License-Identifier: MIT */
/* What an OpenAI client asks, as Anthropic hears it. */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"

static char translated[8192];
static struct err err;

static int translate_for(const char *model, bool drop_params, int64_t ceiling, const char *request)
{
	struct interpreter_target target = {
		.dialect = &anthropic, .model = model, .drop_params = drop_params, .max_output = ceiling};
	struct request_facts facts;
	struct interpreter *it;
	struct buf out;
	const char *param;
	int r;

	buf_init(&out, sizeof(translated) - 1);
	request_facts_init(&facts);
	r = openai_chat.scan_request(request, strlen(request), &facts, &param, &err);
	CHECK_INT(r, 0);
	it = interpreter_new(&openai_chat, request, strlen(request), &facts, &target);
	r = interpreter_request(it, &out, &err);
	memcpy(translated, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	interpreter_free(it);
	buf_release(&out);
	return r;
}

/* The members of a request with max_tokens said, and the same translated. */
static void check_members(const char *members, const char *want)
{
	char request[4096], whole[4096];

	snprintf(request, sizeof(request), " {\"model\":\"smart\",\"max_tokens\":9,%s}", members);
	snprintf(whole, sizeof(whole), "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9,%s}", want);
	CHECK_INT(translate_for("claude-sonnet-4-5", false, -1, request), 0);
	CHECK_TEXT(translated, whole);
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"
#define HELLO_THERE "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}]"

static void check_refused(const char *members, const char *field)
{
	char request[4096];

	snprintf(request, sizeof(request), "{\"model\":\"smart\",%s," HELLO "}", members);
	CHECK_INT(translate_for("claude-sonnet-4-5", false, -1, request), ERR_INVALID);
	CHECK(strncmp(err.text, field, strlen(field)) == 0 && err.text[strlen(field)] == ':');
	if (strncmp(err.text, field, strlen(field)) != 0)
		printf("# %s\n", err.text);
	CHECK_INT(translate_for("claude-sonnet-4-5", true, -1, request), 0);
	CHECK_TEXT(translated, "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":16384," HELLO_THERE "}");
}

static void the_systems_words_come_first_and_apart(void)
{
	check_members("\"messages\":[{\"role\":\"system\",\"content\":\"be \\\"kind\\\"\"},"
		      "{\"role\":\"user\",\"content\":\"hi \\u00e9\"},"
		      "{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"and short\","
		      "\"cache_control\":{\"type\":\"ephemeral\"}}]},"
		      "{\"role\":\"assistant\",\"content\":\"yes?\"},{\"role\":\"user\",\"content\":\"bye\"}]",
		      "\"system\":[{\"type\":\"text\",\"text\":\"be \\\"kind\\\"\"},{\"type\":\"text\",\"text\":\"and short\","
		      "\"cache_control\":{\"type\":\"ephemeral\"}}],"
		      "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi \\u00e9\"}]},"
		      "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"yes?\"}]},"
		      "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"bye\"}]}]");
}

static void calls_and_their_results_find_each_other(void)
{
	check_members(
		"\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"},"
		"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
		"{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}},"
		"{\"id\":\"functions.f:1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}},"
		"{\"id\":\"call_3\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{oops\"}}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"sunny\"},"
		"{\"role\":\"tool\",\"tool_call_id\":\"functions.f:1\",\"content\":[{\"type\":\"text\",\"text\":\"rain\"}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_3\",\"content\":\"\"},"
		"{\"role\":\"user\",\"content\":\"so?\"}]",
		"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"weather?\"}]},"
		"{\"role\":\"assistant\",\"content\":["
		"{\"type\":\"tool_use\",\"id\":\"call_1\",\"name\":\"f\",\"input\":{\"a\": 1}},"
		"{\"type\":\"tool_use\",\"id\":\"functions_f_1\",\"name\":\"f\",\"input\":{}},"
		"{\"type\":\"tool_use\",\"id\":\"call_3\",\"name\":\"f\",\"input\":{\"arguments\":\"{oops\"}}]},"
		"{\"role\":\"user\",\"content\":["
		"{\"type\":\"tool_result\",\"tool_use_id\":\"call_1\",\"content\":[{\"type\":\"text\",\"text\":\"sunny\"}]},"
		"{\"type\":\"tool_result\",\"tool_use_id\":\"functions_f_1\",\"content\":[{\"type\":\"text\",\"text\":\"rain\"}]},"
		"{\"type\":\"tool_result\",\"tool_use_id\":\"call_3\",\"content\":[]},"
		"{\"type\":\"text\",\"text\":\"so?\"}]}]");
}

static void pictures_and_documents_are_carried_over(void)
{
	check_members("\"messages\":[{\"role\":\"user\",\"content\":["
		      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpg;base64,QUJD\",\"detail\":\"low\"}},"
		      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image\\/png;base64,QUJ\\/\"}},"
		      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}},"
		      "{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,JVBE\"}}]}]",
		      "\"messages\":[{\"role\":\"user\",\"content\":["
		      "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/jpeg\",\"data\":\"QUJD\"}},"
		      "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"QUJ/\"}},"
		      "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x/y.png\"}},"
		      "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":\"JVBE\"},"
		      "\"title\":\"a.pdf\"}]}]");
}

#define TOOL "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\", \"x\":1}}}"
#define TOOL_THERE "\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"input_schema\":{\"type\":\"object\", \"x\":1}}]"

static void tools_and_the_choice_among_them_are_carried_over(void)
{
	check_members("\"tools\":[" TOOL "]," HELLO, TOOL_THERE "," HELLO_THERE);
	check_members("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]," HELLO,
		      "\"tools\":[{\"name\":\"g\",\"input_schema\":{\"type\":\"object\",\"properties\":{}}}]," HELLO_THERE);
	check_members("\"tools\":[" TOOL "],\"tool_choice\":\"required\"," HELLO,
		      TOOL_THERE ",\"tool_choice\":{\"type\":\"any\"}," HELLO_THERE);
	check_members("\"tools\":[" TOOL "],\"tool_choice\":\"none\",\"parallel_tool_calls\":false," HELLO,
		      TOOL_THERE ",\"tool_choice\":{\"type\":\"none\"}," HELLO_THERE);
	check_members("\"tools\":[" TOOL "],\"parallel_tool_calls\":false," HELLO,
		      TOOL_THERE ",\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}," HELLO_THERE);
	check_members("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}," HELLO,
		      TOOL_THERE ",\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}," HELLO_THERE);
}

static void parameters_keep_their_digits(void)
{
	check_members("\"temperature\":0.70,\"top_p\":0.9,\"stop\":[\"a\",\"b\"],\"user\":\"u\"," HELLO,
		      "\"temperature\":0.70,\"stop_sequences\":[\"a\",\"b\"],\"top_p\":0.9,\"metadata\":{\"user_id\":\"u\"}," HELLO_THERE);
	check_members("\"temperature\":1.5,\"stop\":\"a\",\"stream\":true," HELLO,
		      "\"stream\":true,\"temperature\":1,\"stop_sequences\":[\"a\"]," HELLO_THERE);
}

static void what_says_nothing_is_let_go(void)
{
	check_members("\"n\":1,\"frequency_penalty\":0,\"presence_penalty\":0.0,\"logprobs\":false,\"logit_bias\":{},"
		      "\"seed\":null,\"response_format\":{\"type\":\"text\"},\"service_tier\":\"auto\",\"modalities\":[\"text\"],"
		      "\"store\":true,\"metadata\":{\"a\":\"b\"},\"unheard_of\":null,\"reasoning_effort\":\"none\"," HELLO,
		      HELLO_THERE);
}

static void what_cannot_be_said_is_refused_by_name(void)
{
	check_refused("\"seed\":7", "seed");
	check_refused("\"n\":2", "n");
	check_refused("\"presence_penalty\":0.5", "presence_penalty");
	check_refused("\"logprobs\":true", "logprobs");
	check_refused("\"logit_bias\":{\"1\":2}", "logit_bias");
	check_refused("\"unheard_of\":[1]", "unheard_of");
	check_refused("\"response_format\":{\"type\":\"json_object\"}", "response_format");
}

static void what_is_wrong_is_refused_with_its_place(void)
{
	static const struct {
		const char *messages, *why;
	} cases[] = {
		{"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"input_audio\"}]}",
		 "messages[0].content[1].type: expected"},
		{"{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:x\"}}]}",
		 "messages[0].content[0].image_url.url: expected"},
		{"{\"role\":\"user\",\"content\":7}", "messages[0].content: expected"},
		{"{\"role\":\"function\",\"content\":\"x\"}", "messages[0].role: expected"},
		{"{\"role\":\"tool\",\"content\":\"x\"}", "messages[0].tool_call_id: expected"},
		{"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\"}]}", "messages[0].tool_calls[0].function: expected"},
		{"{\"role\":\"system\",\"content\":\"x\"}", "messages: Anthropic needs one"},
	};
	char request[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(request, sizeof(request), "{\"model\":\"m\",\"messages\":[%s]}", cases[i].messages);
		CHECK_INT(translate_for("claude-sonnet-4-5", true, -1, request), ERR_INVALID);
		CHECK(strncmp(err.text, cases[i].why, strlen(cases[i].why)) == 0);
		if (strncmp(err.text, cases[i].why, strlen(cases[i].why)) != 0)
			printf("# %s\n", err.text);
	}
}

static void json_is_written_by_its_schema(void)
{
	check_members("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,"
		      "\"schema\":{\"type\":\"object\"}}}," HELLO,
		      "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}," HELLO_THERE);
}

static void check_thinking(const char *model, const char *members, const char *want)
{
	char request[2048], whole[2048];

	snprintf(request, sizeof(request), "{\"model\":\"smart\",%s," HELLO "}", members);
	snprintf(whole, sizeof(whole), "{\"model\":\"%s\",%s," HELLO_THERE "}", model, want);
	CHECK_INT(translate_for(model, false, -1, request), 0);
	CHECK_TEXT(translated, whole);
}

static void what_nobody_else_has_is_not_lost_in_silence(void)
{
	static const char named[] = "{\"model\":\"smart\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"name\":\"ann\",\"content\":\"hi\"}]}";
	static const char strict[] = "{\"model\":\"smart\",\"max_tokens\":9,\"tools\":[{\"type\":\"function\",\"function\":"
				     "{\"name\":\"f\",\"parameters\":{\"type\":\"object\"},\"strict\":true}}]," HELLO "}";

	CHECK_INT(translate_for("claude-sonnet-4-5", false, -1, named), ERR_INVALID);
	CHECK(strncmp(err.text, "messages[0].name: ", 18) == 0);
	CHECK_INT(translate_for("claude-sonnet-4-5", true, -1, named), 0);
	CHECK_INT(translate_for("claude-sonnet-4-5", false, -1, strict), 0);
	CHECK(strstr(translated, "\"input_schema\":{\"type\":\"object\"},\"strict\":true") != NULL);
	CHECK_INT(translate_for("claude-3-7-sonnet-20250219", false, -1, strict), ERR_INVALID);
	CHECK(strncmp(err.text, "tools.strict: ", 14) == 0);
	CHECK_INT(translate_for("claude-3-7-sonnet-20250219", true, -1, strict), 0);
	CHECK(strstr(translated, "strict") == NULL);
}

static void reasoning_is_asked_for_as_the_model_knows_it(void)
{
	check_thinking("claude-sonnet-4-5", "\"reasoning_effort\":\"low\"",
		       "\"max_tokens\":18432,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}");
	check_thinking("claude-sonnet-4-5", "\"reasoning\":{\"max_tokens\":3000},\"max_completion_tokens\":9000",
		       "\"max_tokens\":9000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":3000}");
	check_thinking("claude-sonnet-4-5", "\"reasoning_effort\":\"high\",\"max_completion_tokens\":5000",
		       "\"max_tokens\":5000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":4000}");
	check_thinking("claude-sonnet-4-5", "\"reasoning_effort\":\"high\",\"max_completion_tokens\":500", "\"max_tokens\":500");
	check_thinking("claude-opus-9", "\"reasoning_effort\":\"high\"",
		       "\"max_tokens\":16384,\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\"}");
	check_thinking("claude-opus-9", "\"thinking\":{\"type\":\"disabled\"}",
		       "\"max_tokens\":16384,\"thinking\":{\"type\":\"disabled\"}");
	CHECK_INT(translate_for("claude-3-5-haiku", false, -1, "{\"model\":\"m\",\"reasoning_effort\":\"low\"," HELLO "}"),
		  ERR_INVALID);
	CHECK(strncmp(err.text, "reasoning_effort: ", 18) == 0);
	CHECK_INT(translate_for("claude-sonnet-4-5", false, -1,
				"{\"model\":\"m\",\"reasoning_effort\":\"low\",\"temperature\":0," HELLO "}"),
		  ERR_INVALID);
	CHECK(strncmp(err.text, "temperature: ", 13) == 0);
}

static void reasoning_goes_back_with_its_signature(void)
{
	check_members("\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\","
		      "\"reasoning_content\":\"hm m\",\"reasoning_details\":["
		      "{\"type\":\"reasoning.text\",\"text\":\"hm\",\"format\":\"anthropic-claude-v1\",\"index\":0},"
		      "{\"type\":\"reasoning.text\",\"text\":\" m\",\"format\":\"anthropic-claude-v1\",\"index\":0},"
		      "{\"type\":\"reasoning.text\",\"signature\":\"S\",\"format\":\"anthropic-claude-v1\",\"index\":0},"
		      "{\"type\":\"reasoning.encrypted\",\"data\":\"D\",\"format\":\"anthropic-claude-v1\",\"index\":1},"
		      "{\"type\":\"reasoning.encrypted\",\"data\":\"G\",\"format\":\"google-gemini-v1\",\"index\":2}]},"
		      "{\"role\":\"user\",\"content\":\"r\"}]",
		      "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"}]},"
		      "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm m\",\"signature\":\"S\"},"
		      "{\"type\":\"redacted_thinking\",\"data\":\"D\"},{\"type\":\"text\",\"text\":\"a\"}]},"
		      "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"r\"}]}]");
}

static void a_ceiling_holds_for_what_was_not_said_too(void)
{
	CHECK_INT(translate_for("claude-3-haiku-20240307", false, -1, "{\"model\":\"m\"," HELLO "}"), 0);
	CHECK(strstr(translated, "\"max_tokens\":4096,") != NULL);
	CHECK_INT(translate_for("claude-3-haiku-20240307", false, 50, "{\"model\":\"m\"," HELLO "}"), 0);
	CHECK(strstr(translated, "\"max_tokens\":50,") != NULL);
	CHECK_INT(translate_for("claude-sonnet-4-5", false, 2000,
				"{\"model\":\"m\",\"reasoning_effort\":\"high\"," HELLO "}"), 0);
	CHECK(strstr(translated, "\"max_tokens\":2000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1600}") != NULL);
}

CHECK_MAIN(TEST(the_systems_words_come_first_and_apart), TEST(calls_and_their_results_find_each_other),
	   TEST(pictures_and_documents_are_carried_over), TEST(tools_and_the_choice_among_them_are_carried_over),
	   TEST(parameters_keep_their_digits), TEST(what_says_nothing_is_let_go),
	   TEST(what_cannot_be_said_is_refused_by_name), TEST(what_is_wrong_is_refused_with_its_place),
	   TEST(json_is_written_by_its_schema), TEST(what_nobody_else_has_is_not_lost_in_silence), TEST(reasoning_is_asked_for_as_the_model_knows_it),
	   TEST(reasoning_goes_back_with_its_signature), TEST(a_ceiling_holds_for_what_was_not_said_too))
