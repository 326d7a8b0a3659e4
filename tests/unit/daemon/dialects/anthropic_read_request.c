/* SPDX-License-Identifier: MIT */
/* What an Anthropic client asks, as chat completions hear it, and as Anthropic would hear it again. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/message.h"
#include "dialects/provider_kind.h"

static char translated[8192];
static struct err err;

static int translate(const struct dialect *to, const char *model, unsigned quirks, bool drop_params, const char *members)
{
	struct interpreter_target target = {
		.dialect = to, .model = model, .quirks = quirks, .drop_params = drop_params, .max_output = -1};
	struct request_facts facts;
	struct conversation c;
	struct arena arena;
	const char *param;
	char body[4096];
	struct buf out;
	int r;

	snprintf(body, sizeof(body), "{\"model\":\"m\",%s}", members);
	request_facts_init(&facts);
	CHECK_INT(anthropic.scan_request(body, strlen(body), &facts, &param, &err), 0);
	arena_init(&arena);
	conversation_init(&c);
	buf_init(&out, sizeof(translated) - 1);
	r = anthropic.read_request((struct jspan){body, strlen(body)}, &arena, &c, &err);
	if (r == 0)
		r = to->write_request(&c, &target, &out, &err);
	memcpy(translated, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	buf_release(&out);
	arena_release(&arena);
	return r;
}

static void check_chat(const char *members, const char *want)
{
	char whole[4096];

	CHECK_INT(translate(&openai_chat, "up", 0, false, members), 0);
	snprintf(whole, sizeof(whole), "{\"model\":\"up\",%s}", want);
	CHECK_TEXT(translated, whole);
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void messages_become_those_of_a_chat(void)
{
	check_chat("\"system\":\"be kind\"," HELLO,
		   "\"messages\":[{\"role\":\"system\",\"content\":\"be kind\"},{\"role\":\"user\",\"content\":\"hello\"}]");
	check_chat("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image\",\"source\":"
		   "{\"type\":\"base64\",\"media_type\":\"image\\/png\",\"data\":\"QUI\\/\"}},{\"type\":\"image\",\"source\":"
		   "{\"type\":\"url\",\"url\":\"https://x/y.png\"}}]}],\"system\":[{\"type\":\"text\",\"text\":\"be\","
		   "\"cache_control\":{\"type\":\"ephemeral\"}},{\"type\":\"text\",\"text\":\"kind\"}]",
		   "\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"be\"},{\"type\":\"text\",\"text\":\"kind\"}]},"
		   "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":"
		   "{\"url\":\"data:image/png;base64,QUI/\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}]}]");
}

static void documents_are_files_or_text(void)
{
	check_chat("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"title\":\"a.pdf\",\"source\":{\"type\":\"base64\","
		   "\"media_type\":\"application/pdf\",\"data\":\"JVBE\"}},{\"type\":\"document\",\"title\":\"T\",\"context\":\"c\","
		   "\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"words\"}},{\"type\":\"document\",\"source\":"
		   "{\"type\":\"content\",\"content\":[{\"type\":\"text\",\"text\":\"more\"}]}}]}]",
		   "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
		   "\"data:application/pdf;base64,JVBE\"}},{\"type\":\"text\",\"text\":\"T\"},{\"type\":\"text\",\"text\":\"c\"},"
		   "{\"type\":\"text\",\"text\":\"words\"},{\"type\":\"text\",\"text\":\"more\"}]}]");
}

static void results_of_tools_come_before_what_else_is_said(void)
{
	check_chat("\"messages\":[{\"role\":\"user\",\"content\":\"w?\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
		   "\"thinking\":\"hm\",\"signature\":\"c2ln\"},{\"type\":\"text\",\"text\":\"I look.\"},{\"type\":\"tool_use\","
		   "\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{\"a\": [1]}},{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"f\","
		   "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_1\",\"content\":\"sun\"},"
		   "{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_2\",\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"x\"}]},"
		   "{\"type\":\"text\",\"text\":\"so?\"}]}]",
		   "\"messages\":[{\"role\":\"user\",\"content\":\"w?\"},{\"role\":\"assistant\",\"content\":\"I look.\",\"tool_calls\":["
		   "{\"id\":\"toolu_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": [1]}\"}},"
		   "{\"id\":\"toolu_2\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
		   "{\"role\":\"tool\",\"tool_call_id\":\"toolu_1\",\"content\":\"sun\"},"
		   "{\"role\":\"tool\",\"tool_call_id\":\"toolu_2\",\"content\":\"Error: x\"},"
		   "{\"role\":\"user\",\"content\":\"so?\"}]");
}

static void what_the_answer_should_be_like_is_said(void)
{
	check_chat("\"max_tokens\":9,\"temperature\":0.5,\"top_p\":0.9,\"stop_sequences\":[\"a\"],\"metadata\":{\"user_id\":\"u\"}," HELLO,
		   "\"max_tokens\":9,\"temperature\":0.5,\"top_p\":0.9,\"stop\":[\"a\"],\"user\":\"u\"," HELLO);
	check_chat("\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"type\":\"custom\",\"strict\":true,\"input_schema\":{\"type\":\"object\"},"
		   "\"cache_control\":{\"type\":\"ephemeral\"}}],\"tool_choice\":{\"type\":\"any\",\"disable_parallel_tool_use\":true}," HELLO,
		   "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"},"
		   "\"strict\":true}}],\"tool_choice\":\"required\",\"parallel_tool_calls\":false," HELLO);
	check_chat("\"output_config\":{\"effort\":\"low\",\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"string\"}}}," HELLO,
		   "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"schema\":{\"type\":\"string\"},"
		   "\"strict\":true}}," HELLO);
}

static void what_only_saves_goes_without_a_word(void)
{
	check_chat("\"cache_control\":{\"type\":\"ephemeral\"},\"service_tier\":\"auto\",\"metadata\":{\"user_id\":\"{\\\"id\\\":1}\"},\"context_management\":{\"edits\":[{}]},"
		   "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":5000},\"container\":null,\"mcp_servers\":[]," HELLO, HELLO);
}

static void thinking_is_asked_of_who_can(void)
{
	static const struct {
		const char *members, *want;
	} cases[] = {
		{"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":20000}," HELLO, "high"},
		{"\"thinking\":{\"type\":\"adaptive\"}," HELLO, "medium"},
		{"\"output_config\":{\"effort\":\"max\"},\"thinking\":{\"type\":\"adaptive\"}," HELLO, "high"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char want[200];

		CHECK_INT(translate(&openai_chat, "gpt-5", 0, false, cases[i].members), 0);
		snprintf(want, sizeof(want), "{\"model\":\"gpt-5\",\"reasoning_effort\":\"%s\"," HELLO "}", cases[i].want);
		CHECK_TEXT(translated, want);
	}
	CHECK_INT(translate(&openai_chat, "gpt-5", 0, false, "\"thinking\":{\"type\":\"disabled\"}," HELLO), 0);
	CHECK_TEXT(translated, "{\"model\":\"gpt-5\"," HELLO "}");
}

static void check_refused(const char *members, const char *field)
{
	CHECK_INT(translate(&openai_chat, "up", 0, false, members), ERR_INVALID);
	if (strncmp(err.text, field, strlen(field)) != 0 || err.text[strlen(field)] != ':')
		printf("# %s\n", err.text);
	CHECK(strncmp(err.text, field, strlen(field)) == 0 && err.text[strlen(field)] == ':');
}

static void what_nobody_else_has_is_refused_by_name(void)
{
	check_refused("\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]," HELLO, "tools[0].bash_20250124");
	check_refused("\"mcp_servers\":[{\"url\":\"x\"}]," HELLO, "mcp_servers");
	check_refused("\"inference_geo\":\"us\"," HELLO, "inference_geo");
	check_refused("\"output_config\":{\"task_budget\":{\"total\":1}}," HELLO, "output_config.task_budget");
	check_refused("\"tools\":[{\"name\":\"f\",\"input_schema\":{},\"input_examples\":[{\"a\":1}]}]," HELLO, "tools[0].input_examples");
	check_refused("\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"server_tool_use\",\"id\":\"s\"}]}]",
		      "messages[0].content[0].server_tool_use");
	check_refused("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":["
		      "{\"type\":\"search_result\"}]}]}]", "messages[0].content[0].content[0].search_result");
	check_refused("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"citations\":{\"enabled\":true},\"source\":"
		      "{\"type\":\"text\",\"data\":\"x\"}}]}]", "messages[0].content[0].citations");
	check_refused("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}]}]",
		      "messages[0].content[0].source");
	check_refused("\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]", "messages[0].role");
	check_refused("\"tool_choice\":{\"type\":\"some\"}," HELLO, "tool_choice");
}

/* Everything that has a place in the internal form, there and back. */
static void nothing_is_lost_on_the_way_there_and_back(void)
{
	static const char members[] =
		"\"max_tokens\":9000,\"temperature\":1,\"stop_sequences\":[\"a\"],\"top_p\":0.9,\"metadata\":{\"user_id\":\"u\"},"
		"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},"
		"\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}},"
		"\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"input_schema\":{\"type\":\"object\"},\"strict\":true,"
		"\"cache_control\":{\"type\":\"ephemeral\"}}],\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true},"
		"\"system\":[{\"type\":\"text\",\"text\":\"be\",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}},"
		"{\"type\":\"text\",\"text\":\"kind\"}],"
		"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\\u00e9\"},{\"type\":\"image\",\"source\":"
		"{\"type\":\"url\",\"url\":\"https://x\"}},{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":"
		"\"application/pdf\",\"data\":\"JVBE\"},\"title\":\"t\"}]},{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
		"\"thinking\":\"hm\",\"signature\":\"c2ln\"},{\"type\":\"redacted_thinking\",\"data\":\"ZGF0\"},{\"type\":\"tool_use\","
		"\"id\":\"t1\",\"name\":\"f\",\"input\":{\"a\": 1}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
		"\"tool_use_id\":\"t1\",\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image\",\"source\":"
		"{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"QUI=\"}}],\"cache_control\":{\"type\":\"ephemeral\"}},"
		"{\"type\":\"text\",\"text\":\"so?\"}]}]";
	static const char *const pieces[] = {
		"\"max_tokens\":9000", "\"temperature\":1", "\"stop_sequences\":[\"a\"]", "\"top_p\":0.9", "\"user_id\":\"u\"",
		"{\"type\":\"enabled\",\"budget_tokens\":2000}", "{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}"};
	const char *tools = strstr(members, "\"tools\"");

	CHECK_INT(translate(&anthropic, "claude-sonnet-4-5", 0, false, members), 0);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		CHECK(strstr(translated, pieces[i]) != NULL);
	CHECK(strstr(translated, "\"tools\"") != NULL);
	translated[strlen(translated) - 1] = '\0';
	CHECK_TEXT(strstr(translated, "\"tools\""), tools);
}

