/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <unistd.h>

#include "check.h"

/* What was written to stderr meanwhile, by way of a pipe. */
static int saved, ends[2];

static void listen_in(void)
{
	CHECK(pipe(ends) == 0);
	saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
}

static const char *heard(void)
{
	static char text[16384];
	ssize_t n;

	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void a_line_has_time_level_and_text(void)
{
	const char *line;

	listen_in();
	log_warn("disk: %d%% full", 91);
	line = heard();
	CHECK(strlen(line) > 25 && line[4] == '-' && line[10] == 'T' && line[23] == 'Z');
	CHECK_TEXT(line + 24, " warn disk: 91% full\n");
}

static void what_is_below_the_level_is_not_written(void)
{
	listen_in();
	log_set_level(LOG_ERROR);
	log_warn("no");
	log_error("yes");
	log_set_level(LOG_INFO);
	log_debug("no");
	CHECK_TEXT(heard() + 24, " error yes\n");
}

static void hostile_text_stays_on_its_line(void)
{
	listen_in();
	log_info("name=%s", "a\n2026 error forged\x1b[2J");
	CHECK_TEXT(heard() + 24, " info name=a 2026 error forged\\x1b[2J\n");
}

static void long_lines_are_cut_and_end(void)
{
	char much[5000];
	const char *line;

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	listen_in();
	log_info("%s", much);
	line = heard();
	CHECK(strlen(line) < 2000 && line[strlen(line) - 1] == '\n');
}

CHECK_MAIN(TEST(a_line_has_time_level_and_text), TEST(what_is_below_the_level_is_not_written),
	   TEST(hostile_text_stays_on_its_line), TEST(long_lines_are_cut_and_end))
