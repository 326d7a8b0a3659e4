/* SPDX-License-Identifier: MIT */
/* The vectors are those AWS publishes for Signature Version 4 (its test suite, and its guide's example); the others were
 * worked out with its own Python client. */
#include "gateway/sign_aws.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "check.h"

enum { AUG_30_2015 = 1440938160 };      /* 12:36:00 UTC, as in all vectors */

#define KEYS "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define CREDENTIAL "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"

/* The Authorization header; the caller releases it. */
static struct buf sign(const char *keys, struct aws_request request)
{
	char date[AWS_DATE_TEXT];
	struct aws_credential who;
	struct buf out;
	struct err err;

	request.time_s = AUG_30_2015;
	request.region = "us-east-1";
	if (request.service == NULL)
		request.service = "service";
	buf_init(&out, 4096);
	CHECK(aws_credential_read(keys, &who));
	CHECK_INT(aws_sign(&request, &who, date, &out, &err), 0);
	CHECK_TEXT(date, "20150830T123600Z");
	return out;
}

static void check(struct aws_request request, const char *wanted)
{
	struct buf out = sign(KEYS, request);

	CHECK_TEXT(out.data, wanted);
	buf_release(&out);
}

static void the_published_vectors_come_out(void)
{
	check((struct aws_request){.method = "GET", .url = "https://example.amazonaws.com/"},
	      CREDENTIAL "service/aws4_request, SignedHeaders=host;x-amz-date, "
			 "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	check((struct aws_request){.method = "POST", .url = "https://example.amazonaws.com"},
	      CREDENTIAL "service/aws4_request, SignedHeaders=host;x-amz-date, "
			 "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
	check((struct aws_request){.method = "GET", .url = "https://example.amazonaws.com/?Param1=value1&Param2=value2"},
	      CREDENTIAL "service/aws4_request, SignedHeaders=host;x-amz-date, "
			 "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
	check((struct aws_request){.method = "POST",
				   .url = "https://example.amazonaws.com/",
				   .content_type = "application/x-www-form-urlencoded",
				   .body = "Param1=value1",
				   .body_len = 13},
	      CREDENTIAL "service/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
			 "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
	check((struct aws_request){.method = "GET",
				   .url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
				   .content_type = "application/x-www-form-urlencoded; charset=utf-8",
				   .service = "iam"},
	      CREDENTIAL "iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
			 "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

static void a_path_that_is_sent_encoded_is_encoded_once_more(void)
{
	struct aws_request request = {.method = "POST",
				      .url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
					     "arn%3Aaws%3Abedrock%2Fp%3A0/converse",
				      .content_type = "application/json",
				      .body = "{}",
				      .body_len = 2,
				      .service = "bedrock"};

	check(request, CREDENTIAL "bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
				  "Signature=c9f738056d7881a76f6b5e9e1137b5778d58204edd46d78e6376e1a028c6c46a");
}

static void a_port_is_signed_unless_it_is_the_schemes_own(void)
{
	struct aws_request request = {.method = "GET", .url = "https://example.amazonaws.com:443/"};
	struct buf other;

	check(request, CREDENTIAL "service/aws4_request, SignedHeaders=host;x-amz-date, "
				  "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	request.url = "https://example.amazonaws.com:8443/";
	other = sign(KEYS, request);
	CHECK(strstr(other.data, "5fa00fa3") == NULL);
	buf_release(&other);
}

static void a_session_token_is_signed_too(void)
{
	struct aws_request request = {.method = "POST", .url = "https://example.amazonaws.com/"};
	struct buf out = sign(KEYS ":TOKEN", request);

	CHECK_TEXT(out.data, CREDENTIAL "service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, "
					"Signature=2dfc334632c5dc3e0cd735ff2470ef568a4d458d0326ad353a05569630d7f4a7");
	buf_release(&out);
}

static void what_is_no_pair_of_keys_is_told_apart(void)
{
	static const char *const others[] = {"", "token", ":secret", "key:", "key::token"};
	struct aws_credential who;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(!aws_credential_read(others[i], &who));
	CHECK(aws_credential_read("a:b:", &who));
	CHECK_INT(who.session_token.len, 0);
}

static void a_url_without_a_scheme_is_refused(void)
{
	struct aws_request request = {.method = "GET", .url = "example.amazonaws.com/", .region = "r", .service = "s"};
	char date[AWS_DATE_TEXT];
	struct aws_credential who;
	struct buf out;
	struct err err;

	buf_init(&out, 4096);
	CHECK(aws_credential_read(KEYS, &who));
	CHECK_INT(aws_sign(&request, &who, date, &out, &err), ERR_INVALID);
	buf_release(&out);
}

CHECK_MAIN(TEST(the_published_vectors_come_out), TEST(a_path_that_is_sent_encoded_is_encoded_once_more),
	   TEST(a_port_is_signed_unless_it_is_the_schemes_own), TEST(a_session_token_is_signed_too),
	   TEST(what_is_no_pair_of_keys_is_told_apart), TEST(a_url_without_a_scheme_is_refused))
