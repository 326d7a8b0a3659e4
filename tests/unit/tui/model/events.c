/* SPDX-License-Identifier: MIT */
/* Server-sent events are cut out of a stream, however it arrives. */
#include "model/events.h"

#include "base/buf.h"
#include "check.h"

static const char stream[] = ": a comment\n\n"
			     "event: pulse\ndata: {\"a\":1}\n\n"
			     "data:one\r\ndata: two\r\n\r\n"
			     "event: dropped\n\n"
			     "event: last\rdata\r\rdata: never complete";

/* The events of the stream, given in two parts, as one text. */
static void read_parts(size_t cut, struct buf *out)
{
	struct buf in, data;
	char name[EVENT_NAME];

	buf_init(&in, 4096);
	buf_init(&data, 4096);
	buf_add(&in, stream, cut);
	while (events_next(&in, name, &data))
		buf_printf(out, "%s=%s|", name, data.data);
	buf_add(&in, stream + cut, strlen(stream) - cut);
	while (events_next(&in, name, &data))
		buf_printf(out, "%s=%s|", name, data.data);
	buf_release(&in);
	buf_release(&data);
}

static void events_are_the_same_wherever_the_stream_is_cut(void)
{
	for (size_t cut = 0; cut < sizeof(stream); cut++) {
		struct buf out;

		buf_init(&out, 4096);
		read_parts(cut, &out);
		CHECK_TEXT(out.data, "pulse={\"a\":1}|message=one\ntwo|last=|");
		buf_release(&out);
	}
}

static void a_long_event_name_is_cut(void)
{
	struct buf in, data;
	char name[EVENT_NAME];

	buf_init(&in, 4096);
	buf_init(&data, 4096);
	buf_puts(&in, "event: 0123456789012345678901234567890123456789\ndata: x\n\n");
	CHECK(events_next(&in, name, &data));
	CHECK_TEXT(name, "0123456789012345678901234567890");
	CHECK_INT(in.len, 0);
	buf_release(&in);
	buf_release(&data);
}

CHECK_MAIN(TEST(events_are_the_same_wherever_the_stream_is_cut), TEST(a_long_event_name_is_cut))
