/* SPDX-License-Identifier: MIT */
/* A stream of server-sent events is taken apart here. */
#include "model/events.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* The line at in->data + at without its end, and where the next begins; false when it is not complete.
 * A CR at the very end of what came may still be half of a CR LF. */
static bool find_line(const struct buf *in, size_t at, size_t *ret_len, size_t *ret_next)
{
	size_t end = at;

	while (end < in->len && in->data[end] != '\n' && in->data[end] != '\r')
		end++;
	if (end == in->len || (in->data[end] == '\r' && end + 1 == in->len))
		return false;
	*ret_len = end - at;
	*ret_next = end + (in->data[end] == '\r' && in->data[end + 1] == '\n' ? 2 : 1);
	return true;
}

/* The value of "field: value" if the line is of this field, else NULL. */
static const char *field_value(const char *line, size_t len, const char *field, size_t *ret_len)
{
	size_t n = strlen(field);

	if (len < n || memcmp(line, field, n) != 0 || (len > n && line[n] != ':'))
		return NULL;
	n += len > n;
	n += n < len && line[n] == ' ';
	*ret_len = len - n;
	return line + n;
}

static void take_line(const char *line, size_t len, char name[EVENT_NAME], struct buf *data, bool *has_data)
{
	const char *value;
	size_t value_len;

	value = field_value(line, len, "event", &value_len);
	if (value != NULL) {
		value_len = value_len < EVENT_NAME - 1 ? value_len : EVENT_NAME - 1;
		memcpy(name, value, value_len);
		name[value_len] = '\0';
		return;
	}
	value = field_value(line, len, "data", &value_len);
	if (value == NULL)
		return;
	if (*has_data)
		buf_putc(data, '\n');
	buf_add(data, value, value_len);
	*has_data = true;
}

bool events_next(struct buf *in, char name[EVENT_NAME], struct buf *data)
{
	size_t at = 0, len, next;
	bool has_data = false;

	buf_clear(data);
	copy_text(name, EVENT_NAME, "message");
	while (find_line(in, at, &len, &next)) {
		take_line(in->data + at, len, name, data, &has_data);
		at = next;
		if (len > 0)
			continue;
		buf_consume(in, at);
		if (has_data)
			return true;
		at = 0;
		copy_text(name, EVENT_NAME, "message");
	}
	return false;
}
