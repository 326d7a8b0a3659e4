/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/dialect.h"

static struct request_facts facts;
static const char *param;
static struct err err;

static int scan(const char *body)
{
	request_facts_init(&facts);
	return openai_chat.scan_request(body, strlen(body), &facts, &param, &err);
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void the_facts_of_a_request_are_read(void)
{
	const char *body = "{\"model\":\"smart\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
			   "\"usage\":{\"include\":true},\"max_completion_tokens\":77,\"n\":2,\"user\":\"u\\u00e9\","
			   "\"metadata\":{\"tags\":[\"a\",\"b\"]}," HELLO "}";

	CHECK_INT(scan(body), 0);
	CHECK_TEXT(facts.model_name, "smart");
	CHECK(strncmp(facts.model.at, "\"smart\"", 7) == 0 && facts.model.len == 7);
	CHECK(facts.stream && facts.wants_usage && facts.wants_cost);
	CHECK_INT(facts.max_output, 77);
	CHECK_INT(facts.num_choices, 2);
	CHECK_TEXT(facts.user, "u\xc3\xa9");
	CHECK_TEXT(facts.tags, "a,b");
	CHECK(param == NULL);
}

static void what_is_not_said_is_unknown(void)
{
	CHECK_INT(scan("{\"model\":\"m\",\"stream\":null,\"max_tokens\":null,\"user\":null," HELLO "}"), 0);
	CHECK(!facts.stream && !facts.wants_usage && !facts.wants_cost);
	CHECK_INT(facts.max_output, -1);
	CHECK_INT(facts.num_choices, 1);
	CHECK_TEXT(facts.user, "");
	CHECK_TEXT(facts.tags, "");
	CHECK(facts.input_estimate >= 1 && facts.input_estimate < 20);
}

static void a_wrong_field_is_named(void)
{
	static const struct {
		const char *body, *param;
	} cases[] = {
		{"{\"model\":1," HELLO "}", "model"},
		{"{" HELLO "}", "model"},
		{"{\"model\":\"\"," HELLO "}", "model"},
		{"{\"model\":\"m\"}", "messages"},
		{"{\"model\":\"m\",\"messages\":[]}", "messages"},
		{"{\"model\":\"m\",\"messages\":[{\"content\":\"x\"}]}", "messages"},
		{"{\"model\":\"m\",\"messages\":\"x\"}", "messages"},
		{"{\"model\":\"m\",\"stream\":\"yes\"," HELLO "}", "stream"},
		{"{\"model\":\"m\",\"stream_options\":1," HELLO "}", "stream_options"},
		{"{\"model\":\"m\",\"usage\":{\"include\":1}," HELLO "}", "usage"},
		{"{\"model\":\"m\",\"max_tokens\":0," HELLO "}", "max_tokens"},
		{"{\"model\":\"m\",\"max_completion_tokens\":1.5," HELLO "}", "max_completion_tokens"},
		{"{\"model\":\"m\",\"n\":129," HELLO "}", "n"},
		{"{\"model\":\"m\",\"user\":7," HELLO "}", "user"},
		{"{\"model\":\"m\",\"tools\":{}," HELLO "}", "tools"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK_INT(scan(cases[i].body), ERR_INVALID);
		CHECK_TEXT(param, cases[i].param);
		CHECK(strncmp(err.text, cases[i].param, strlen(cases[i].param)) == 0);
	}
}

static void a_body_that_is_no_json_says_where(void)
{
	CHECK_INT(scan("{\"model\":\"m\",}"), ERR_INVALID);
	CHECK(param == NULL);
	CHECK_TEXT(err.text, "not valid JSON at byte 13: expected a member's name in double quotes");
	CHECK_INT(scan("{\"model\":\"m\",\"model\":\"n\"," HELLO "}"), ERR_INVALID);
	CHECK_INT(scan(""), ERR_INVALID);
}

static void pictures_count_by_the_piece_and_not_by_their_bytes(void)
{
	struct buf body;

	buf_init(&body, 1 << 20);
	buf_puts(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
			"{\"type\":\"text\",\"text\":\"hi\"},"
			"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,");
	for (int i = 0; i < 100000; i++)
		buf_putc(&body, 'A');
	buf_puts(&body, "\"}}]}]}");
	CHECK_INT(scan(body.data), 0);
	CHECK(facts.input_estimate > 1000 && facts.input_estimate < 1100);
	buf_release(&body);
}

static void errors_have_openais_shape(void)
{
	struct client_error e = {404, "invalid_request_error", "model_not_found", "no \"x\"", NULL, NULL};
	struct buf out;

	buf_init(&out, 1000);
	openai_chat.write_error(&e, &out);
	CHECK_TEXT(out.data, "{\"error\":{\"message\":\"no \\\"x\\\"\",\"type\":\"invalid_request_error\","
			     "\"param\":null,\"code\":\"model_not_found\"}}");
	buf_clear(&out);
	e.param = "model";
	e.details = "\"attempts\":[]";
	openai_chat.write_stream_error(&e, &out);
	CHECK_TEXT(out.data, "data: {\"error\":{\"message\":\"no \\\"x\\\"\",\"type\":\"invalid_request_error\","
			     "\"param\":\"model\",\"code\":\"model_not_found\",\"attempts\":[]}}\n\n");
	buf_release(&out);
}

CHECK_MAIN(TEST(the_facts_of_a_request_are_read), TEST(what_is_not_said_is_unknown), TEST(a_wrong_field_is_named),
	   TEST(a_body_that_is_no_json_says_where), TEST(pictures_count_by_the_piece_and_not_by_their_bytes),
	   TEST(errors_have_openais_shape))
