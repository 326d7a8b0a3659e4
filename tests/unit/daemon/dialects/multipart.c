/* SPDX-License-Identifier: MIT */
#include "dialects/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "check.h"

static const char body[] = "--b0\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
			   "--b0\r\ncontent-type: audio/mpeg\r\ncontent-disposition: form-data; filename=\"a\\\".mp3\"; name=file\r\n\r\n"
			   "\r\n--b\r\n\r\n--b0\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b0--\r\n";

static void parts_are_found_with_their_names_and_bytes(void)
{
	struct multipart_part part;
	struct multipart m;

	CHECK(multipart_begin(&m, body, sizeof(body) - 1));
	CHECK_INT(multipart_next(&m, &part), 1);
	CHECK(multipart_name_is(&part, "model") && !part.is_file);
	CHECK(part.value.len == 7 && memcmp(part.value.at, "whisper", 7) == 0);
	CHECK_INT(multipart_next(&m, &part), 1);
	CHECK(multipart_name_is(&part, "file") && part.is_file);
	CHECK_INT(part.value.len, 7);
	CHECK_INT(multipart_next(&m, &part), 1);
	CHECK(multipart_name_is(&part, "empty"));
	CHECK_INT(part.value.len, 0);
	CHECK_INT(multipart_next(&m, &part), 0);
}

/* Each in memory of its own length, so that a sanitizer sees a byte read too many. */
static void every_beginning_of_a_body_is_short_and_none_is_read_past_its_end(void)
{
	/* Without the final line break it is whole. */
	for (size_t len = 0; len < sizeof(body) - 3; len++) {
		char *copy = memcpy(malloc(len + 1), body, len);
		struct multipart_part part;
		struct multipart m;
		int r = ERR_INVALID;

		if (multipart_begin(&m, copy, len))
			while ((r = multipart_next(&m, &part)) > 0)
				;
		CHECK_INT(r, ERR_INVALID);
		free(copy);
	}
}

static void what_begins_otherwise_is_no_form(void)
{
	static const char *const others[] = {"", "{}", "--\r\n", "x--b\r\n", "----------------------------------------------"
					     "-----------------------------------------------\r\n"};
	struct multipart m;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		CHECK(!multipart_begin(&m, others[i], strlen(others[i])));
}

CHECK_MAIN(TEST(parts_are_found_with_their_names_and_bytes), TEST(every_beginning_of_a_body_is_short_and_none_is_read_past_its_end),
	   TEST(what_begins_otherwise_is_no_form))
