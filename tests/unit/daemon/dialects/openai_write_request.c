/* SPDX-License-Identifier: MIT */
/* Requests of OpenAI's chat dialect, through the internal form and out of it again. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/message.h"
#include "dialects/provider_kind.h"

static char written[8192];
static struct err err;
static struct interpreter_target target;

static void aim_at(const char *model, unsigned quirks)
{
	target = (struct interpreter_target){
		.dialect = &openai_chat, .model = model, .quirks = quirks, .max_output = -1};
}

/* change: what a reader of another dialect would have set, or NULL. */
static int rewrite(const char *members, bool stream, void (*change)(struct conversation *))
{
	struct conversation c;
	struct arena arena;
	struct buf out;
	char body[4096];
	int r;

	snprintf(body, sizeof(body), "{\"model\":\"m\",%s}", members);
	CHECK_INT(jscan_value(body, strlen(body), NULL), 0);
	arena_init(&arena);
	conversation_init(&c);
	c.stream = stream;
	buf_init(&out, sizeof(written) - 1);
	r = openai_chat.read_request((struct jspan){body, strlen(body)}, &arena, &c, &err);
	CHECK_INT(r, 0);
	if (change != NULL)
		change(&c);
	r = openai_chat.write_request(&c, &target, &out, &err);
	memcpy(written, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	buf_release(&out);
	arena_release(&arena);
	return r;
}

static void check_rewritten(const char *members, const char *want)
{
	char whole[4096];

	CHECK_INT(rewrite(members, false, NULL), 0);
	snprintf(whole, sizeof(whole), "{\"model\":\"%s\",%s}", target.model, want);
	CHECK_TEXT(written, whole);
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void what_was_said_is_said_again(void)
{
	static const char *const members[] = {
		HELLO,
		"\"messages\":[{\"role\":\"system\",\"content\":\"be \\\"kind\\\"\"},{\"role\":\"user\",\"content\":["
		"{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,QUI=\"}},"
		"{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,JVBE\"}}]}]",
		"\"messages\":[{\"role\":\"user\",\"content\":\"w?\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
		"{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}},"
		"{\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"sun\"},"
		"{\"role\":\"tool\",\"tool_call_id\":\"call_2\",\"content\":\"\"},"
		"{\"role\":\"assistant\",\"content\":\"so\"}]",
		"\"max_tokens\":9,\"temperature\":0.5,\"top_p\":0.9,\"stop\":[\"a\"],\"seed\":7,\"frequency_penalty\":0.1,"
		"\"presence_penalty\":0.2,\"logprobs\":true,\"top_logprobs\":2,\"n\":3,\"user\":\"u\"," HELLO,
		"\"reasoning_effort\":\"xhigh\",\"response_format\":{\"type\":\"json_object\"}," HELLO,
		"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":"
		"{\"type\":\"object\"},\"strict\":true}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}},"
		"\"parallel_tool_calls\":false," HELLO,
	};

	aim_at("up", 0);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		check_rewritten(members[i], members[i]);
}

static void a_stream_is_asked_for_its_usage_where_that_is_known(void)
{
	aim_at("up", 0);
	CHECK_INT(rewrite(HELLO, true, NULL), 0);
	CHECK_TEXT(written, "{\"model\":\"up\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," HELLO "}");
	aim_at("up", QUIRK_NO_STREAM_OPTIONS);
	CHECK_INT(rewrite(HELLO, true, NULL), 0);
	CHECK_TEXT(written, "{\"model\":\"up\",\"stream\":true," HELLO "}");
}

static void a_ceiling_holds_under_either_name(void)
{
	aim_at("up", QUIRK_MAX_COMPLETION_TOKENS);
	target.max_output = 5;
	check_rewritten("\"max_tokens\":9," HELLO, "\"max_completion_tokens\":5," HELLO);
	check_rewritten(HELLO, "\"max_completion_tokens\":5," HELLO);
	check_rewritten("\"max_tokens\":4," HELLO, "\"max_completion_tokens\":4," HELLO);
}

static void what_not_everybody_knows_is_said_to_who_does(void)
{
	aim_at("up", 0);
	CHECK_INT(rewrite("\"top_k\":3," HELLO, false, NULL), ERR_INVALID);
	CHECK(strncmp(err.text, "top_k: ", 7) == 0);
	aim_at("up", QUIRK_KNOWS_TOP_K | QUIRK_KNOWS_CACHE_CONTROL);
	check_rewritten("\"top_k\":3," HELLO, "\"top_k\":3," HELLO);
	check_rewritten("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]",
			"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]");
	aim_at("up", 0);
	check_rewritten("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]",
			"\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]");
}

static void a_label_that_is_too_long_is_left_out(void)
{
	aim_at("up", 0);
	check_rewritten("\"user\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"," HELLO, HELLO);
}

static void a_schema_is_kept_to_strictly_where_it_can_be(void)
{
#define FORMAT(schema, end) "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":" schema end "}},"
#define STRICT "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"array\",\"items\":" \
	       "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}}},\"required\":[\"b\",\"a\"]," \
	       "\"additionalProperties\":false}"
	static const char *const loose[] = {
		"{\"type\":\"object\",\"properties\":{\"a\":{}},\"additionalProperties\":false}",
		"{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"a\"]}",
		"{\"type\":\"array\",\"items\":{\"type\":\"object\"}}",
		"{\"oneOf\":[{\"type\":\"string\"}]}",
	};

	aim_at("up", 0);
	check_rewritten(FORMAT(STRICT, "") HELLO, FORMAT(STRICT, ",\"strict\":true") HELLO);
	for (size_t i = 0; i < ARRAY_LEN(loose); i++) {
		char members[600];

		snprintf(members, sizeof(members), FORMAT("%s", "") HELLO, loose[i]);
		check_rewritten(members, members);
	}
}

static void allow_thinking(struct conversation *c)
{
	c->reasoning_budget = 10000;
	c->reasoning_optional = true;
}

static void reasoning_that_is_only_allowed_is_asked_of_who_has_it(void)
{
	aim_at("openai/gpt-5-mini", 0);
	CHECK_INT(rewrite(HELLO, false, allow_thinking), 0);
	CHECK_TEXT(written, "{\"model\":\"openai/gpt-5-mini\",\"reasoning_effort\":\"medium\"," HELLO "}");
	aim_at("gpt-4o", 0);
	CHECK_INT(rewrite(HELLO, false, allow_thinking), 0);
	CHECK_TEXT(written, "{\"model\":\"gpt-4o\"," HELLO "}");
}

#define THOUGHT                                                                                                        \
	"\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\",\"signature\":\"c2ln\","                   \
	"\"format\":\"anthropic-claude-v1\",\"index\":0}]"

static void reasoning_goes_back_to_who_takes_it(void)
{
	static const char said[] = "\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"," THOUGHT "}]";

	aim_at("up", QUIRK_KNOWS_REASONING_DETAILS);
	check_rewritten(said, said);
	aim_at("up", QUIRK_KNOWS_REASONING_CONTENT);
	check_rewritten(said, "\"messages\":[{\"role\":\"assistant\",\"content\":\"a\",\"reasoning_content\":\"hm\"}]");
	aim_at("up", 0);
	check_rewritten(said, "\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"}]");
}

