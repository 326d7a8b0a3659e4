/* SPDX-License-Identifier: MIT */
/* Requests of OpenAI's chat dialect become requests of Google's. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/message.h"

static char written[8192];
static struct err err;
static struct interpreter_target target = {.dialect = &gemini, .model = "gemini-2.5-flash", .max_output = -1};

static void aim_at(const char *model)
{
	target.model = model;
	target.drop_params = false;
	target.max_output = -1;
}

static int rewrite(const char *members)
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
	buf_init(&out, sizeof(written) - 1);
	r = openai_chat.read_request((struct jspan){body, strlen(body)}, &arena, &c, &err);
	if (r < 0)
		CHECK_TEXT(err.text, "");
	r = gemini.write_request(&c, &target, &out, &err);
	memcpy(written, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	buf_release(&out);
	arena_release(&arena);
	return r;
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"
#define HELLO_CONTENTS "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hello\"}]}]"

static void check_rewritten(const char *members, const char *want)
{
	CHECK_INT(rewrite(members), 0);
	CHECK_TEXT(written, want);
}

static void check_config(const char *members, const char *config)
{
	char whole[4096], want[4096];

	snprintf(whole, sizeof(whole), HELLO "%s", members);
	snprintf(want, sizeof(want), HELLO_CONTENTS "%s%s%s}", *config != '\0' ? ",\"generationConfig\":{" : "", config,
		 *config != '\0' ? "}" : "");
	check_rewritten(whole, want);
}

static void check_refused(const char *members, const char *complaint)
{
	char whole[4096];

	snprintf(whole, sizeof(whole), HELLO "%s", members);
	CHECK_INT(rewrite(whole), ERR_INVALID);
	CHECK(strncmp(err.text, complaint, strlen(complaint)) == 0);
	if (strncmp(err.text, complaint, strlen(complaint)) != 0)
		printf("# %s\n", err.text);
	target.drop_params = true;
	CHECK_INT(rewrite(whole), 0);
	target.drop_params = false;
}

static void sides_take_turns_and_the_system_stands_apart(void)
{
	aim_at("gemini-2.5-flash");
	check_rewritten("\"messages\":[{\"role\":\"system\",\"content\":\"be kind\"},{\"role\":\"user\",\"content\":\"a\"},"
			"{\"role\":\"user\",\"content\":\"b\"},{\"role\":\"assistant\",\"content\":\"c\"}]",
			"{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
			"{\"role\":\"model\",\"parts\":[{\"text\":\"c\"}]}],"
			"\"systemInstruction\":{\"parts\":[{\"text\":\"be kind\"}]}}");
	CHECK_INT(rewrite("\"messages\":[{\"role\":\"system\",\"content\":\"be kind\"}]"), ERR_INVALID);
}

static void parameters_have_their_names(void)
{
	aim_at("gemini-2.0-flash");
	check_config("", "");
	check_config(",\"temperature\":0.5,\"top_p\":0.9,\"top_k\":3,\"seed\":7,\"n\":2,\"max_tokens\":10,\"stop\":\"x\","
		     "\"presence_penalty\":1,\"frequency_penalty\":0.25",
		     "\"maxOutputTokens\":10,\"stopSequences\":[\"x\"],\"temperature\":0.5,\"topP\":0.9,\"topK\":3,\"seed\":7,"
		     "\"frequencyPenalty\":0.25,\"presencePenalty\":1,\"candidateCount\":2");
	check_config(",\"logprobs\":true,\"top_logprobs\":2", "\"responseLogprobs\":true,\"logprobs\":2");
	check_config(",\"stop\":[\"x\",\"y\"]", "\"stopSequences\":[\"x\",\"y\"]");
	check_config(",\"response_format\":{\"type\":\"json_object\"}", "\"responseMimeType\":\"application/json\"");
	check_config(",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}",
		     "\"responseMimeType\":\"application/json\",\"responseJsonSchema\":{\"type\":\"object\"}");
	target.max_output = 5;
	check_config(",\"max_tokens\":10", "\"maxOutputTokens\":5");
	check_config("", "\"maxOutputTokens\":5");
	aim_at("gemini-2.0-flash");
	check_refused(",\"logit_bias\":{\"1\":2}", "logit_bias: Gemini has nothing like it");
	check_refused(",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"parallel_tool_calls\":false",
		      "parallel_tool_calls: ");
}

static void effort_is_a_level_or_a_budget(void)
{
	aim_at("gemini-3-pro-preview");
	check_config(",\"reasoning_effort\":\"medium\"", "\"thinkingConfig\":{\"thinkingLevel\":\"high\",\"includeThoughts\":true}");
	check_config(",\"reasoning_effort\":\"minimal\"", "\"thinkingConfig\":{\"thinkingLevel\":\"low\",\"includeThoughts\":true}");
	check_refused(",\"reasoning_effort\":\"none\"", "reasoning_effort: this model always reasons");
	aim_at("gemini-3-flash-preview");
	check_config(",\"reasoning_effort\":\"none\"", "\"thinkingConfig\":{\"thinkingLevel\":\"minimal\"}");
	check_config(",\"reasoning\":{\"max_tokens\":3000}", "\"thinkingConfig\":{\"thinkingBudget\":3000,\"includeThoughts\":true}");
	aim_at("gemini-2.5-flash");
	check_config(",\"reasoning_effort\":\"low\"", "\"thinkingConfig\":{\"thinkingBudget\":1024,\"includeThoughts\":true}");
	check_config(",\"reasoning_effort\":\"none\"", "\"thinkingConfig\":{\"thinkingBudget\":0}");
	check_config(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":99999}",
		     "\"thinkingConfig\":{\"thinkingBudget\":24576,\"includeThoughts\":true}");
	aim_at("gemini-2.0-flash");
	check_config(",\"reasoning_effort\":\"none\"", "");
	check_refused(",\"reasoning_effort\":\"high\"", "reasoning_effort: this model does not reason");
}

#define TOOL "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}}]"
#define TOOL_WRITTEN "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"description\":\"d\",\"parametersJsonSchema\":{\"type\":\"object\"}}]}]"

static void tools_are_declared_and_chosen(void)
{
	aim_at("gemini-2.5-flash");
	check_rewritten(HELLO "," TOOL, HELLO_CONTENTS "," TOOL_WRITTEN "}");
	check_rewritten(HELLO "," TOOL ",\"tool_choice\":\"required\"",
			HELLO_CONTENTS "," TOOL_WRITTEN ",\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\"}}}");
	check_rewritten(HELLO "," TOOL ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
			HELLO_CONTENTS "," TOOL_WRITTEN
				       ",\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"f\"]}}}");
}

#define CALL(id, more) "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}" more "}"
#define ASKED "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":null,"
#define ASKED_WRITTEN "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]},{\"role\":\"model\",\"parts\":["

static void results_name_their_function_and_stand_alone(void)
{
	aim_at("gemini-2.5-flash");
	check_rewritten(ASKED "\"tool_calls\":[" CALL("c1", "") "," CALL("c2", "") "]},"
			"{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"{\\\"t\\\":21}\"},"
			"{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"warm\"},{\"role\":\"user\",\"content\":\"so?\"}]",
			ASKED_WRITTEN
			"{\"functionCall\":{\"name\":\"f\",\"id\":\"c1\",\"args\":{\"x\":1}}},"
			"{\"functionCall\":{\"name\":\"f\",\"id\":\"c2\",\"args\":{\"x\":1}}}]},"
			"{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"id\":\"c1\",\"response\":{\"t\":21}}},"
			"{\"functionResponse\":{\"name\":\"f\",\"id\":\"c2\",\"response\":{\"output\":\"warm\"}}}]},"
			"{\"role\":\"user\",\"parts\":[{\"text\":\"so?\"}]}]}");
	CHECK_INT(rewrite("\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"c9\",\"content\":\"warm\"}]"), ERR_INVALID);
}

static void signatures_return_to_what_they_came_with(void)
{
	aim_at("gemini-3-pro-preview");
	check_rewritten(ASKED "\"tool_calls\":[" CALL("c1", ",\"extra_content\":{\"google\":{\"thought_signature\":\"SIG\"}}") ","
			CALL("c2", "") "]}]",
			ASKED_WRITTEN "{\"functionCall\":{\"name\":\"f\",\"id\":\"c1\",\"args\":{\"x\":1}},\"thoughtSignature\":\"SIG\"},"
				      "{\"functionCall\":{\"name\":\"f\",\"id\":\"c2\",\"args\":{\"x\":1}}}]}]}");
	check_rewritten(ASKED "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"SIG\",\"id\":\"c1\","
			      "\"format\":\"google-gemini-v1\"}],\"tool_calls\":[" CALL("c1", "") "]}]",
			ASKED_WRITTEN "{\"functionCall\":{\"name\":\"f\",\"id\":\"c1\",\"args\":{\"x\":1}},\"thoughtSignature\":\"SIG\"}]}]}");
	check_rewritten("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"yes\","
			"\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"SIG\",\"format\":\"google-gemini-v1\"}]}]",
			ASKED_WRITTEN "{\"text\":\"yes\",\"thoughtSignature\":\"SIG\"}]}]}");
}

static void calls_made_elsewhere_ask_not_to_be_checked(void)
{
	static const char calls[] = ASKED "\"tool_calls\":[" CALL("c1", "") "," CALL("c2", "") "]}]";

	aim_at("gemini-3-pro-preview");
	check_rewritten(calls, ASKED_WRITTEN "{\"functionCall\":{\"name\":\"f\",\"id\":\"c1\",\"args\":{\"x\":1}},"
					     "\"thoughtSignature\":\"skip_thought_signature_validator\"},"
					     "{\"functionCall\":{\"name\":\"f\",\"id\":\"c2\",\"args\":{\"x\":1}}}]}]}");
	aim_at("gemini-2.5-pro");
	check_rewritten(calls, ASKED_WRITTEN "{\"functionCall\":{\"name\":\"f\",\"id\":\"c1\",\"args\":{\"x\":1}}},"
					     "{\"functionCall\":{\"name\":\"f\",\"id\":\"c2\",\"args\":{\"x\":1}}}]}]}");
}

static void others_signatures_are_left_out(void)
{
	aim_at("gemini-2.5-flash");
	check_rewritten("\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"yes\","
			"\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\",\"signature\":\"A\",\"format\":\"anthropic-claude-v1\"}]}]",
			ASKED_WRITTEN "{\"text\":\"yes\"}]}]}");
}

static void pictures_and_files_go_as_bytes_or_by_their_place(void)
{
	aim_at("gemini-2.5-flash");
	check_rewritten("\"messages\":[{\"role\":\"user\",\"content\":["
			"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}},"
			"{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x.test/a.webp?s=1\"}},"
			"{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,BBBB\"}}]}]",
			"{\"contents\":[{\"role\":\"user\",\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"AAAA\"}},"
			"{\"fileData\":{\"mimeType\":\"image/webp\",\"fileUri\":\"https://x.test/a.webp?s=1\"}},"
			"{\"inlineData\":{\"mimeType\":\"application/pdf\",\"data\":\"BBBB\"}}]}]}");
}

CHECK_MAIN(TEST(sides_take_turns_and_the_system_stands_apart), TEST(parameters_have_their_names),
	   TEST(effort_is_a_level_or_a_budget), TEST(tools_are_declared_and_chosen),
	   TEST(results_name_their_function_and_stand_alone), TEST(signatures_return_to_what_they_came_with),
	   TEST(calls_made_elsewhere_ask_not_to_be_checked), TEST(others_signatures_are_left_out),
	   TEST(pictures_and_files_go_as_bytes_or_by_their_place))
