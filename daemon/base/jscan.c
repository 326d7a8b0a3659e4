/* SPDX-License-Identifier: MIT */
/* JSON is validated and its members found here, in one pass over the text. */
#include "base/jscan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

/* Where the scan stands.  `wrong` is the first complaint; at then stays where it was found. */
struct scan {
	const char *start, *at, *end;
	const char *wrong;
	const char *field;      /* the named member it is about, or NULL */
};

static bool fail(struct scan *s, const char *wrong)
{
	if (s->wrong == NULL)
		s->wrong = wrong;
	return false;
}

static void skip_space(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

/* Whether one of eight bytes is a quote, a backslash or a control character. */
static bool word_stops(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t w, quote, slash;

	memcpy(&w, p, sizeof(w));
	quote = w ^ ones * '"';
	slash = w ^ ones * '\\';
	return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((w - ones * 0x20) & ~w)) & high;
}

static bool skip_escape(struct scan *s)
{
	if (++s->at >= s->end)
		return fail(s, "the string has no end");
	if (*s->at != 'u') {
		if (strchr("\"\\/bfnrt", *s->at) == NULL || *s->at == '\0')
			return fail(s, "no such escape in a string");
		s->at++;
		return true;
	}
	s->at++;
	for (int i = 0; i < 4; i++, s->at++)
		if (s->at >= s->end || !isxdigit((unsigned char)*s->at))
			return fail(s, "\\u takes four hexadecimal digits");
	return true;
}

static bool skip_string(struct scan *s)
{
	s->at++;
	for (;;) {
		while (s->end - s->at >= 8 && !word_stops(s->at))
			s->at += 8;
		if (s->at >= s->end)
			return fail(s, "the string has no end");
		if (*s->at == '"') {
			s->at++;
			return true;
		}
		if (*s->at == '\\') {
			if (!skip_escape(s))
				return false;
		} else if ((unsigned char)*s->at < 0x20) {
			return fail(s, "a control character in a string must be escaped");
		} else {
			s->at++;
		}
	}
}

static bool skip_digits(struct scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && isdigit((unsigned char)*s->at))
		s->at++;
	return s->at > from;
}

static bool skip_number(struct scan *s)
{
	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else if (!skip_digits(s))
		return fail(s, "expected a value");
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!skip_digits(s))
			return fail(s, "expected a digit after the point");
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!skip_digits(s))
			return fail(s, "expected a digit in the exponent");
	}
	return true;
}

static bool skip_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return fail(s, "expected a value");
	s->at += len;
	return true;
}

static bool skip_value(struct scan *s, unsigned depth);

static bool skip_array(struct scan *s, unsigned depth)
{
	s->at++;
	skip_space(s);
	if (s->at < s->end && *s->at == ']') {
		s->at++;
		return true;
	}
	for (;;) {
		if (!skip_value(s, depth))
			return false;
		skip_space(s);
		if (s->at < s->end && *s->at == ',') {
			s->at++;
			continue;
		}
		if (s->at < s->end && *s->at == ']') {
			s->at++;
			return true;
		}
		return fail(s, "expected ',' or ']'");
	}
}

static int field_index(struct jspan key, const struct jfield *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (jspan_equals(key, fields[i].name))
			return (int)i;
	return -1;
}

static bool keep_member(struct scan *s, struct jspan key, struct jspan value, struct jfield *fields,
			size_t n)
{
	int i = field_index(key, fields, n);

	if (i < 0)
		return true;
	if (fields[i].value.at != NULL) {
		s->at = key.at;
		s->field = fields[i].name;
		return fail(s, "the same member twice in one object");
	}
	fields[i].value = value;
	return true;
}

