/* SPDX-License-Identifier: MIT */
/* Requests of Google's dialect, through the internal form: to themselves, and to OpenAI's chat. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/message.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"

static char written[8192];
static struct err err;
static bool drop_params;

static int rewrite(const struct dialect *to, const char *body)
{
	struct interpreter_target target = {.dialect = to, .model = "gemini-2.5-pro", .max_output = -1, .drop_params = drop_params};
	struct conversation c;
	struct arena arena;
	struct buf out;
	int r;

	CHECK_INT(jscan_value(body, strlen(body), NULL), 0);
	arena_init(&arena);
	conversation_init(&c);
	buf_init(&out, sizeof(written) - 1);
	r = gemini.read_request((struct jspan){body, strlen(body)}, &arena, &c, &err);
	if (r == 0)
		r = to->write_request(&c, &target, &out, &err);
	memcpy(written, out.data, out.len + 1);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	buf_release(&out);
	arena_release(&arena);
	return r;
}

static void check_becomes(const char *body, const char *want)
{
	CHECK_INT(rewrite(&gemini, body), 0);
	CHECK_TEXT(written, want);
}

static void check_keeps(const char *body)
{
	check_becomes(body, body);
}

static void check_openai(const char *body, const char *want)
{
	char whole[4096];

	snprintf(whole, sizeof(whole), "{\"model\":\"gemini-2.5-pro\",%s}", want);
	CHECK_INT(rewrite(&openai_chat, body), 0);
	CHECK_TEXT(written, whole);
}

static void check_wrong(const char *body, const char *complaint)
{
	CHECK_INT(rewrite(&openai_chat, body), ERR_INVALID);
	if (strncmp(err.text, complaint, strlen(complaint)) != 0)
		CHECK_TEXT(err.text, complaint);
}

/* Refused by its name, and left out where the client says so. */
static void check_refused(const char *body, const char *complaint)
{
	check_wrong(body, complaint);
	drop_params = true;
	CHECK_INT(rewrite(&openai_chat, body), 0);
	drop_params = false;
}

#define HELLO "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hello\"}]}]"
#define HELLO_OPENAI "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void what_both_sides_can_say_survives(void)
{
	check_keeps("{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"},{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"AAAA\"}},"
		    "{\"fileData\":{\"mimeType\":\"application/pdf\",\"fileUri\":\"https://x.test/a\"}}]},"
		    "{\"role\":\"model\",\"parts\":[{\"text\":\"b\",\"thoughtSignature\":\"S0\"},"
		    "{\"functionCall\":{\"name\":\"f\",\"id\":\"c1\",\"args\":{\"x\":1}},\"thoughtSignature\":\"S1\"},"
		    "{\"functionCall\":{\"name\":\"g\",\"id\":\"c2\",\"args\":{}}}]},"
		    "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"id\":\"c1\",\"response\":{\"output\":\"x\"}}},"
		    "{\"functionResponse\":{\"name\":\"g\",\"id\":\"c2\",\"response\":{\"error\":\"no\"}}}]}],"
		    "\"systemInstruction\":{\"parts\":[{\"text\":\"be kind\"}]},"
		    "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"description\":\"d\",\"parametersJsonSchema\":{\"type\":\"object\"}},"
		    "{\"name\":\"g\"}]}],\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"f\"]}},"
		    "\"generationConfig\":{\"maxOutputTokens\":9,\"stopSequences\":[\"x\"],\"temperature\":0.5,\"topP\":0.9,\"topK\":3,\"seed\":7,"
		    "\"frequencyPenalty\":0.25,\"presencePenalty\":1,\"candidateCount\":2,"
		    "\"thinkingConfig\":{\"thinkingBudget\":2000,\"includeThoughts\":true},"
		    "\"responseMimeType\":\"application/json\",\"responseJsonSchema\":{\"type\":\"object\"}}}");
}

static void either_spelling_and_one_for_a_list_are_understood(void)
{
	check_becomes("{\"system_instruction\":{\"parts\":{\"text\":\"s\"}},\"contents\":{\"parts\":{\"text\":\"a\"}},"
		      "\"tools\":{\"function_declarations\":{\"name\":\"f\",\"parameters_json_schema\":{\"type\":\"object\"}}},"
		      "\"generation_config\":{\"max_output_tokens\":5,\"top_k\":40.0},\"model\":\"models/x\"}",
		      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}],\"systemInstruction\":{\"parts\":[{\"text\":\"s\"}]},"
		      "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parametersJsonSchema\":{\"type\":\"object\"}}]}],"
		      "\"generationConfig\":{\"maxOutputTokens\":5,\"topK\":40}}");
}

