/* SPDX-License-Identifier: MIT */
/* A stream of bytes, cut anywhere, becomes server-sent events here. */
#include "dialects/sse.h"

#include <string.h>

#include "base/err.h"

void sse_init(struct sse_parser *p, size_t max_block)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->raw, max_block);
	buf_init(&p->joined, max_block);
}

void sse_release(struct sse_parser *p)
{
	buf_release(&p->raw);
	buf_release(&p->joined);
}

static void start_block(struct sse_parser *p)
{
	buf_clear(&p->raw);
	buf_clear(&p->joined);
	p->name = p->data = p->id = (struct sse_mark){0};
	p->data_lines = 0;
	p->line_start = 0;
	p->over = p->ends_with_lf = false;
}

/* Only a second line makes joining, and copying, necessary. */
static void add_data(struct sse_parser *p, struct sse_mark value)
{
	if (p->data_lines++ == 0) {
		p->data = value;
		return;
	}
	if (p->data_lines == 2)
		buf_add(&p->joined, p->raw.data + p->data.at, p->data.len);
	buf_putc(&p->joined, '\n');
	buf_add(&p->joined, p->raw.data + value.at, value.len);
}

static void take_line(struct sse_parser *p, struct sse_mark line)
{
	const char *text = p->raw.data + line.at, *colon = memchr(text, ':', line.len);
	size_t name_len = colon != NULL ? (size_t)(colon - text) : line.len;
	struct sse_mark value = {line.at + line.len, 0};

	if (colon != NULL) {
		value.at = line.at + name_len + 1;
		value.len = line.len - name_len - 1;
		if (value.len > 0 && p->raw.data[value.at] == ' ') {
			value.at++;
			value.len--;
		}
	}
	if (name_len == 4 && memcmp(text, "data", 4) == 0)
		add_data(p, value);
	else if (name_len == 5 && memcmp(text, "event", 5) == 0)
		p->name = value;
	else if (name_len == 2 && memcmp(text, "id", 2) == 0)
		p->id = value;
}

/* The line in raw from line_start up to its end, which is not counted in; the mark is stepped over. */
static struct sse_mark current_line(struct sse_parser *p, size_t end)
{
	struct sse_mark line = {p->line_start, end - p->line_start};

	if (!p->past_first_line && line.len >= 3 && memcmp(p->raw.data + line.at, "\xef\xbb\xbf", 3) == 0) {
		line.at += 3;
		line.len -= 3;
	}
	p->past_first_line = true;
	return line;
}

static int hand_out(struct sse_parser *p, struct sse_event *ret)
{
	const char *raw = p->raw.data;

	*ret = (struct sse_event){
		.raw = raw,
		.raw_len = p->raw.len,
		.name = raw + p->name.at,
		.name_len = p->name.len,
		.data = p->data_lines > 1 ? p->joined.data : raw + p->data.at,
		.data_len = p->data_lines > 1 ? p->joined.len : p->data.len,
		.id = raw + p->id.at,
		.id_len = p->id.len,
		.has_data = p->data_lines > 0,
	};
	p->over = true;
	return 1;
}

static size_t to_line_end(const char *data, size_t len, bool *ret_found)
{
	const char *lf = memchr(data, '\n', len);
	size_t n = lf != NULL ? (size_t)(lf - data) : len;
	const char *cr = memchr(data, '\r', n);

	*ret_found = lf != NULL || cr != NULL;
	return cr != NULL ? (size_t)(cr - data) : n;
}

static bool take_bytes(struct sse_parser *p, const char **data, size_t *len, size_t n)
{
	if (!buf_add(&p->raw, *data, n))
		return false;
	*data += n;
	*len -= n;
	return true;
}

/* An LF that belongs to the CR before it.  False when there is no room. */
static bool take_lf(struct sse_parser *p, const char **data, size_t *len)
{
	if (!take_bytes(p, data, len, 1))
		return false;
	p->line_start = p->raw.len;
	p->after_cr = false;
	p->knows_crlf = true;
	return true;
}

/*
 * A block's last CR may have its LF still to come.  Where the stream's lines end so it is waited for: whoever
 * forwards the block would else keep its last byte back until the next one.
 */
static int end_block(struct sse_parser *p, const char **data, size_t *len, struct sse_event *ret)
{
	if (p->after_cr && *len > 0 && **data == '\n' && !take_lf(p, data, len))
		return ERR_FULL;
	p->ends_with_lf = p->after_cr && *len == 0 && p->knows_crlf;
	return p->ends_with_lf ? 0 : hand_out(p, ret);
}

int sse_next(struct sse_parser *p, const char **data, size_t *len, struct sse_event *ret)
{
	if (p->over)
		start_block(p);
	if (p->ends_with_lf && *len > 0)
		return end_block(p, data, len, ret);
	while (*len > 0) {
		struct sse_mark line;
		bool found;
		size_t n;

		if (p->after_cr && **data == '\n') {
			if (!take_lf(p, data, len))
				return ERR_FULL;
			continue;
		}
		n = to_line_end(*data, *len, &found);
		p->after_cr = found && (*data)[n] == '\r';
		if (!take_bytes(p, data, len, n + found))
			return ERR_FULL;
		if (!found)
			return 0;
		line = current_line(p, p->raw.len - 1);
		p->line_start = p->raw.len;
		if (line.len == 0)
			return end_block(p, data, len, ret);
		take_line(p, line);
	}
	return 0;
}

int sse_finish(struct sse_parser *p, struct sse_event *ret)
{
	if (p->over)
		start_block(p);
	if (p->raw.len == 0)
		return 0;
	if (p->raw.len > p->line_start)
		take_line(p, current_line(p, p->raw.len));
	return hand_out(p, ret);
}

bool sse_name_is(const struct sse_event *event, const char *name)
{
	return event->name_len == strlen(name) && memcmp(event->name, name, event->name_len) == 0;
}

bool sse_data_is(const struct sse_event *event, const char *data)
{
	return event->data_len == strlen(data) && memcmp(event->data, data, event->data_len) == 0;
}

void sse_write(struct buf *out, const char *name, const char *data, size_t len)
{
	if (name != NULL)
		buf_printf(out, "event: %s\n", name);
	buf_puts(out, "data: ");
	buf_add(out, data, len);
	buf_puts(out, "\n\n");
}