static bool read_member(struct scan *s, unsigned depth, struct jmember *ret)
{
	skip_space(s);
	ret->name.at = s->at;
	if (s->at >= s->end || *s->at != '"')
		return fail(s, "expected a member's name in double quotes");
	if (!skip_string(s))
		return false;
	ret->name.len = (size_t)(s->at - ret->name.at);
	skip_space(s);
	if (s->at >= s->end || *s->at != ':')
		return fail(s, "expected ':'");
	s->at++;
	skip_space(s);
	ret->value.at = s->at;
	if (!skip_value(s, depth))
		return false;
	ret->value.len = (size_t)(s->at - ret->value.at);
	return true;
}

static bool skip_member(struct scan *s, unsigned depth, struct jfield *fields, size_t n)
{
	struct jmember member;

	return read_member(s, depth, &member) &&
	       (n == 0 || keep_member(s, member.name, member.value, fields, n));
}

static bool skip_object(struct scan *s, unsigned depth, struct jfield *fields, size_t n)
{
	s->at++;
	skip_space(s);
	if (s->at < s->end && *s->at == '}') {
		s->at++;
		return true;
	}
	for (;;) {
		if (!skip_member(s, depth, fields, n))
			return false;
		skip_space(s);
		if (s->at < s->end && *s->at == ',') {
			s->at++;
			continue;
		}
		if (s->at < s->end && *s->at == '}') {
			s->at++;
			return true;
		}
		return fail(s, "expected ',' or '}'");
	}
}

static bool skip_value(struct scan *s, unsigned depth)
{
	skip_space(s);
	if (s->at >= s->end)
		return fail(s, "the text ends too early");
	switch (*s->at) {
	case '{':
	case '[':
		if (depth >= JSCAN_MAX_DEPTH)
			return fail(s, "nested deeper than 128 levels");
		return *s->at == '{' ? skip_object(s, depth + 1, NULL, 0) : skip_array(s, depth + 1);
	case '"':
		return skip_string(s);
	case 't':
		return skip_word(s, "true");
	case 'f':
		return skip_word(s, "false");
	case 'n':
		return skip_word(s, "null");
	default:
		return skip_number(s);
	}
}

static int finish(struct scan *s, bool ok, struct err *err)
{
	if (ok) {
		skip_space(s);
		if (s->at == s->end)
			return 0;
		fail(s, "something follows the value");
	}
	return err_set(err, ERR_INVALID, "not valid JSON at byte %zu: %s%s%s", (size_t)(s->at - s->start), s->wrong,
		       s->field != NULL ? ": " : "", s->field != NULL ? s->field : "");
}

int jscan_object(const char *text, size_t len, struct jfield *fields, size_t n, struct err *err)
{
	struct scan s = {.start = text, .at = text, .end = text + len};

	for (size_t i = 0; i < n; i++)
		fields[i].value = (struct jspan){0};
	skip_space(&s);
	if (s.at >= s.end || *s.at != '{')
		return finish(&s, fail(&s, len == 0 ? "the body is empty" : "expected an object"), err);
	return finish(&s, skip_object(&s, 1, fields, n), err);
}

int jscan_value(const char *text, size_t len, struct err *err)
{
	struct scan s = {.start = text, .at = text, .end = text + len};

	return finish(&s, skip_value(&s, 0), err);
}

bool jspan_fields(struct jspan span, struct jfield *fields, size_t n)
{
	struct scan s;

	for (size_t i = 0; i < n; i++)
		fields[i].value = (struct jspan){0};
	if (!jspan_is_object(span))
		return false;
	s = (struct scan){.start = span.at, .at = span.at, .end = span.at + span.len};
	return skip_object(&s, 1, fields, n);
}

struct jspan jspan_trim(const char *text, size_t len)
{
	struct scan s = {.start = text, .at = text, .end = text};

	if (len == 0) /* of nothing, perhaps */
		return (struct jspan){text, 0};
	s.end += len;
	skip_space(&s);
	while (s.end > s.at && memchr(" \n\r\t", s.end[-1], 4) != NULL)
		s.end--;
	return (struct jspan){s.at, (size_t)(s.end - s.at)};
}

