/* SPDX-License-Identifier: MIT */
/*
 * bedrock_chunks.h — what InvokeModelWithResponseStream sends, as the server-sent events it would be elsewhere.
 *
 * Each frame of AWS's event stream holds {"bytes": "…"}, which is an event of the model's own API in base 64.  What
 * comes out is that event, framed as Anthropic frames it; an exception comes out as Anthropic's error event.
 */
#ifndef DIALECTS_BEDROCK_CHUNKS_H
#define DIALECTS_BEDROCK_CHUNKS_H

#include "dialects/eventstream.h"

struct bedrock_chunks {
	struct eventstream frames;
	struct buf json, text;          /* of the event handed out: its data, and all of it */
};

void bedrock_chunks_init(struct bedrock_chunks *p, size_t max_frame);
void bedrock_chunks_release(struct bedrock_chunks *p);

/* As eventstream_next(); ERR_INVALID also where a frame does not hold what it should. */
int bedrock_chunks_next(struct bedrock_chunks *p, const char **data, size_t *len, struct sse_event *ret);

#endif
