/* SPDX-License-Identifier: MIT */
/* rescue.h — a terminal left sane whatever kills us. */
#ifndef DRAW_RESCUE_H
#define DRAW_RESCUE_H

/* Before curses changes the terminal's modes. */
void rescue_remember(int terminal_fd);

/* After curses knows the terminal: prepares the bytes that put it back and catches deadly signals. */
void rescue_arm(int terminal_fd);
void rescue_disarm(void);

/* Keeps what libraries write to stderr off the screen; rescue_show_stderr() brings it after all. */
void rescue_hide_stderr(void);
void rescue_show_stderr(void);

#endif
