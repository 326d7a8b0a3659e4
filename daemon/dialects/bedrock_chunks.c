/* SPDX-License-Identifier: MIT */
/* Frames with an event of the model's own API inside are unpacked here. */
#include "dialects/bedrock_chunks.h"

#include <string.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/jscan.h"
#include "dialects/upstream_error.h"

void bedrock_chunks_init(struct bedrock_chunks *p, size_t max_frame)
{
	eventstream_init(&p->frames, max_frame);
	buf_init(&p->json, max_frame);
	buf_init(&p->text, max_frame + 256);
}

void bedrock_chunks_release(struct bedrock_chunks *p)
{
	eventstream_release(&p->frames);
	buf_release(&p->json);
	buf_release(&p->text);
}

static bool unpack(struct bedrock_chunks *p, const struct sse_event *frame)
{
	struct jfield bytes = {.name = "bytes"};

	if (jscan_object(frame->data, frame->data_len, &bytes, 1, NULL) < 0 || !jspan_is_string(bytes.value) ||
	    !base64_decode(bytes.value.at + 1, bytes.value.len - 2, &p->json) ||
	    jscan_object(p->json.data, p->json.len, NULL, 0, NULL) < 0)
		return false;
	/* Line ends stand between members only; an event's data is one line. */
	for (char *at = p->json.data; *at != '\0'; at++)
		if (*at == '\n' || *at == '\r')
			*at = ' ';
	return true;
}

static void write_exception(struct bedrock_chunks *p, const struct sse_event *frame)
{
	struct upstream_error e;

	upstream_error_read(frame->data, frame->data_len, &e);
	buf_puts(&p->json, "{\"type\":\"error\",\"error\":{\"type\":");
	buf_json_string(&p->json, frame->name, frame->name_len);
	buf_puts(&p->json, ",\"message\":");
	if (e.message[0] != '\0')
		buf_json_string(&p->json, e.message, strlen(e.message));
	else
		buf_json_string(&p->json, frame->name, frame->name_len);
	buf_puts(&p->json, "}}");
}

/* The type, where it can stand in an event's first line. */
static struct jspan type_of(const struct buf *json)
{
	struct jspan type = jspan_member(jspan_trim(json->data, json->len), "type");

	if (!jspan_is_string(type) || strspn(type.at + 1, "abcdefghijklmnopqrstuvwxyz_") != type.len - 2)
		return (struct jspan){0};
	return (struct jspan){type.at + 1, type.len - 2};
}

static void hand_out(struct bedrock_chunks *p, struct sse_event *ret)
{
	struct jspan type = type_of(&p->json);
	size_t name_at = 0, data_at;

	if (type.len > 0) {
		buf_puts(&p->text, "event: ");
		name_at = p->text.len;
		buf_add(&p->text, type.at, type.len);
		buf_putc(&p->text, '\n');
	}
	buf_puts(&p->text, "data: ");
	data_at = p->text.len;
	buf_add(&p->text, p->json.data, p->json.len);
	buf_puts(&p->text, "\n\n");
	*ret = (struct sse_event){
		.raw = p->text.data,
		.raw_len = p->text.len,
		.name = p->text.data + name_at,
		.name_len = type.len,
		.data = p->text.data + data_at,
		.data_len = p->json.len,
		.id = "",
		.has_data = true,
	};
}

int bedrock_chunks_next(struct bedrock_chunks *p, const char **data, size_t *len, struct sse_event *ret)
{
	struct sse_event frame;
	int r = eventstream_next(&p->frames, data, len, &frame);

	if (r <= 0)
		return r;
	buf_clear(&p->json);
	buf_clear(&p->text);
	if (frame.is_error)
		write_exception(p, &frame);
	else if (!unpack(p, &frame))
		return ERR_INVALID;
	hand_out(p, ret);
	return p->text.failed ? ERR_FULL : 1;
}