static void pieces_of_a_stream_are_one_message_again(void)
{
	check_openai("{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"Hel\"}]},"
		     "{\"role\":\"model\",\"parts\":[{\"text\":\"lo\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"\"}]}]}",
		     "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"}]");
}

static void results_without_ids_find_their_calls(void)
{
	check_openai("{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]},"
		     "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{\"x\":1}}},{\"functionCall\":{\"name\":\"f\"}}]},"
		     "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":{\"t\":1}}},"
		     "{\"functionResponse\":{\"name\":\"f\",\"response\":{\"output\":\"two\"}}},{\"text\":\"so?\"}]}]}",
		     "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
		     "{\"id\":\"call_0\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}},"
		     "{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
		     "{\"role\":\"tool\",\"tool_call_id\":\"call_0\",\"content\":\"{\\\"t\\\":1}\"},"
		     "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"two\"},{\"role\":\"user\",\"content\":\"so?\"}]");
	check_wrong("{\"contents\":[{\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":{}}}]}]}",
		    "contents[0].parts[0].functionResponse: expected the answer to a functionCall");
}

static void googles_schemas_become_json_schemas(void)
{
	check_openai(HELLO ",\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{\"type\":\"OBJECT\",\"properties\":{"
			   "\"type\":{\"type\":\"STRING\",\"format\":\"enum\",\"enum\":[\"A\",\"B\"],\"nullable\":true},"
			   "\"n\":{\"type\":3,\"example\":4},\"l\":{\"type\":\"ARRAY\",\"items\":{\"type\":\"NUMBER\"},\"minItems\":\"1\"},"
			   "\"any\":{\"anyOf\":[{\"type\":\"STRING\"},{\"type\":\"INTEGER\"}],\"nullable\":true}},"
			   "\"required\":[\"n\"],\"propertyOrdering\":[\"n\",\"type\"]}}]}]}",
		     "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{"
		     "\"type\":{\"type\":[\"string\",\"null\"],\"enum\":[\"A\",\"B\",null]},"
		     "\"n\":{\"type\":\"integer\",\"examples\":[4]},\"l\":{\"type\":\"array\",\"items\":{\"type\":\"number\"},\"minItems\":1},"
		     "\"any\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"},{\"type\":\"null\"}]}},"
		     "\"required\":[\"n\"]}}}]," HELLO_OPENAI);
}

static void tools_may_be_limited_to_some(void)
{
	static const char three[] = HELLO ",\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\"},{\"name\":\"g\"},{\"name\":\"h\"}]}],"
					  "\"toolConfig\":{\"functionCallingConfig\":{\"mode\":2,\"allowedFunctionNames\":[\"f\",\"h\"]}}}";

	check_openai(three, "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},"
			    "{\"type\":\"function\",\"function\":{\"name\":\"h\"}}],\"tool_choice\":\"required\"," HELLO_OPENAI);
}

static void what_only_google_knows_is_refused_by_name(void)
{
	check_refused(HELLO ",\"tools\":[{\"googleSearch\":{}}]}", "tools[0].googleSearch: ");
	check_refused(HELLO ",\"safetySettings\":[{\"category\":\"X\",\"threshold\":\"BLOCK_LOW_AND_ABOVE\"}]}", "safetySettings: ");
	check_refused(HELLO ",\"generationConfig\":{\"topK\":4}}", "generationConfig.topK: ");
	check_refused(HELLO ",\"generationConfig\":{\"speechConfig\":{\"a\":1}}}", "generationConfig.speechConfig: ");
	check_refused("{\"contents\":[{\"parts\":[{\"text\":\"a\"},{\"executableCode\":{\"code\":\"x\"}}]}]}",
		      "contents[0].parts[1].executableCode: ");
	check_refused("{\"contents\":[{\"parts\":[{\"text\":\"a\"},{\"inlineData\":{\"mimeType\":\"audio/wav\",\"data\":\"AA\"}}]}]}",
		      "contents[0].parts[1].inlineData: ");
	check_wrong(HELLO ",\"cachedContent\":\"cachedContents/1\"}", "cachedContent: ");
	check_wrong("{\"contents\":[{\"parts\":[{\"fileData\":{\"fileUri\":\"gs://b/o\"}}]}]}", "contents[0].parts[0].fileData.fileUri: ");
	check_openai(HELLO ",\"safetySettings\":[{\"category\":\"X\",\"threshold\":\"BLOCK_NONE\"}],\"labels\":{\"a\":\"b\"}}", HELLO_OPENAI);
}