static void what_others_signed_goes_to_them_alone(void)
{
	static const char members[] =
		"\"max_tokens\":9,\"messages\":[{\"role\":\"assistant\",\"content\":["
		"{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"c2ln\"},"
		"{\"type\":\"thinking\",\"thinking\":\"b\",\"signature\":\"tollgate.1.openai.rs_1.ZW5j\"},"
		"{\"type\":\"redacted_thinking\",\"data\":\"tollgate.1.xai..eGFp\"},"
		"{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"tollgate.1.google-call..Z29v\"},"
		"{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}]}]";

	CHECK_INT(translate(&anthropic, "claude-sonnet-4-5", 0, false, members), 0);
	CHECK(strstr(translated, "[{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"c2ln\"},{\"type\":\"tool_use\"") != NULL);
	CHECK_INT(translate(&openai_chat, "up", QUIRK_KNOWS_REASONING_DETAILS, false, members), 0);
	CHECK(strstr(translated, "{\"type\":\"reasoning.encrypted\",\"data\":\"ZW5j\",\"id\":\"rs_1\",\"format\":\"openai-responses-v1\"") != NULL);
	CHECK(strstr(translated, "\"data\":\"eGFp\",\"format\":\"xai-responses-v1\"") != NULL);
	CHECK(strstr(translated, "Z29v") != NULL);
}

