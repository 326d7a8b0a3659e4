/* SPDX-License-Identifier: MIT */
#include "dialects/json_array.h"

#include "base/err.h"
#include "check.h"

/* Reads the text in pieces of that many bytes and writes down what came: an element's text and ';', or the
 * event's name and '.'.  An error is "!". */
static const char *read_in_pieces(const char *text, size_t piece)
{
	static struct buf log;
	struct json_array_parser p;
	size_t len = strlen(text);
	struct sse_event e;
	struct buf raw;
	int r = 0;

	buf_release(&log);
	buf_init(&log, 4096);
	buf_init(&raw, 4096);
	json_array_init(&p, 64);
	for (size_t at = 0; at < len && r >= 0; at += piece) {
		const char *data = text + at;
		size_t left = len - at < piece ? len - at : piece;

		while ((r = json_array_next(&p, &data, &left, &e)) > 0) {
			buf_add(&raw, e.raw, e.raw_len);
			if (e.has_data)
				buf_printf(&log, "%.*s;", (int)e.data_len, e.data);
			else
				buf_printf(&log, "%.*s.", (int)e.name_len, e.name);
		}
	}
	if (r < 0) {
		buf_puts(&log, r == ERR_FULL ? "full" : "!");
	} else {
		if (json_array_finish(&p, &e))
			buf_add(&raw, e.raw, e.raw_len);
		CHECK_TEXT(raw.data, text);
	}
	json_array_release(&p);
	buf_release(&raw);
	return log.data;
}

static void check_stream(const char *text, const char *want)
{
	for (size_t piece = 1; piece <= strlen(text); piece++)
		CHECK_TEXT(read_in_pieces(text, piece), want);
}

static void each_element_is_an_event_and_so_is_the_end(void)
{
	check_stream("[{\"a\": 1}\n,\r\n{\"b\": [1, {}]}\n]", "{\"a\": 1};{\"b\": [1, {}]};].");
	check_stream(" [ { } ] \n", "{ };].");
	check_stream("[]", "].");
}

static void brackets_in_strings_do_not_count(void)
{
	check_stream("[{\"a\": \"}]\\\"{\\\\\"},{}]", "{\"a\": \"}]\\\"{\\\\\"};{};].");
}

static void what_is_cut_off_has_no_end(void)
{
	check_stream("[{\"a\": 1},{\"b\"", "{\"a\": 1};");
	check_stream("[{\"a\": 1}", "{\"a\": 1};");
}

static void what_is_no_array_of_objects_is_refused(void)
{
	check_stream("{\"a\": 1}", "!");
	check_stream("[1, 2]", "!");
	check_stream("[{}] x", "{};].!");
	check_stream("<html>", "!");
}

static void an_element_has_a_ceiling(void)
{
	check_stream("[{\"a\": \"0123456789012345678901234567890123456789012345678901234567890123456789\"}]", "full");
}

CHECK_MAIN(TEST(each_element_is_an_event_and_so_is_the_end), TEST(brackets_in_strings_do_not_count),
	   TEST(what_is_cut_off_has_no_end), TEST(what_is_no_array_of_objects_is_refused), TEST(an_element_has_a_ceiling))
