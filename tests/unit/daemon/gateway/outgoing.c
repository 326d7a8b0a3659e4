/* SPDX-License-Identifier: MIT */
#include "gateway/outgoing.h"

#include <string.h>

#include "base/err.h"
#include "check.h"
#include "dialects/provider_kind.h"
#include "routing/view.h"

static const struct provider_option options[] = {{"version", "2024-10-21"}, {"region", NULL}, {.name = NULL}};
static const struct provider_kind kind = {
	.name = "cloud",
	.auth = AUTH_HEADER,
	.auth_header = "api-key",
	.extra_headers = {"x-version: 1", "x-other: two words"},
	.options = options,
};
static struct view_provider provider = {.name = "eu", .kind = &kind, .base_url = "https://x.example", .credential = "secret"};
static struct err err;

static void a_path_is_filled_in_with_the_model_and_with_options(void)
{
	struct outgoing o;

	outgoing_init(&o);
	provider.options = "{\"region\":\"eu west\"}";
	CHECK_INT(outgoing_set_url(&o, &provider, "/{region}/m/{model}?v={version}", "a/b:1", &err), 0);
	CHECK_TEXT(o.url.data, "https://x.example/eu%20west/m/a%2Fb%3A1?v=2024-10-21");
	provider.options = "{\"region\":\"eu\",\"version\":\"v1\"}";
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

CHECK_MAIN(TEST(a_path_is_filled_in_with_the_model_and_with_options), TEST(an_option_that_is_missing_is_named),
	   TEST(headers_are_the_credential_the_kinds_own_and_what_is_put))
