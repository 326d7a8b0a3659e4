/* SPDX-License-Identifier: MIT */
/* What clients say, as Mistral hears it: those that speak OpenAI's dialect, and others. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/message.h"
#include "dialects/provider_kind.h"

static char sent[8192];
static struct err err;
static int64_t ceiling = -1;

static int send(const struct dialect *client, const char *request)
{
	struct interpreter_target target = {.dialect = &openai_chat,
					    .model = "mistral-large",
					    .quirks = provider_kind_find("mistral")->quirks,
					    .max_output = ceiling};
	struct request_facts facts;
	struct interpreter *it;
	const char *param;
	struct buf out;
	int r;

	buf_init(&out, sizeof(sent) - 1);
	request_facts_init(&facts);
	CHECK_INT(client->scan_request(request, strlen(request), &facts, &param, &err), 0);
	it = interpreter_new(client, request, strlen(request), &facts, &target);
	r = interpreter_request(it, &out, &err);
	memcpy(sent, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	interpreter_free(it);
	buf_release(&out);
	return r;
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void check_members(const char *members, const char *want)
{
	char request[2048], whole[2048];

	snprintf(request, sizeof(request), "{\"model\":\"m\"," HELLO "%s}", members);
	snprintf(whole, sizeof(whole), "{\"model\":\"mistral-large\"," HELLO "%s}", want);
	CHECK_INT(send(&openai_chat, request), 0);
	CHECK_TEXT(sent, whole);
}

static void openais_words_become_mistrals(void)
{
	ceiling = -1;
	check_members("", "");
	check_members(",\"seed\":7,\"safe_prompt\":true", ",\"random_seed\":7,\"safe_prompt\":true");
	check_members(",\"tool_choice\":\"required\",\"tools\":[]", ",\"tool_choice\":\"any\",\"tools\":[]");
	check_members(",\"tool_choice\":\"auto\"", ",\"tool_choice\":\"auto\"");
	check_members(",\"max_completion_tokens\":5", ",\"max_tokens\":5");
	check_members(",\"max_tokens\":4", ",\"max_tokens\":4");
	check_members(",\"max_tokens\":4,\"max_completion_tokens\":5", ",\"max_tokens\":5");
	check_members(",\"max_tokens\":4,\"max_completion_tokens\":null", ",\"max_tokens\":4");
	check_members(",\"stream\":true,\"stream_options\":{\"include_usage\":true}", ",\"stream\":true");
}

static void a_ceiling_holds_for_what_was_renamed(void)
{
	ceiling = 3;
	check_members("", ",\"max_tokens\":3");
	check_members(",\"max_completion_tokens\":5", ",\"max_tokens\":3");
	check_members(",\"max_completion_tokens\":2,\"max_tokens\":9", ",\"max_tokens\":2");
	check_members(",\"max_tokens\":9,\"max_completion_tokens\":9", ",\"max_tokens\":3");
	ceiling = -1;
}

#define CALL(id) "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}"

static void ids_made_elsewhere_become_ids_that_are_taken(void)
{
	char first[10] = "", second[10] = "";
	const char *at;

	CHECK_INT(send(&openai_chat,
		       "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"\","
		       "\"tool_calls\":[" CALL("D681PevKs") "," CALL("call_abc") "," CALL("toolu_01") "]},"
		       "{\"role\":\"tool\",\"tool_call_id\":\"D681PevKs\",\"content\":\"x\"},"
		       "{\"role\":\"tool\",\"tool_call_id\":\"toolu_01\",\"content\":\"y\"},"
		       "{\"role\":\"tool\",\"tool_call_id\":\"call_abc\",\"content\":\"z\"}]}"),
		  0);
	CHECK(strstr(sent, "\"tool_call_id\":\"D681PevKs\"") != NULL && strstr(sent, "{\"id\":\"D681PevKs\"") != NULL);
	CHECK(strstr(sent, "call_abc") == NULL && strstr(sent, "toolu_01") == NULL);
	at = strstr(strstr(sent, "{\"id\":") + 1, "{\"id\":\"");
	CHECK_INT(sscanf(at, "{\"id\":\"%9[A-Za-z0-9]\"", first), 1);
	CHECK_INT(sscanf(strstr(at + 1, "{\"id\":\""), "{\"id\":\"%9[A-Za-z0-9]\"", second), 1);
	CHECK_INT(strlen(first), 9);
	CHECK(strcmp(first, second) != 0);
	CHECK(strstr(strstr(sent, "\"content\":\"x\""), second) < strstr(strstr(sent, "\"content\":\"x\""), first));
}

static void the_assistants_last_word_is_a_prefix(void)
{
	CHECK_INT(send(&openai_chat, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
				     "{\"role\":\"assistant\",\"content\":\"b\"}]}"),
		  0);
	CHECK(strstr(sent, "\"content\":\"b\",\"prefix\":true}]") != NULL);
	CHECK_INT(send(&openai_chat, "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"b\"},"
				     "{\"role\":\"user\",\"content\":\"a\"}]}"),
		  0);
	CHECK(strstr(sent, "prefix") == NULL);
	CHECK_INT(send(&openai_chat, "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"b\",\"prefix\":false}]}"), 0);
	CHECK(strstr(sent, "\"prefix\":true") == NULL);
}

static void other_clients_are_put_into_the_same_words(void)
{
	CHECK_INT(send(&anthropic,
		       "{\"model\":\"m\",\"max_tokens\":9,\"metadata\":{\"user_id\":\"u\"},\"tool_choice\":{\"type\":\"any\"},"
		       "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],\"messages\":["
		       "{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"title\":\"t.pdf\",\"source\":{\"type\":\"base64\","
		       "\"media_type\":\"application/pdf\",\"data\":\"AAAA\"}},{\"type\":\"document\",\"source\":{\"type\":\"url\","
		       "\"url\":\"https://x.example/a.pdf\"}}]},{\"role\":\"assistant\",\"content\":\"b\"}]}"),
		  0);
	CHECK(strstr(sent, "\"tool_choice\":\"any\"") != NULL);
	CHECK(strstr(sent, "\"max_tokens\":9") != NULL);
	CHECK(strstr(sent, "\"user\":\"") == NULL);
	CHECK(strstr(sent, "\"prefix\":true") != NULL);
	CHECK(strstr(sent, "{\"type\":\"document_url\",\"document_name\":\"t.pdf\",\"document_url\":\"data:application/pdf;base64,AAAA\"}") !=
	      NULL);
	CHECK(strstr(sent, "{\"type\":\"document_url\",\"document_url\":\"https://x.example/a.pdf\"}") != NULL);
}

CHECK_MAIN(TEST(openais_words_become_mistrals), TEST(a_ceiling_holds_for_what_was_renamed),
	   TEST(ids_made_elsewhere_become_ids_that_are_taken), TEST(the_assistants_last_word_is_a_prefix),
	   TEST(other_clients_are_put_into_the_same_words))
