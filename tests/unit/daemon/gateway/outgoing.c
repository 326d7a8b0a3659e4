/* SPDX-License-Identifier: MIT */
#include "gateway/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "check.h"
#include "dialects/provider_kind.h"
#include "routing/view.h"

static const struct provider_option options[] = {
	{.name = "version", .otherwise = "2024-10-21"}, {.name = "region"}, {.name = NULL}};
static const struct provider_kind kind = {
	.name = "cloud",
	.auth = AUTH_HEADER,
	.auth_header = "api-key",
	.extra_headers = {"x-version: 1", "x-other: two words"},
	.options = options,
};
static struct view_provider provider = {
	.name = (char *)"eu", .kind = &kind, .base_url = (char *)"https://x.example", .credential = (char *)"secret"};
static struct err err;

static void a_path_is_filled_in_with_the_model_and_with_options(void)
{
	struct outgoing o;

	outgoing_init(&o);
	provider.options = (char *)"{\"region\":\"eu west\"}";
	CHECK_INT(outgoing_set_url(&o, &provider, "/{region}/m/{model}?v={version}", "a/b:1", &err), 0);
	CHECK_TEXT(o.url.data, "https://x.example/eu%20west/m/a%2Fb%3A1?v=2024-10-21");
	CHECK_INT(outgoing_set_url(&o, &provider, "/m/{model:b.}/{model:none}", "us.b.c:0", &err), 0);
	CHECK_TEXT(o.url.data, "https://x.example/m/b.c%3A0/us.b.c%3A0");
	provider.options = (char *)"{\"region\":\"eu\",\"version\":\"v1\"}";
	CHECK_INT(outgoing_set_url(&o, &provider, "/{version}", "m", &err), 0);
	CHECK_TEXT(o.url.data, "https://x.example/v1");
	outgoing_release(&o);
}

static void an_option_that_is_missing_is_named(void)
{
	struct outgoing o;

	outgoing_init(&o);
	provider.options = NULL;
	CHECK_INT(outgoing_set_url(&o, &provider, "/{region}", "m", &err), ERR_INVALID);
	CHECK(strstr(err.text, "needs the option region") != NULL);
	outgoing_release(&o);
}

static const char *value_of(struct outgoing *o, const char *name)
{
	for (const struct fetch_header *h = outgoing_headers(o); h->name != NULL; h++)
		if (strcmp(h->name, name) == 0)
			return h->value;
	return "(none)";
}

static void headers_are_the_credential_the_kinds_own_and_what_is_put(void)
{
	struct outgoing o;

	outgoing_init(&o);
	outgoing_set_headers(&o, &provider);
	CHECK_TEXT(value_of(&o, "api-key"), "secret");
	CHECK_TEXT(value_of(&o, "x-other"), "two words");
	outgoing_put_header(&o, "X-Version", "2");
	CHECK_INT(o.num_headers, 3);
	CHECK_TEXT(value_of(&o, "X-Version"), "2");
	for (int i = 0; i < 30; i++) {
		char name[] = {'h', (char)('A' + i), '\0'};

		outgoing_put_header(&o, name, "v");
	}
	CHECK_INT(o.num_headers, OUTGOING_HEADERS);
	CHECK_TEXT(value_of(&o, "api-key"), "secret");
	outgoing_release(&o);
}

static const struct provider_option aws_options[] = {
	{.name = "region", .otherwise = "us-east-1", .environment = {"TOLLGATE_TEST_REGION"}}, {.name = NULL}};
static const struct provider_kind aws_kind = {.name = "aws", .auth = AUTH_AWS, .options = aws_options};
static struct view_provider aws = {.name = (char *)"aws", .kind = &aws_kind, .base_url = (char *)"https://x.{region}.example"};

static void send_to_aws(struct outgoing *o, const char *credential)
{
	aws.credential = (char *)credential;
	CHECK_INT(outgoing_set_url(o, &aws, "/model/{model}/converse", "a:0", &err), 0);
	outgoing_set_headers(o, &aws);
	outgoing_put_header(o, "Content-Type", "application/json");
	CHECK_INT(outgoing_sign(o, &aws, "POST", "{}", 2, &err), 0);
}

static void a_pair_of_keys_signs_and_is_not_sent(void)
{
	struct outgoing o;

	outgoing_init(&o);
	send_to_aws(&o, "AKID:hush:token");
	CHECK_TEXT(o.url.data, "https://x.us-east-1.example/model/a%3A0/converse");
	CHECK(strncmp(value_of(&o, "Authorization"), "AWS4-HMAC-SHA256 Credential=AKID/", 33) == 0);
	CHECK(strstr(value_of(&o, "Authorization"), "/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
						    "x-amz-security-token, Signature=") != NULL);
	CHECK_INT(strlen(value_of(&o, "X-Amz-Date")), 16);
	CHECK_TEXT(value_of(&o, "X-Amz-Security-Token"), "token");
	CHECK(memmem(o.text.data, o.text.len, "hush", 4) == NULL);
	send_to_aws(&o, "AKID:hush");
	CHECK_TEXT(value_of(&o, "X-Amz-Security-Token"), "(none)");
	outgoing_release(&o);
}

static void any_other_credential_of_aws_is_a_bearers(void)
{
	struct outgoing o;

	outgoing_init(&o);
	send_to_aws(&o, "ABSKkey");
	CHECK_TEXT(value_of(&o, "Authorization"), "Bearer ABSKkey");
	CHECK_TEXT(value_of(&o, "X-Amz-Date"), "(none)");
	outgoing_release(&o);
}

static void an_option_may_stand_in_the_environment(void)
{
	struct outgoing o;

	outgoing_init(&o);
	setenv("TOLLGATE_TEST_REGION", "eu-west-1", 1);
	send_to_aws(&o, "AKID:hush");
	CHECK(strncmp(o.url.data, "https://x.eu-west-1.example/", 28) == 0);
	CHECK(strstr(value_of(&o, "Authorization"), "/eu-west-1/bedrock/") != NULL);
	aws.options = (char *)"{\"region\":\"us-west-2\"}";
	send_to_aws(&o, "AKID:hush");
	CHECK(strncmp(o.url.data, "https://x.us-west-2.example/", 28) == 0);
	aws.options = NULL;
	unsetenv("TOLLGATE_TEST_REGION");
	outgoing_release(&o);
}

CHECK_MAIN(TEST(a_path_is_filled_in_with_the_model_and_with_options), TEST(an_option_that_is_missing_is_named),
	   TEST(headers_are_the_credential_the_kinds_own_and_what_is_put), TEST(a_pair_of_keys_signs_and_is_not_sent),
	   TEST(any_other_credential_of_aws_is_a_bearers), TEST(an_option_may_stand_in_the_environment))