struct jspan jspan_member(struct jspan object, const char *name)
{
	struct jfield f = {.name = name};

	return jspan_fields(object, &f, 1) ? f.value : (struct jspan){0};
}

bool jspan_next_item(struct jspan array, struct jspan *item)
{
	struct scan s;

	if (!jspan_is_array(array))
		return false;
	s = (struct scan){.start = array.at, .end = array.at + array.len};
	s.at = item->at == NULL ? array.at + 1 : item->at + item->len;
	skip_space(&s);
	if (item->at != NULL && s.at < s.end && *s.at == ',')
		s.at++;
	skip_space(&s);
	if (s.at >= s.end || *s.at == ']')
		return false;
	item->at = s.at;
	if (!skip_value(&s, 1))
		return false;
	item->len = (size_t)(s.at - item->at);
	return true;
}

bool jspan_next_member(struct jspan object, struct jmember *member)
{
	struct scan s;

	if (!jspan_is_object(object))
		return false;
	s = (struct scan){.start = object.at, .end = object.at + object.len};
	s.at = member->value.at == NULL ? object.at + 1 : member->value.at + member->value.len;
	skip_space(&s);
	if (member->value.at != NULL && s.at < s.end && *s.at == ',')
		s.at++;
	skip_space(&s);
	if (s.at >= s.end || *s.at == '}')
		return false;
	return read_member(&s, 1, member);
}

bool jspan_is_object(struct jspan s)
{
	return s.at != NULL && *s.at == '{';
}

bool jspan_is_array(struct jspan s)
{
	return s.at != NULL && *s.at == '[';
}

bool jspan_is_string(struct jspan s)
{
	return s.at != NULL && *s.at == '"';
}

bool jspan_is_null(struct jspan s)
{
	return s.at == NULL || *s.at == 'n';
}

bool jspan_bool(struct jspan s, bool *ret)
{
	if (s.at == NULL || (*s.at != 't' && *s.at != 'f'))
		return false;
	*ret = *s.at == 't';
	return true;
}

/* "12.0" and "1.2e1" are whole numbers in JSON's eyes; some providers write counts so. */
static bool int_with_fraction(const char *digits, int64_t *ret)
{
	char *end;
	double d = strtod(digits, &end);

	if (*end != '\0' || !(d > -9e15 && d < 9e15) || d != (double)(int64_t)d)
		return false;
	*ret = (int64_t)d;
	return true;
}

bool jspan_int(struct jspan s, int64_t *ret)
{
	char digits[40];
	int64_t n = 0;
	size_t i = 0;

	if (s.at == NULL || s.len == 0 || s.len >= sizeof(digits) ||
	    (*s.at != '-' && !isdigit((unsigned char)*s.at)))
		return false;
	if (s.len <= 18 && *s.at != '-') {
		while (i < s.len && isdigit((unsigned char)s.at[i]))
			n = n * 10 + (s.at[i++] - '0');
		if (i == s.len) {
			*ret = n;
			return true;
		}
	}
	memcpy(digits, s.at, s.len);
	digits[s.len] = '\0';
	return int_with_fraction(digits, ret);
}