static void fail_tools(struct conversation *c)
{
	for (struct message *m = c->messages; m != NULL; m = m->next)
		if (m->role == ROLE_TOOL)
			m->parts->failed = true;
}

#define CALLS                                                                                                          \
	"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"     \
	"{\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"f\","        \
	"\"arguments\":\"{}\"}}]}"
#define PICTURE "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}"

static void pictures_of_tools_follow_their_results(void)
{
	aim_at("up", 0);
	check_rewritten("\"messages\":[" CALLS ",{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":[" PICTURE "]},"
			"{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
			"{\"type\":\"text\",\"text\":\"b\"}]},{\"role\":\"user\",\"content\":\"so?\"}]",
			"\"messages\":[" CALLS ",{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"What the tool gave follows.\"},"
			"{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"a\\nb\"},"
			"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What c1 gave:\"}," PICTURE "]},"
			"{\"role\":\"user\",\"content\":\"so?\"}]");
}

static void a_tool_that_failed_says_so_in_its_text(void)
{
	aim_at("up", 0);
	CHECK_INT(rewrite("\"messages\":[" CALLS ",{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"no disk\"}]", false,
			  fail_tools), 0);
	CHECK(strstr(written, "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"Error: no disk\"}") != NULL);
}

int main(void)
{
	static const struct check_test tests[] = {
		TEST(what_was_said_is_said_again), TEST(a_stream_is_asked_for_its_usage_where_that_is_known),
		TEST(a_ceiling_holds_under_either_name), TEST(what_not_everybody_knows_is_said_to_who_does),
		TEST(a_label_that_is_too_long_is_left_out), TEST(a_schema_is_kept_to_strictly_where_it_can_be),
		TEST(reasoning_that_is_only_allowed_is_asked_of_who_has_it), TEST(reasoning_goes_back_to_who_takes_it),
		TEST(pictures_of_tools_follow_their_results), TEST(a_tool_that_failed_says_so_in_its_text)};

	return check_run(tests, ARRAY_LEN(tests));
}
