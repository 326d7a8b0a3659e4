/* SPDX-License-Identifier: MIT */
/* The daemon's log lines are written here, each with a single write(). */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

static _Atomic enum log_level log_least = LOG_INFO;

void log_set_level(enum log_level least)
{
	atomic_store(&log_least, least);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	char text[1024], time[CLOCK_TEXT];
	struct buf line;
	va_list ap;

	if (level < atomic_load(&log_least))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_init(&line, 8192);
	buf_printf(&line, "%s %s ", clock_format(clock_wall_ms(), time), names[level]);
	text_clean(&line, text, strlen(text), false);
	buf_putc(&line, '\n');
	/* A full or closed stderr must not stop the daemon. */
	if (write(STDERR_FILENO, line.data, line.len) < 0) {
	}
	buf_release(&line);
}
