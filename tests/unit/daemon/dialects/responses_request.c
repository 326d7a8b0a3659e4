/* SPDX-License-Identifier: MIT */
/* Requests of OpenAI's Responses as their targets get them, and requests of others as responses. */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"

static struct err err;

/* Static; NULL where it is refused, with the sentence in err. */
static const char *sent_with(const struct dialect *client, const struct dialect *target_dialect, const char *body, bool drop)
{
	static char text[8192];
	struct interpreter_target target = {.dialect = target_dialect, .model = "m", .drop_params = drop, .max_output = -1};
	struct request_facts facts;
	const char *param = NULL;
	struct interpreter *it;
	struct buf out;
	int r;

	request_facts_init(&facts);
	CHECK(client->scan_request(body, strlen(body), &facts, &param, &err) == 0);
	it = interpreter_new(client, body, strlen(body), &facts, &target);
	buf_init(&out, sizeof(text) - 1);
	r = interpreter_request(it, &out, &err);
	memcpy(text, out.data, out.len + 1);
	CHECK(r < 0 || jscan_object(text, strlen(text), NULL, 0, NULL) == 0);
	buf_release(&out);
	interpreter_free(it);
	return r < 0 ? NULL : text;
}

static const char *as_chat(const char *body)
{
	return sent_with(&openai_responses, &openai_chat, body, false);
}

static const char *as_response(const char *body)
{
	return sent_with(&openai_chat, &openai_responses, body, false);
}

static void check_refused(const char *body, const char *sentence)
{
	CHECK(as_chat(body) == NULL);
	CHECK(strncmp(err.text, sentence, strlen(sentence)) == 0);
}

static void a_text_is_what_a_user_says_and_instructions_come_first(void)
{
	CHECK_TEXT(as_chat("{\"model\":\"x\",\"input\":\"hi\",\"instructions\":\"Be brief.\",\"max_output_tokens\":7,"
			   "\"temperature\":0.5,\"store\":true,\"metadata\":{},\"include\":[\"reasoning.encrypted_content\"]}"),
		   "{\"model\":\"m\",\"max_tokens\":7,\"temperature\":0.5,\"messages\":["
		   "{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"}]}");
}

static void what_the_assistant_said_and_called_is_one_message(void)
{
	CHECK_TEXT(as_chat("{\"model\":\"x\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]},"
			   "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Let me see.\"}]},"
			   "{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"},"
			   "{\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":\"g\",\"arguments\":\"{}\"},"
			   "{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":\"one\"},"
			   "{\"type\":\"function_call_output\",\"call_id\":\"c2\",\"output\":[{\"type\":\"input_text\",\"text\":\"two\"}]}]}"),
		   "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"Let me see.\","
		   "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}},"
		   "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},"
		   "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"one\"},{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"two\"}]}");
}

static void signatures_go_back_to_who_wrote_them(void)
{
	const char *body = "{\"model\":\"x\",\"max_output_tokens\":9,\"input\":[{\"role\":\"user\",\"content\":\"hi\"},"
			   "{\"type\":\"reasoning\",\"id\":\"rs_tg_1_0\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}],"
			   "\"encrypted_content\":\"anthropic-claude-v1:c2ln\"},"
			   "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"anthropic-claude-v1:encrypted:ZW5j\"},"
			   "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAAA\"},"
			   "{\"role\":\"assistant\",\"content\":\"ho\"},{\"role\":\"user\",\"content\":\"on\"}]}";
	const char *sent = sent_with(&openai_responses, &anthropic, body, false);

	CHECK(strstr(sent, "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"c2ln\"}") != NULL);
	CHECK(strstr(sent, "{\"type\":\"redacted_thinking\",\"data\":\"ZW5j\"}") != NULL);
	CHECK(strstr(sent, "gAAAA") == NULL);
}

static void tools_and_their_choice_are_carried_over(void)
{
	CHECK_TEXT(as_chat("{\"model\":\"x\",\"input\":\"hi\",\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":"
			   "[{\"type\":\"function\",\"name\":\"g\"}]},\"parallel_tool_calls\":false,\"tools\":[{\"type\":\"function\","
			   "\"name\":\"f\",\"parameters\":{}},{\"type\":\"function\",\"name\":\"g\",\"description\":\"d\",\"strict\":true,"
			   "\"parameters\":{\"type\":\"object\"}}]}"),
		   "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\",\"description\":\"d\","
		   "\"parameters\":{\"type\":\"object\"},\"strict\":true}}],\"tool_choice\":\"required\",\"parallel_tool_calls\":false,"
		   "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
	CHECK(strstr(as_chat("{\"model\":\"x\",\"input\":\"hi\",\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"},"
			     "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}"),
		     "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}") != NULL);
}

static void a_schema_and_an_effort_are_carried_over(void)
{
	const char *sent = as_chat("{\"model\":\"x\",\"input\":\"hi\",\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"},\"text\":"
				   "{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"string\"}}}}");

	CHECK(strstr(sent, "\"reasoning_effort\":\"low\"") != NULL);
	CHECK(strstr(sent, "{\"name\":\"n\",\"schema\":{\"type\":\"string\"}") != NULL);
}

