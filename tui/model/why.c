/* SPDX-License-Identifier: MIT */
/* Why a call went where it went is told here, target by target. */
#include "model/why.h"

#include <string.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

static void put_clean(struct buf *out, const char *text)
{
	text = text ? text : "?";
	text_clean(out, text, strlen(text), false);
}

static void put_latency(struct buf *out, const char *before, int64_t us)
{
	char text[FMT_TEXT];

	if (us >= 0)
		buf_printf(out, "%s%s", before, fmt_latency(us, text));
}

/* Its end in a word, as a verb for a sentence about the call. */
static const char *result_text(const char *result)
{
	static const struct {
		const char *result, *text;
	} texts[] = {
		{"answered", "was answered"},
		{"refused", "was refused by the gateway"},
		{"failed", "failed on every target"},
		{"aborted", "ended because the client left"},
		{"interrupted", "was cut off because the daemon stopped"},
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (result != NULL && strcmp(texts[i].result, result) == 0)
			return texts[i].text;
	return "ended";
}

static void put_opening(const json_t *call, struct buf *out)
{
	const char *provider = json_text_peek(call, "provider"), *error = json_text_peek(call, "error");
	const char *result = json_text_peek(call, "result");

	buf_puts(out, "Team ");
	put_clean(out, json_text_peek(call, "team"));
	buf_puts(out, " asked for ");
	put_clean(out, json_text_peek(call, "asked"));
	buf_printf(out, "; the call %s", result_text(result));
	if (result != NULL && strcmp(result, "answered") == 0 && provider != NULL) {
		buf_puts(out, " by ");
		put_clean(out, provider);
		buf_putc(out, '/');
		put_clean(out, json_text_peek(call, "model"));
	}
	if (error != NULL) {
		buf_puts(out, " (");
		put_clean(out, error);
		buf_putc(out, ')');
	}
	put_latency(out, " after ", json_int_peek(call, "total_us", -1));
	buf_puts(out, ".\n");
}

/* "429 from the provider" where the daemon says it in words, else the reason's name. */
static void put_reason(const json_t *entry, struct buf *out)
{
	static const char passed_over[] = "passed over: ";
	const char *text = json_text_peek(entry, "text"), *error = json_text_peek(entry, "error");
	bool adds = error != NULL && *error != '\0' && (text == NULL || strcmp(error, text) != 0);

	/* The sentence around it says so already. */
	if (text != NULL && text_starts(text, passed_over))
		text += strlen(passed_over);
	put_clean(out, text ? text : json_text_peek(entry, "reason"));
	if (adds) {
		buf_puts(out, ": \"");
		put_clean(out, error);
		buf_putc(out, '"');
	}
}

static void put_made(const json_t *entry, struct buf *out)
{
	const char *reason = json_text_peek(entry, "reason");
	bool ok = reason != NULL && strcmp(reason, "ok") == 0;
	int64_t status = json_int_peek(entry, "status", 0);

	buf_puts(out, ok ? " answered" : " was tried and failed");
	if (status > 0)
		buf_printf(out, " with HTTP %lld", (long long)status);
	put_latency(out, "; started after ", json_int_peek(entry, "start_us", -1));
	put_latency(out, ", first byte after another ", json_int_peek(entry, "first_byte_us", -1));
	put_latency(out, ", ended after ", json_int_peek(entry, "total_us", -1));
	if (!ok) {
		buf_puts(out, ", because of ");
		put_reason(entry, out);
	}
}

void why_tell(const json_t *call, struct buf *out)
{
	const json_t *entries = json_object_get(call, "entries"), *entry;
	size_t i;

	put_opening(call, out);
	json_array_foreach(entries, i, entry) {
		buf_printf(out, "%zu. ", i + 1);
		put_clean(out, json_text_peek(entry, "target"));
		if (json_bool_peek(entry, "made")) {
			put_made(entry, out);
		} else {
			buf_puts(out, " was passed over: ");
			put_reason(entry, out);
		}
		buf_puts(out, ".\n");
	}
	if (json_array_size(entries) == 0)
		buf_puts(out, "No target was tried: the gateway decided by itself.\n");
}
