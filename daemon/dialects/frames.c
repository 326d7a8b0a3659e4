/* SPDX-License-Identifier: MIT */
/* The parser of a stream is chosen by its framing here. */
#include "dialects/frames.h"

#include <string.h>

void frames_init(struct frames *f, enum framing framing, size_t max_event)
{
	memset(f, 0, sizeof(*f));
	f->framing = framing;
	switch (framing) {
	case FRAMING_SSE:
		sse_init(&f->sse, max_event);
		break;
	case FRAMING_JSON_ARRAY:
		json_array_init(&f->json_array, max_event);
		break;
	case FRAMING_NONE:
		break;
	case FRAMING_EVENTSTREAM:
		eventstream_init(&f->eventstream, max_event);
		break;
	case FRAMING_BEDROCK_CHUNKS:
		bedrock_chunks_init(&f->bedrock_chunks, max_event);
		break;
	}
}

void frames_release(struct frames *f)
{
	switch (f->framing) {
	case FRAMING_SSE:
		sse_release(&f->sse);
		break;
	case FRAMING_JSON_ARRAY:
		json_array_release(&f->json_array);
		break;
	case FRAMING_NONE:
		break;
	case FRAMING_EVENTSTREAM:
		eventstream_release(&f->eventstream);
		break;
	case FRAMING_BEDROCK_CHUNKS:
		bedrock_chunks_release(&f->bedrock_chunks);
		break;
	}
}

/* Whatever came is an event. */
static int take_all(const char **data, size_t *len, struct sse_event *ret)
{
	*ret = (struct sse_event){.raw = *data, .raw_len = *len, .data = *data, .data_len = *len, .has_data = true};
	*data += *len;
	*len = 0;
	return ret->raw_len > 0;
}

int frames_next(struct frames *f, const char **data, size_t *len, struct sse_event *ret)
{
	switch (f->framing) {
	case FRAMING_SSE:
		return sse_next(&f->sse, data, len, ret);
	case FRAMING_JSON_ARRAY:
		return json_array_next(&f->json_array, data, len, ret);
	case FRAMING_NONE:
		return take_all(data, len, ret);
	case FRAMING_EVENTSTREAM:
		return eventstream_next(&f->eventstream, data, len, ret);
	case FRAMING_BEDROCK_CHUNKS:
		return bedrock_chunks_next(&f->bedrock_chunks, data, len, ret);
	}
	return 0;
}

int frames_finish(struct frames *f, struct sse_event *ret)
{
	switch (f->framing) {
	case FRAMING_SSE:
		return sse_finish(&f->sse, ret);
	case FRAMING_JSON_ARRAY:
		return json_array_finish(&f->json_array, ret);
	case FRAMING_NONE:
		return 0;
	case FRAMING_EVENTSTREAM:
	case FRAMING_BEDROCK_CHUNKS:
		return 0; /* what is left of a frame is none */
	}
	return 0;
}
