/* SPDX-License-Identifier: MIT */
/* A JSON array, cut anywhere, becomes events here: one for each of its elements. */
#include "dialects/json_array.h"

#include <string.h>

#include "base/err.h"

/* What a byte does to the stream. */
enum step {
	GOES_ON,
	ENDS_ELEMENT,
	CLOSES,                         /* the array */
	IS_WRONG,
};

void json_array_init(struct json_array_parser *p, size_t max_event)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->raw, max_event);
}

void json_array_release(struct json_array_parser *p)
{
	buf_release(&p->raw);
}

static int hand_out(struct json_array_parser *p, bool has_data, const char *name, struct sse_event *ret)
{
	const char *raw = p->raw.data;

	*ret = (struct sse_event){
		.raw = raw,
		.raw_len = p->raw.len,
		.name = name,
		.name_len = strlen(name),
		.data = raw + (has_data ? p->data_at : 0),
		.data_len = has_data ? p->raw.len - p->data_at : 0,
		.id = raw,
		.has_data = has_data,
	};
	p->over = true;
	return 1;
}

static enum step step_inside(struct json_array_parser *p, char c)
{
	if (p->in_string) {
		p->in_string = c != '"' || p->escaped;
		p->escaped = c == '\\' && !p->escaped;
		return GOES_ON;
	}
	if (c == '"')
		p->in_string = true;
	else if (c == '{' || c == '[')
		p->depth++;
	else if (c == '}' || c == ']')
		p->depth--;
	return p->depth == 1 ? ENDS_ELEMENT : GOES_ON;
}

/* Between elements, or around the array; at: where the byte will be in raw. */
static enum step step_between(struct json_array_parser *p, char c, size_t at)
{
	if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
		return GOES_ON;
	if (p->closed)
		return IS_WRONG;
	if (p->depth == 0) {
		p->depth = 1;
		return c == '[' ? GOES_ON : IS_WRONG;
	}
	if (c == '{') {
		p->data_at = at;
		p->depth = 2;
		return GOES_ON;
	}
	p->closed = c == ']';
	return p->closed ? CLOSES : c == ',' ? GOES_ON : IS_WRONG;
}

int json_array_next(struct json_array_parser *p, const char **data, size_t *len, struct sse_event *ret)
{
	enum step step = GOES_ON;
	size_t n = 0;

	if (p->over)
		buf_clear(&p->raw);
	p->over = false;
	for (; n < *len && step == GOES_ON; n++)
		step = p->depth > 1 ? step_inside(p, (*data)[n]) : step_between(p, (*data)[n], p->raw.len + n);
	if (step == IS_WRONG)
		return ERR_INVALID;
	if (!buf_add(&p->raw, *data, n))
		return ERR_FULL;
	*data += n;
	*len -= n;
	if (step == GOES_ON)
		return 0;
	return step == CLOSES ? hand_out(p, false, "]", ret) : hand_out(p, true, "", ret);
}

int json_array_finish(struct json_array_parser *p, struct sse_event *ret)
{
	if (p->over || p->raw.len == 0)
		return 0;
	return hand_out(p, false, "", ret);
}
