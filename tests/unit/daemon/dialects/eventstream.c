/* SPDX-License-Identifier: MIT */
#include "dialects/eventstream.h"

#include "base/err.h"
#include "check.h"
#include "tests/eventstream.h"

enum { MAX_FRAME = 4096 };

static struct buf stream, seen;

static void begin(void)
{
	buf_release(&stream);
	buf_init(&stream, 1 << 20);
}

/* Reads the stream in pieces of that many bytes; seen is name|data; with '!' before errors.  What the parser said last. */
static int read_in_pieces(size_t piece)
{
	struct eventstream p;
	struct sse_event e;
	struct buf raw;
	int r = 0;

	buf_release(&seen);
	buf_init(&seen, 1 << 20);
	buf_init(&raw, 1 << 20);
	eventstream_init(&p, MAX_FRAME);
	for (size_t at = 0; at < stream.len && r >= 0; at += piece) {
		const char *data = stream.data + at;
		size_t left = stream.len - at < piece ? stream.len - at : piece;

		while ((r = eventstream_next(&p, &data, &left, &e)) > 0) {
			CHECK(e.has_data);
			buf_add(&raw, e.raw, e.raw_len);
			buf_printf(&seen, "%s%.*s|%.*s;", e.is_error ? "!" : "", (int)e.name_len, e.name, (int)e.data_len,
				   e.data);
		}
	}
	CHECK(raw.len <= stream.len && memcmp(raw.data, stream.data, raw.len) == 0);
	eventstream_release(&p);
	buf_release(&raw);
	return r;
}

static void check_stream(int result, const char *want)
{
	for (size_t piece = 1; piece <= stream.len; piece++) {
		CHECK_INT(read_in_pieces(piece), result);
		CHECK_TEXT(seen.data, want);
	}
}

/* The frames that AWS's own description of the encoding has as examples. */
static void frames_of_other_encoders_are_read(void)
{
	static const unsigned char bare[] = {0, 0, 0, 30, 0, 0, 0, 0, 186, 242, 246, 138, '{', '"', 'f',
					     'o', 'o', '"', ':', ' ', '"', 'b', 'a', 'r', '"', '}', 174, 114, 88, 228};
	static const char headers[] = "\0\0\0\x3d\0\0\0\x20\x07\xfd\x83\x96\x0c"
				      "content-type\x07\0\x10"
				      "application/json{'foo':'bar'}\x8d\x9c\x08\xb1";

	begin();
	buf_add(&stream, bare, sizeof(bare));
	buf_add(&stream, headers, sizeof(headers) - 1);
	check_stream(0, "|{\"foo\": \"bar\"};|{'foo':'bar'};");
}

static void events_have_their_names_and_payloads(void)
{
	begin();
	frame_event(&stream, "messageStart", "{\"role\":\"assistant\"}");
	frame_event(&stream, "metadata", "");
	check_stream(0, "messageStart|{\"role\":\"assistant\"};metadata|;");
}

static void exceptions_and_errors_are_told_apart_from_events(void)
{
	struct buf headers;

	begin();
	frame_event(&stream, "throttlingException", "{\"message\":\"slow down\"}");
	buf_init(&headers, 4096);
	frame_header(&headers, ":message-type", "error");
	frame_header(&headers, ":error-code", "InternalError");
	frame_header(&headers, ":error-message", "it broke");
	frame_put(&stream, &headers, "", 0);
	buf_release(&headers);
	check_stream(0, "!throttlingException|{\"message\":\"slow down\"};!InternalError|it broke;");
}

static void headers_of_every_type_are_stepped_over(void)
{
	static const char others[] = "\x01" "a\x00" "\x01" "b\x01" "\x01" "c\x02\x7f" "\x01" "d\x03\x01\x02"
				     "\x01" "e\x04\1\2\3\4" "\x01" "f\x05\1\2\3\4\5\6\7\x08" "\x01" "g\x06\0\x03xyz"
				     "\x01" "h\x08\1\2\3\4\5\6\7\x08" "\x01" "i\x09" "0123456789abcdef";
	struct buf headers;

	begin();
	buf_init(&headers, 4096);
	buf_add(&headers, others, sizeof(others) - 1);
	frame_header(&headers, ":event-type", "named");
	buf_add(&headers, "\x0b:event-type\x00", 13); /* of another type: says nothing */
	frame_put(&stream, &headers, "{}", 2);
	buf_release(&headers);
	check_stream(0, "named|{};");
}

static void a_header_that_does_not_fit_is_refused(void)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {{"\x05" "abc", 4}, {"\x01" "a", 2}, {"\x01" "a\x0a", 3}, {"\x01" "a\x04\1\2", 5}, {"\x01" "a\x07\0", 4},
		     {"\x01" "a\x07\0\x04xyz", 8}, {"\x01" "a\x09" "0123456789abcde", 18}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf headers;

		begin();
		buf_init(&headers, 4096);
		buf_add(&headers, wrong[i].bytes, wrong[i].len);
		frame_put(&stream, &headers, "{}", 2);
		buf_release(&headers);
		check_stream(ERR_INVALID, "");
	}
}

static void any_flipped_bit_is_noticed(void)
{
	begin();
	frame_event(&stream, "messageStop", "{\"stopReason\":\"end_turn\"}");
	for (size_t bit = 0; bit < stream.len * 8; bit++) {
		stream.data[bit / 8] ^= (char)(1 << bit % 8);
		CHECK(read_in_pieces(stream.len) < 0);
		CHECK_TEXT(seen.data, "");
		stream.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK_INT(read_in_pieces(stream.len), 0);
}

static void a_frame_over_the_ceiling_is_refused_before_it_comes(void)
{
	begin();
	frame_number(&stream, MAX_FRAME + 1);
	frame_number(&stream, 0);
	frame_number(&stream, (uint32_t)crc32(0, (const unsigned char *)stream.data, 8));
	check_stream(ERR_FULL, "");
}

static void lengths_that_contradict_each_other_are_refused(void)
{
	static const uint32_t lengths[][2] = {{15, 0}, {20, 5}, {0, 0}, {200000, 131073}};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		begin();
		frame_number(&stream, lengths[i][0]);
		frame_number(&stream, lengths[i][1]);
		frame_number(&stream, (uint32_t)crc32(0, (const unsigned char *)stream.data, 8));
		check_stream(ERR_INVALID, "");
	}
}

CHECK_MAIN(TEST(frames_of_other_encoders_are_read), TEST(events_have_their_names_and_payloads),
	   TEST(exceptions_and_errors_are_told_apart_from_events), TEST(headers_of_every_type_are_stepped_over),
	   TEST(a_header_that_does_not_fit_is_refused), TEST(any_flipped_bit_is_noticed),
	   TEST(a_frame_over_the_ceiling_is_refused_before_it_comes), TEST(lengths_that_contradict_each_other_are_refused))
