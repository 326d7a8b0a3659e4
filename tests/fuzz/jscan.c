/* SPDX-License-Identifier: MIT */
/* Any bytes are scanned as JSON: what a full parser takes the scanner takes, and members are found inside the text. */
#include "base/jscan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"

static unsigned depth_of(const char *s, size_t len)
{
	unsigned depth = 0, most = 0;

	for (size_t i = 0; i < len; i++) {
		depth += s[i] == '[' || s[i] == '{';
		most = depth > most ? depth : most;
	}
	return most;
}

static void inside(struct jspan s, const char *text, size_t len)
{
	REQUIRE(s.at == NULL || (s.at >= text && s.at + s.len <= text + len && s.len > 0));
}

static void use_members(const char *text, size_t len)
{
	struct jfield f[] = {{"model", {0}}, {"stream", {0}}, {"messages", {0}}, {"max_tokens", {0}}};
	struct jspan item = {0};
	struct buf out;
	char copy[32];
	int64_t n;
	bool b;

	if (jscan_object(text, len, f, 4, NULL) < 0)
		return;
	for (size_t i = 0; i < 4; i++)
		inside(f[i].value, text, len);
	buf_init(&out, 1 << 16);
	jspan_text(f[0].value, &out);
	jspan_copy(f[0].value, copy, sizeof(copy));
	jspan_equals(f[0].value, "gpt");
	jspan_bool(f[1].value, &b);
	jspan_int(f[3].value, &n);
	while (jspan_next_item(f[2].value, &item)) {
		struct jfield role[] = {{"role", {0}}};

		inside(item, text, len);
		jspan_fields(item, role, 1);
		inside(role[0].value, text, len);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1);
	json_t *parsed;

	memcpy(text, data, len);
	/* jansson takes a NUL byte for the end of the text; we do not. */
	parsed = memchr(text, '\0', len) == NULL ? json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
	if (parsed != NULL && depth_of(text, len) <= JSCAN_MAX_DEPTH)
		REQUIRE(jscan_value(text, len, NULL) == 0);
	json_decref(parsed);
	use_members(text, len);
	free(text);
	return 0;
}
