/* SPDX-License-Identifier: MIT */
#include "dialects/sse.h"

#include "check.h"

/* Reads the text in pieces of that many bytes and writes down what came: name|data; with '-' for a
 * block without data. */
static const char *read_in_pieces(const char *text, size_t len, size_t piece)
{
	static struct buf log;
	struct sse_parser p;
	struct sse_event e;
	struct buf raw;

	buf_release(&log);
	buf_init(&log, 4096);
	buf_init(&raw, 4096);
	sse_init(&p, 1024);
	for (size_t at = 0; at < len; at += piece) {
		const char *data = text + at;
		size_t left = len - at < piece ? len - at : piece;

		while (sse_next(&p, &data, &left, &e) > 0) {
			buf_add(&raw, e.raw, e.raw_len);
			buf_printf(&log, "%.*s|%.*s;", (int)e.name_len, e.name, e.has_data ? (int)e.data_len : 1,
				   e.has_data ? e.data : "-");
		}
	}
	if (sse_finish(&p, &e)) {
		buf_add(&raw, e.raw, e.raw_len);
		if (e.has_data)
			buf_printf(&log, "%.*s|%.*s.", (int)e.name_len, e.name, (int)e.data_len, e.data);
	}
	CHECK(raw.len == len && memcmp(raw.data, text, len) == 0);
	sse_release(&p);
	buf_release(&raw);
	return log.data;
}

static void check_stream(const char *text, const char *want)
{
	for (size_t piece = 1; piece <= strlen(text); piece++)
		CHECK_TEXT(read_in_pieces(text, strlen(text), piece), want);
}

static void any_line_end_will_do(void)
{
	check_stream("data: a\n\ndata: b\n\n", "|a;|b;");
	check_stream("data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;");
	check_stream("data: a\r\rdata: b\r\r", "|a;|b;");
	check_stream("data: a\r\n\ndata: b\n\r\n", "|a;|b;");
}

static void lines_of_data_are_joined(void)
{
	check_stream("data: a\ndata:b\ndata\ndata:  c\n\n", "|a\nb\n\n c;");
}

static void names_and_comments_are_told_from_data(void)
{
	check_stream(": ping\n\nevent: error\nid: 7\ndata: {\"a\":1}\nretry: 3\n\n", "|-;error|{\"a\":1};");
	check_stream("event:x\n\ndata:y\n\n", "x|-;|y;");
}

static void a_byte_order_mark_is_skipped_once(void)
{
	check_stream("\xef\xbb\xbf" "data: a\n\n\xef\xbb\xbf" "data: b\n\n", "|a;|-;");
}

static void the_last_block_may_lack_its_blank_line(void)
{
	check_stream("data: a\n\ndata: b\n", "|a;|b.");
	check_stream("data: a\n\ndata: b", "|a;|b.");
	check_stream("data: a\r\ndata: b\r", "|a\nb.");
}

static void a_block_has_the_whole_of_its_last_line_end(void)
{
	const char *pieces[] = {"data: a\r\n\r", "\ndata: b\r\n\r\n"}, *data = pieces[0];
	size_t len = strlen(data);
	struct sse_parser p;
	struct sse_event e;

	sse_init(&p, 1024);
	CHECK_INT(sse_next(&p, &data, &len, &e), 0);
	data = pieces[1];
	len = strlen(data);
	CHECK_INT(sse_next(&p, &data, &len, &e), 1);
	CHECK(e.raw_len == 11 && memcmp(e.raw, "data: a\r\n\r\n", 11) == 0);
	CHECK_INT(sse_next(&p, &data, &len, &e), 1);
	CHECK(e.raw_len == 11 && len == 0);
	sse_release(&p);
}

static void a_block_over_the_ceiling_is_refused(void)
{
	char text[2000];
	const char *data = text;
	size_t len = sizeof(text);
	struct sse_parser p;
	struct sse_event e;

	memset(text, 'x', sizeof(text));
	sse_init(&p, 1024);
	CHECK(sse_next(&p, &data, &len, &e) < 0);
	sse_release(&p);
}

static void an_event_is_written_with_its_name(void)
{
	struct buf out;

	buf_init(&out, 100);
	sse_write(&out, "ping", "{}", 2);
	sse_write(&out, NULL, "[DONE]", 6);
	CHECK_TEXT(out.data, "event: ping\ndata: {}\n\ndata: [DONE]\n\n");
	buf_release(&out);
}

CHECK_MAIN(TEST(any_line_end_will_do), TEST(lines_of_data_are_joined),
	   TEST(names_and_comments_are_told_from_data), TEST(a_byte_order_mark_is_skipped_once),
	   TEST(the_last_block_may_lack_its_blank_line), TEST(a_block_has_the_whole_of_its_last_line_end), TEST(a_block_over_the_ceiling_is_refused),
	   TEST(an_event_is_written_with_its_name))
