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
	}
}

void frames_release(struct frames *f)
{
	switch (f->framing) {
	case FRAMING_SSE:
		sse_release(&f->sse);
		break;
	}
}

int frames_next(struct frames *f, const char **data, size_t *len, struct sse_event *ret)
{
	switch (f->framing) {
	case FRAMING_SSE:
		return sse_next(&f->sse, data, len, ret);
	}
	return 0;
}

int frames_finish(struct frames *f, struct sse_event *ret)
{
	switch (f->framing) {
	case FRAMING_SSE:
		return sse_finish(&f->sse, ret);
	}
	return 0;
}