static void bytes_come_in_either_alphabet(void)
{
	check_openai("{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"image\\/png\",\"data\":\"A-_\\u003d\"}}]}]}",
		     "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,A+/=\"}}]}]");
}

/* What a client gets of an answer by somebody else, and sends back. */
static void signatures_of_others_come_back_to_them(void)
{
	struct writing w = {.id = "i", .model = "m"};
	struct stream_event thought = {.kind = EVENT_REASONING, .text = {"\"hm\"", 4}, .signer = SIGNER_ANTHROPIC};
	struct stream_event mark = {.kind = EVENT_SIGNATURE, .text = {"\"ab+/=\"", 7}, .signer = SIGNER_ANTHROPIC};
	struct stream_event secret = {.kind = EVENT_ENCRYPTED, .text = {"\"gAAA_-\"", 8}, .id = {"\"rs_1\"", 6}, .signer = SIGNER_OPENAI};
	char body[4096], text[512];
	struct conversation c;
	struct arena arena;
	const struct part *p;
	struct buf out;
	size_t len;

	buf_init(&out, sizeof(body));
	gemini.write_event(&w, &thought, &out);
	gemini.write_event(&w, &mark, &out);
	gemini.write_event(&w, &secret, &out);
	gemini.release_writing(&w);
	len = (size_t)snprintf(body, sizeof(body), "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}");
	for (const char *at = out.data; (at = strstr(at, "\"parts\":[")) != NULL; at++)
		len += (size_t)snprintf(body + len, sizeof(body) - len, ",{\"role\":\"model\",%.*s]}",
					(int)(strstr(at, "],\"role\"") - at), at);
	snprintf(body + len, sizeof(body) - len, "]}");
	/* Some clients know base64's other alphabet only. */
	for (char *at = body; *at != '\0'; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	arena_init(&arena);
	conversation_init(&c);
	CHECK_INT(gemini.read_request((struct jspan){body, strlen(body)}, &arena, &c, &err), 0);
	p = c.messages->next->parts;
	CHECK(p->kind == PART_REASONING && !p->encrypted && p->signer == SIGNER_ANTHROPIC && jspan_equals(p->text, "hm"));
	CHECK(jspan_copy(p->signature, text, sizeof(text)));
	CHECK_TEXT(text, "ab+/=");
	p = p->next;
	CHECK(p->kind == PART_REASONING && p->encrypted && p->signer == SIGNER_OPENAI && jspan_equals(p->id, "rs_1"));
	CHECK(jspan_copy(p->signature, text, sizeof(text)));
	CHECK_TEXT(text, "gAAA_-");
	CHECK(p->next == NULL && c.messages->next->next == NULL);
	arena_release(&arena);
	buf_release(&out);
}

/* -- passing through ----------------------------------------------------------------------------- */

static void check_adapted(const char *body, int64_t max_output, const char *want)
{
	struct interpreter_target target = {.dialect = &gemini, .model = "gemini-2.5-pro", .max_output = max_output};
	struct request_facts facts;
	const char *param;
	struct patch p;
	struct buf out;

	request_facts_init(&facts);
	copy_text(facts.model_name, sizeof(facts.model_name), "models/models/x");
	CHECK_INT(gemini.scan_request(body, strlen(body), &facts, &param, &err), 0);
	CHECK_TEXT(facts.model_name, "models/x");
	patch_init(&p);
	buf_init(&out, 4096);
	gemini.adapt_request((struct jspan){body, strlen(body)}, &facts, &target, &p);
	CHECK(patch_apply(&p, body, strlen(body), &out));
	CHECK_TEXT(out.data, want);
	patch_release(&p);
	buf_release(&out);
}

static void a_body_passes_but_for_its_model_and_a_ceiling(void)
{
	check_adapted("{\"contents\":[{}],\"x\":1}", -1, "{\"contents\":[{}],\"x\":1}");
	check_adapted("{\"model\":\"models/a\",\"contents\":[{}]}", -1, "{\"contents\":[{}]}");
	check_adapted("{\"contents\":[{}]}", 7, "{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":7}}");
	check_adapted("{\"contents\":[{}],\"generationConfig\":{}}", 7,
		      "{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":7}}");
	check_adapted("{\"contents\":[{}],\"generation_config\":{\"max_output_tokens\":8}}", 7,
		      "{\"contents\":[{}],\"generation_config\":{\"max_output_tokens\":7}}");
	check_adapted("{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":6}}", 7,
		      "{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":6}}");
}

/* -- countTokens ---------------------------------------------------------------------------------- */