static void facts_are_read(void)
{
	static const char body[] = "{\"model\":\"m\",\"max_tokens\":7,\"stream\":true,\"metadata\":{\"user_id\":\"ann\",\"tags\":[\"a\",\"b\"]},"
				   "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":["
				   "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"AAAAAAAA\"}}]}]}]}";
	struct interpreter_target target = {.dialect = &anthropic, .model = "up", .max_output = 5};
	struct request_facts facts;
	struct interpreter *it;
	const char *param;
	struct buf out;

	request_facts_init(&facts);
	CHECK_INT(anthropic.scan_request(body, strlen(body), &facts, &param, &err), 0);
	CHECK(facts.stream && facts.wants_usage && facts.max_output == 7 && facts.input_estimate > 1000);
	CHECK_TEXT(facts.user, "ann");
	CHECK_TEXT(facts.tags, "a,b");
	it = interpreter_new(&anthropic, body, strlen(body), &facts, &target);
	buf_init(&out, 4096);
	CHECK_INT(interpreter_request(it, &out, &err), 0);
	CHECK(strncmp(out.data, "{\"model\":\"up\",\"max_tokens\":5,\"stream\":true,\"metadata\":{\"user_id\":\"ann\"},", 70) == 0);
	interpreter_free(it);
	buf_release(&out);
	request_facts_init(&facts);
	CHECK_INT(anthropic.scan_request("{\"model\":\"m\",\"messages\":[]}", 27, &facts, &param, &err), ERR_INVALID);
	CHECK_TEXT(param, "messages");
}

static void check_adapted(const char *body, const char *want)
{
	struct interpreter_target target = {.dialect = &anthropic, .model = "up", .max_output = -1};
	struct request_facts facts;
	struct interpreter *it;
	const char *param;
	struct buf out;

	request_facts_init(&facts);
	CHECK_INT(anthropic.scan_request(body, strlen(body), &facts, &param, &err), 0);
	it = interpreter_new(&anthropic, body, strlen(body), &facts, &target);
	buf_init(&out, 4096);
	CHECK_INT(interpreter_request(it, &out, &err), 0);
	CHECK_TEXT(out.data, want);
	interpreter_free(it);
	buf_release(&out);
}

#define THOUGHT(signature) "{\"type\":\"thinking\",\"thinking\":\"h\",\"signature\": \"" signature "\"}"
#define CALL "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}"
#define SAID(blocks) "{\"role\":\"assistant\",\"content\":[" blocks "]}"
#define RESULT "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\"}]}"
#define ASKED "{\"role\":\"user\",\"content\":\"so?\"}"

static void what_others_thought_does_not_reach_anthropic(void)
{
	/* What is not ours stays byte for byte. */
	check_adapted("{\"model\":\"m\", \"thinking\":{}, \"messages\":[" ASKED "," SAID(THOUGHT("c2ln") "," THOUGHT("") "," CALL) "," RESULT "]}",
		      "{\"model\":\"up\", \"thinking\":{}, \"messages\":[" ASKED "," SAID(THOUGHT("c2ln") "," THOUGHT("") "," CALL) "," RESULT "]}");
	/* In a turn that is over. */
	check_adapted("{\"model\":\"m\",\"thinking\":{},\"messages\":[" SAID(THOUGHT("tollgate.1.unsigned..") "," THOUGHT("c2ln") "," CALL) "," RESULT ","
		      SAID(THOUGHT("tollgate.1.openai.rs.ZW5j")) "," ASKED "]}",
		      "{\"model\":\"up\",\"thinking\":{},\"messages\":[" SAID(THOUGHT("c2ln") "," CALL) "," RESULT ","
		      SAID("{\"type\":\"text\",\"text\":\"…\"}") "," ASKED "]}");
	/* In the turn that goes on: it is finished without thinking. */
	check_adapted("{\"model\":\"m\",\"thinking\":{\"type\":\"enabled\"},\"messages\":[" SAID(THOUGHT("tollgate.1.unsigned..") "," CALL ","
		      "{\"type\":\"redacted_thinking\",\"data\":\"tollgate.1.xai..eA\"}") "," RESULT "]}",
		      "{\"model\":\"up\",\"thinking\":{\"type\":\"disabled\"},\"messages\":[" SAID(CALL) "," RESULT "]}");
}

int main(void)
{
	static const struct check_test tests[] = {
		TEST(messages_become_those_of_a_chat), TEST(documents_are_files_or_text),
		TEST(results_of_tools_come_before_what_else_is_said), TEST(what_the_answer_should_be_like_is_said),
		TEST(what_only_saves_goes_without_a_word), TEST(thinking_is_asked_of_who_can),
		TEST(what_nobody_else_has_is_refused_by_name), TEST(nothing_is_lost_on_the_way_there_and_back),
		TEST(what_others_signed_goes_to_them_alone), TEST(facts_are_read),
		TEST(what_others_thought_does_not_reach_anthropic)};

	return check_run(tests, ARRAY_LEN(tests));
}
