/* SPDX-License-Identifier: MIT */
/*
 * term.h — the terminal: the only file besides its own that includes curses is term.c.
 *
 * One terminal per process, owned by one thread.  Whatever ends the process, the terminal comes
 * back as it was: term_close(), and for deadly signals a prepared byte string.
 */
#ifndef DRAW_TERM_H
#define DRAW_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "draw/put.h"
#include "input/key.h"

struct term_options {
	bool ascii;             /* also when the locale is not UTF-8 */
	bool mono;              /* also with NO_COLOR, and where the terminal has no colours */
	bool headless;          /* no tty: draws into memory, size from LINES and COLUMNS */
};

int term_open(const struct term_options *, struct err *err);
void term_close(void);

/* The whole screen. */
struct area term_area(void);

/* Asks the terminal for its size again; true when it changed. */
bool term_resize(void);
/* For scripts, which have no terminal to ask. */
void term_set_size(int height, int width);

/* A frame: begin empties the picture, end shows what differs from the last one. */
void term_begin(void);
void term_end(void);
/* The next frame repaints everything. */
void term_repaint(void);

/* For put.c; y and x are on the screen, text is clean and fits. */
void term_write(int y, int x, enum role role, const char *text);
void term_set_role(int y, int x, int width, enum role role);
void term_set_cursor(int y, int x, bool visible);

struct term_input {
	key_code key;                /* K_NONE for a paste */
	const char *paste;      /* what was pasted, until the next call; else NULL */
};

/* The next key press or paste; false when none is waiting.  Never blocks. */
bool term_read(struct term_input *out);

/* Milliseconds until an unfinished paste is given up, or -1. */
int term_timeout_ms(void);

/* One row of what the terminal shows now, without blanks at its end. */
void term_read_row(int y, char *out, size_t size);
/* The same in the roles' letters: 'r' where the cell is reverse, 'b' bold, 'u' underlined, 'd' dim, '1'-'7' coloured. */
void term_read_attributes(int y, char *out, size_t size);

/* Gives the terminal back, stops, and takes it again when continued. */
void term_suspend(void);

/* Bytes that are no text (OSC 52), between frames. */
void term_send(const char *bytes, size_t len);

#endif
