/* SPDX-License-Identifier: MIT */
/*
 * Providers' error bodies are read here.
 *
 *   {"error": {"message", "type", "code" (text or number)}}   OpenAI, Groq, DeepSeek, Azure, OpenRouter
 *   {"type": "error", "error": {"type", "message"}}           Anthropic
 *   {"error": {"message", "status", "code"}}                  Google
 *   {"error": "text", "code": "text"}                         xAI, Ollama
 *   {"detail": "text"}, {"detail": [{"msg"}]}                 Mistral, Voyage, FastAPI
 *   {"message": "text"}                                       Bedrock, Cohere
 *   plain text                                                proxies on the way
 */
#include "dialects/upstream_error.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

/* How much of an error body is looked at; the shortest word that may be a key. */
enum { MAX_CLEANED = 2048, MIN_KEY = 11 };

/* How long a word is that looks like somebody's key, or 0: some providers repeat the one they refuse. */
static size_t key_len(const char *s, size_t len)
{
	static const char *const prefixes[] = {"sk-", "gsk_", "xai-", "AIza"};
	static const char in_keys[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-*";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (len < MIN_KEY || strncmp(s, prefixes[i], strlen(prefixes[i])) != 0)
			continue;
		while (n < len && s[n] != '\0' && strchr(in_keys, s[n]) != NULL)
			n++;
		return n >= MIN_KEY ? n : 0;
	}
	return 0;
}

/* Keys are cut down to what tells their kind. */
static void hide_keys(struct buf *text)
{
	struct buf out;

	buf_init(&out, text->max);
	for (size_t i = 0, n; i < text->len; i += n) {
		bool in_word = i > 0 && isalnum((unsigned char)text->data[i - 1]);

		n = in_word ? 0 : key_len(text->data + i, text->len - i);
		if (n > 0)
			buf_printf(&out, "%.3s…", text->data + i);
		else
			buf_add(&out, text->data + i, n = 1);
	}
	buf_clear(text);
	buf_add(text, out.data, out.len);
	buf_release(&out);
}

/* Text from outside into a fixed array: harmless, and cut between characters. */
static void copy_clean(char *out, size_t size, const char *s, size_t len)
{
	struct buf clean;
	size_t n = 0, step;

	buf_init(&clean, 8 * MAX_CLEANED);
	text_clean(&clean, s, len < MAX_CLEANED ? len : MAX_CLEANED, false);
	hide_keys(&clean);
	while (n < clean.len && (step = text_utf8_len(clean.data + n, clean.len - n)) > 0 && n + step < size)
		n += step;
	while (n > 0 && clean.data[n - 1] == ' ')
		n--;
	memcpy(out, clean.data, n);
	out[n] = '\0';
	buf_release(&clean);
}

static void copy_span(char *out, size_t size, struct jspan s)
{
	struct buf text;

	if (!jspan_is_string(s)) {
		copy_clean(out, size, s.at, jspan_is_null(s) ? 0 : s.len); /* a number: its digits */
		return;
	}
	buf_init(&text, s.len);
	jspan_text(s, &text);
	copy_clean(out, size, text.data, text.len);
	buf_release(&text);
}

/* FastAPI lists what is wrong with a request; the first is enough. */
static struct jspan detail_text(struct jspan detail)
{
	struct jfield msg = {.name = "msg"};
	struct jspan first = {0};

	if (jspan_is_array(detail) && jspan_next_item(detail, &first) && jspan_fields(first, &msg, 1))
		return msg.value;
	return detail;
}

/* The object that carries the message: the error itself, or the body around it. */
static void from_object(struct jspan object, struct upstream_error *ret)
{
	enum { MESSAGE, TYPE, CODE, STATUS, DETAIL, N };
	struct jfield f[N] = {{.name = "message"}, {.name = "type"}, {.name = "code"}, {.name = "status"},
			      {.name = "detail"}};

	jspan_fields(object, f, N);
	copy_span(ret->message, sizeof(ret->message),
		  f[MESSAGE].value.at != NULL ? f[MESSAGE].value : detail_text(f[DETAIL].value));
	copy_span(ret->type, sizeof(ret->type), f[TYPE].value.at != NULL ? f[TYPE].value : f[STATUS].value);
	copy_span(ret->code, sizeof(ret->code), f[CODE].value);
}

void upstream_error_from(struct jspan error, struct upstream_error *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (jspan_is_object(error))
		from_object(error, ret);
	else if (jspan_is_string(error))
		copy_span(ret->message, sizeof(ret->message), error);
}

void upstream_error_read(const char *body, size_t len, struct upstream_error *ret)
{
	struct jfield error = {.name = "error"}, code = {.name = "code"};
	struct jspan whole = {body, len};

	memset(ret, 0, sizeof(*ret));
	while (whole.len > 0 && strchr(" \t\r\n", *whole.at) != NULL) {
		whole.at++;
		whole.len--;
	}
	if (jscan_object(whole.at, whole.len, &error, 1, NULL) == 0) {
		upstream_error_from(jspan_is_null(error.value) ? whole : error.value, ret);
		if (jspan_is_string(error.value) && jspan_fields(whole, &code, 1))
			copy_span(ret->code, sizeof(ret->code), code.value);
	} else if (whole.len > 0 && *whole.at != '<' && *whole.at != '{') {
		copy_clean(ret->message, sizeof(ret->message), whole.at, whole.len);
	}
}

int upstream_error_inside(struct jspan error, struct err *err)
{
	struct upstream_error said;

	upstream_error_from(error, &said);
	if (said.message[0] == '\0')
		copy_text(said.message, sizeof(said.message), said.type[0] != '\0' ? said.type : "no reason given");
	return err_set(err, ERR_INVALID, "an error inside the answer: %s", said.message);
}