static void check_count(const char *body, unsigned quirks, const char *want)
{
	struct interpreter_target target = {.dialect = &gemini_count, .model = "g", .quirks = quirks, .max_output = 5};
	struct request_facts facts;
	const char *param;
	struct patch p;
	struct buf out;

	request_facts_init(&facts);
	CHECK_INT(gemini_count.scan_request(body, strlen(body), &facts, &param, &err), 0);
	CHECK_INT(facts.max_output, -1);
	patch_init(&p);
	buf_init(&out, 4096);
	gemini_count.adapt_request((struct jspan){body, strlen(body)}, &facts, &target, &p);
	CHECK(patch_apply(&p, body, strlen(body), &out));
	CHECK_TEXT(out.data, want);
	patch_release(&p);
	buf_release(&out);
}

static void what_is_counted_names_its_model_where_it_has_to(void)
{
	static const char wrapped[] = "{\"generateContentRequest\":{\"model\":\"models/a\",\"contents\":[{}],\"x\":1}}";

	check_count("{\"contents\":[{}]}", 0, "{\"contents\":[{}]}");
	check_count(wrapped, 0, "{\"generateContentRequest\":{\"model\":\"models/g\",\"contents\":[{}],\"x\":1}}");
	check_count(wrapped, QUIRK_VERTEX, "{\"contents\":[{}],\"x\":1}");
}

static void check_count_request(const struct dialect *from, const char *body, unsigned quirks, const char *want)
{
	struct interpreter_target target = {.dialect = &gemini_count, .model = "g", .quirks = quirks, .max_output = 5};
	struct conversation c;
	struct arena arena;
	struct buf out;

	arena_init(&arena);
	conversation_init(&c);
	buf_init(&out, 4096);
	CHECK_INT(from->read_request((struct jspan){body, strlen(body)}, &arena, &c, &err), 0);
	CHECK_INT(gemini_count.write_request(&c, &target, &out, &err), 0);
	CHECK_TEXT(out.data, want);
	buf_release(&out);
	arena_release(&arena);
}

static void others_have_google_count_for_them(void)
{
	static const char hello[] = "{\"model\":\"m\",\"max_tokens\":9,\"temperature\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

	check_count_request(&anthropic_count, hello, 0,
			    "{\"generateContentRequest\":{\"model\":\"models/g\",\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}}");
	check_count_request(&anthropic_count, hello, QUIRK_VERTEX, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]}");
	check_count_request(&gemini_count, "{\"generateContentRequest\":" HELLO "}}", QUIRK_VERTEX, HELLO "}");
}

static void facts_are_found_and_faults_named(void)
{
	static const char good[] = "{\"contents\":[{\"parts\":[{\"text\":\"0123456789\"}]}],"
				   "\"generationConfig\":{\"maxOutputTokens\":5,\"candidateCount\":2}}";
	static const struct {
		const char *body, *complaint;
	} bad[] = {
		{"{}", "contents: expected"},
		{"{\"contents\":[]}", "contents: expected"},
		{"{\"contents\":[1]}", "contents[0]: expected"},
		{"{\"contents\":[{}],\"generationConfig\":1}", "generationConfig: expected"},
		{"{\"contents\":[{}],\"generationConfig\":{\"maxOutputTokens\":0}}", "generationConfig.maxOutputTokens: expected"},
		{"{\"contents\":[{}],\"generationConfig\":{\"candidateCount\":\"2\"}}", "generationConfig.candidateCount: expected"},
	};
	struct request_facts facts;
	const char *param;

	request_facts_init(&facts);
	CHECK_INT(gemini.scan_request(good, strlen(good), &facts, &param, &err), 0);
	CHECK(facts.max_output == 5 && facts.num_choices == 2 && facts.wants_usage && facts.input_estimate > 10);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		request_facts_init(&facts);
		CHECK_INT(gemini.scan_request(bad[i].body, strlen(bad[i].body), &facts, &param, &err), ERR_INVALID);
		CHECK(strncmp(err.text, bad[i].complaint, strlen(bad[i].complaint)) == 0);
	}
}

CHECK_MAIN(TEST(what_both_sides_can_say_survives), TEST(either_spelling_and_one_for_a_list_are_understood),
	   TEST(pieces_of_a_stream_are_one_message_again), TEST(results_without_ids_find_their_calls),
	   TEST(googles_schemas_become_json_schemas), TEST(tools_may_be_limited_to_some),
	   TEST(what_only_google_knows_is_refused_by_name), TEST(bytes_come_in_either_alphabet),
	   TEST(signatures_of_others_come_back_to_them), TEST(a_body_passes_but_for_its_model_and_a_ceiling),
	   TEST(what_is_counted_names_its_model_where_it_has_to), TEST(others_have_google_count_for_them),
	   TEST(facts_are_found_and_faults_named))