static void what_only_its_provider_knows_is_refused_by_name(void)
{
	check_refused("{\"model\":\"x\",\"input\":\"hi\",\"previous_response_id\":\"resp_1\"}", "previous_response_id: only the provider");
	check_refused("{\"model\":\"x\",\"input\":\"hi\",\"conversation\":\"conv_1\"}", "conversation: ");
	check_refused("{\"model\":\"x\",\"prompt\":{\"id\":\"p\"}}", "prompt: ");
	check_refused("{\"model\":\"x\",\"input\":\"hi\",\"background\":true}", "background: ");
	check_refused("{\"model\":\"x\",\"input\":\"hi\",\"tools\":[{\"type\":\"web_search\"}]}", "tools[0].type: ");
	check_refused("{\"model\":\"x\",\"input\":\"hi\",\"truncation\":\"auto\"}", "truncation: ");
	check_refused("{\"model\":\"x\",\"input\":\"hi\",\"top_logprobs\":3}", "top_logprobs: ");
	check_refused("{\"model\":\"x\",\"input\":[{\"type\":\"item_reference\",\"id\":\"i\"}]}", "input[0].type: expected the item itself");
	check_refused("{\"model\":\"x\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"file_id\":\"f\"}]}]}",
		      "input[0].content[0].image_url: ");
	check_refused("{\"model\":\"x\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]}",
		      "input[0].content[0].type: ");
	check_refused("{\"model\":\"x\",\"input\":[{\"type\":\"computer_call\"}]}", "input[0].type: ");
}

static void what_may_be_left_out_is_left_out_when_asked(void)
{
	CHECK_TEXT(sent_with(&openai_responses, &openai_chat,
			     "{\"model\":\"x\",\"input\":\"hi\",\"background\":true,\"tools\":[{\"type\":\"web_search\"}],\"truncation\":\"auto\"}",
			     true),
		   "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
}

static void a_chat_becomes_a_response_that_is_not_stored(void)
{
	CHECK_TEXT(as_response("{\"model\":\"x\",\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
			       "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"see\"},{\"type\":\"image_url\",\"image_url\":"
			       "{\"url\":\"data:image/png;base64,aGk=\"}}]}],\"response_format\":{\"type\":\"json_object\"},"
			       "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"auto\"}"),
		   "{\"model\":\"m\",\"store\":false,\"max_output_tokens\":9,\"text\":{\"format\":{\"type\":\"json_object\"}},\"tools\":["
		   "{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":false}],"
		   "\"tool_choice\":\"auto\",\"input\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":["
		   "{\"type\":\"input_text\",\"text\":\"see\"},{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,aGk=\"}]}]}");
}

static void reasoning_is_sent_again_before_what_came_of_it(void)
{
	CHECK_TEXT(as_response("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"ho\","
			       "\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"h\",\"format\":\"openai-responses-v1\",\"index\":0},"
			       "{\"type\":\"reasoning.summary\",\"summary\":\"m\",\"format\":\"openai-responses-v1\",\"index\":0},"
			       "{\"type\":\"reasoning.encrypted\",\"data\":\"gAAAA\",\"id\":\"rs_1\",\"format\":\"openai-responses-v1\",\"index\":0},"
			       "{\"type\":\"reasoning.text\",\"text\":\"x\",\"signature\":\"s\",\"format\":\"anthropic-claude-v1\",\"index\":1}],"
			       "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
			       "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"done\"}]}"),
		   "{\"model\":\"m\",\"store\":false,\"input\":[{\"role\":\"user\",\"content\":\"hi\"},{\"type\":\"reasoning\",\"id\":\"rs_1\","
		   "\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}],\"encrypted_content\":\"gAAAA\"},"
		   "{\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"ho\"}]},"
		   "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"},"
		   "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"done\"}]}");
}

static void what_responses_do_not_know_is_refused_by_name(void)
{
	CHECK(as_response("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stop\":[\"a\"]}") == NULL);
	CHECK(strncmp(err.text, "stop: ", 6) == 0);
	CHECK(as_response("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"n\":2}") == NULL);
	CHECK(strncmp(err.text, "n: ", 3) == 0);
}

CHECK_MAIN(TEST(a_text_is_what_a_user_says_and_instructions_come_first), TEST(what_the_assistant_said_and_called_is_one_message),
	   TEST(signatures_go_back_to_who_wrote_them), TEST(tools_and_their_choice_are_carried_over),
	   TEST(a_schema_and_an_effort_are_carried_over), TEST(what_only_its_provider_knows_is_refused_by_name),
	   TEST(what_may_be_left_out_is_left_out_when_asked), TEST(a_chat_becomes_a_response_that_is_not_stored),
	   TEST(reasoning_is_sent_again_before_what_came_of_it), TEST(what_responses_do_not_know_is_refused_by_name))