static unsigned hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		v = v << 4 | (unsigned)(isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

static void put_utf8(struct buf *out, unsigned c)
{
	char b[4];
	size_t n = 0;

	if (c < 0x80) {
		b[n++] = (char)c;
	} else if (c < 0x800) {
		b[n++] = (char)(0xc0 | c >> 6);
		b[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		b[n++] = (char)(0xe0 | c >> 12);
		b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		b[n++] = (char)(0xf0 | c >> 18);
		b[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (c & 0x3f));
	}
	buf_add(out, b, n);
}

/* \uXXXX at p (behind the u), with its second half where it is a pair; returns where to go on. */
static const char *put_unicode(struct buf *out, const char *p, const char *end)
{
	unsigned c = hex4(p);

	p += 4;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		unsigned low = hex4(p + 2);

		if (low >= 0xdc00 && low < 0xe000) {
			put_utf8(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
			return p + 6;
		}
	}
	put_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return p;
}

bool jspan_text(struct jspan s, struct buf *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *p, *end;

	if (!jspan_is_string(s))
		return false;
	p = s.at + 1;
	end = s.at + s.len - 1;
	while (p < end) {
		const char *slash = memchr(p, '\\', (size_t)(end - p)), *known;

		if (slash == NULL)
			slash = end;
		buf_add(out, p, (size_t)(slash - p));
		if (slash == end)
			break;
		if (slash[1] == 'u') {
			p = put_unicode(out, slash + 2, end);
			continue;
		}
		known = strchr(from, slash[1]);
		buf_putc(out, known != NULL ? to[known - from] : slash[1]);
		p = slash + 2;
	}
	return !out->failed;
}

bool jspan_copy(struct jspan s, char *out, size_t size)
{
	struct buf text;
	bool ok;

	out[0] = '\0';
	if (!jspan_is_string(s))
		return false;
	if (s.len - 2 < size && memchr(s.at, '\\', s.len) == NULL) {
		memcpy(out, s.at + 1, s.len - 2);
		out[s.len - 2] = '\0';
		return memchr(out, '\0', s.len - 2) == NULL;
	}
	buf_init(&text, s.len);
	ok = jspan_text(s, &text) && text.len < size && memchr(text.data, '\0', text.len) == NULL;
	if (ok)
		memcpy(out, text.data, text.len + 1);
	buf_release(&text);
	return ok;
}

bool jspan_copy_cut(struct jspan s, char *out, size_t size)
{
	struct buf text;
	size_t n = 0, step;

	out[0] = '\0';
	if (!jspan_is_string(s))
		return false;
	if (jspan_copy(s, out, size))
		return true;
	buf_init(&text, s.len);
	jspan_text(s, &text);
	while (n < text.len && text.data[n] != '\0') {
		step = text_utf8_len(text.data + n, text.len - n);
		if (step == 0)
			step = 1;
		if (n + step >= size)
			break;
		n += step;
	}
	memcpy(out, text.data, n);
	out[n] = '\0';
	buf_release(&text);
	return true;
}

/* What the escape behind the backslash at p stands for, in UTF-8, and how long it is in the text. */
static size_t escape_len(const char *p, const char *end, size_t *ret_bytes)
{
	unsigned c;

	if (p[1] != 'u') {
		*ret_bytes = 1;
		return 2;
	}
	c = hex4(p + 2);
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u' &&
	    (hex4(p + 8) & 0xfc00) == 0xdc00) {
		*ret_bytes = 4;
		return 12;
	}
	*ret_bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
	return 6;
}

size_t jspan_text_len(struct jspan s)
{
	const char *p, *end;
	size_t len = 0;

	if (!jspan_is_string(s))
		return 0;
	p = s.at + 1;
	end = s.at + s.len - 1;
	for (;;) {
		const char *slash = p < end ? memchr(p, '\\', (size_t)(end - p)) : NULL;
		size_t bytes;

		if (slash == NULL)
			return len + (size_t)(end - p);
		len += (size_t)(slash - p);
		p = slash + escape_len(slash, end, &bytes);
		len += bytes;
	}
}

bool jspan_equals(struct jspan s, const char *text)
{
	size_t len = strlen(text);
	char copy[64];

	if (!jspan_is_string(s))
		return false;
	if (s.len == len + 2 && memcmp(s.at + 1, text, len) == 0)
		return true;
	/* An escape may spell the same name: "mo\u0064el". */
	return s.len > len + 2 && s.len < 6 * sizeof(copy) && memchr(s.at, '\\', s.len) != NULL &&
	       jspan_copy(s, copy, sizeof(copy)) && strcmp(copy, text) == 0;
}
