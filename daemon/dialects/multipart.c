/* SPDX-License-Identifier: MIT */
/* The parts of a multipart body are walked here; nothing is copied. */
#include "dialects/multipart.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"

/* RFC 2046, section 5.1.1: up to 70 characters, behind two hyphens. */
enum { DELIMITER_MAX = 72 };

/* What stands before the first needle, and what behind it. */
static bool split(struct jspan text, const char *needle, size_t len, struct jspan *before, struct jspan *behind)
{
	const char *at = text.len > 0 ? memmem(text.at, text.len, needle, len) : NULL;

	if (at == NULL)
		return false;
	*before = (struct jspan){text.at, (size_t)(at - text.at)};
	*behind = (struct jspan){at + len, text.len - before->len - len};
	return true;
}

bool multipart_begin(struct multipart *m, const char *body, size_t len)
{
	struct jspan behind;

	if (!split((struct jspan){body, len}, "\r\n", 2, &m->delimiter, &behind) || m->delimiter.len < 3 ||
	    m->delimiter.len > DELIMITER_MAX || memcmp(body, "--", 2) != 0)
		return false;
	m->rest = (struct jspan){body, len};
	return true;
}

/* name="…" in a Content-Disposition; bare where nobody quoted it. */
static struct jspan parameter(struct jspan line, const char *name)
{
	size_t name_len = strlen(name);

	for (size_t i = 1; i + name_len < line.len; i++) {
		const char *at = line.at + i + name_len, *end = line.at + line.len;
		char stop = ';';

		if (strncasecmp(line.at + i, name, name_len) != 0 || *at != '=' || strchr("; \t", line.at[i - 1]) == NULL)
			continue;
		at++;
		if (at < end && *at == '"') {
			stop = '"';
			at++;
		}
		for (const char *p = at; p <= end; p++)
			if (p == end || *p == stop)
				return (struct jspan){at, (size_t)(p - at)};
	}
	return (struct jspan){0};
}

static void read_heads(struct jspan heads, struct multipart_part *ret)
{
	static const char disposition[] = "content-disposition:";
	struct jspan line, behind;

	while (heads.len > 0) {
		if (!split(heads, "\r\n", 2, &line, &behind)) {
			line = heads;
			behind = (struct jspan){0};
		}
		if (line.len > sizeof(disposition) - 1 && strncasecmp(line.at, disposition, sizeof(disposition) - 1) == 0) {
			ret->name = parameter(line, "name");
			ret->is_file = parameter(line, "filename").at != NULL || parameter(line, "filename*").at != NULL;
		}
		heads = behind;
	}
}

int multipart_next(struct multipart *m, struct multipart_part *ret)
{
	struct jspan rest = m->rest, heads, content;
	char end[DELIMITER_MAX + 3];

	memset(ret, 0, sizeof(*ret));
	rest.at += m->delimiter.len;
	rest.len -= m->delimiter.len;
	if (rest.len >= 2 && memcmp(rest.at, "--", 2) == 0)
		return 0;
	if (rest.len < 2 || memcmp(rest.at, "\r\n", 2) != 0 || !split(rest, "\r\n\r\n", 4, &heads, &content))
		return ERR_INVALID;
	/* The break before a delimiter belongs to it. */
	memcpy(end, "\r\n", 2);
	memcpy(end + 2, m->delimiter.at, m->delimiter.len);
	if (!split(content, end, m->delimiter.len + 2, &ret->value, &m->rest))
		return ERR_INVALID;
	m->rest.at -= m->delimiter.len;
	m->rest.len += m->delimiter.len;
	read_heads(heads, ret);
	return 1;
}

bool multipart_name_is(const struct multipart_part *part, const char *name)
{
	return part->name.len == strlen(name) && memcmp(part->name.at, name, part->name.len) == 0;
}
