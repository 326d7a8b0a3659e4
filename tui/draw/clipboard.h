/* SPDX-License-Identifier: MIT */
/* clipboard.h — text leaves for the clipboard of the person in front of the terminal. */
#ifndef DRAW_CLIPBOARD_H
#define DRAW_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Inside tmux through "tmux load-buffer -w -" (tmux drops applications' OSC 52 by default), else by
 * OSC 52, which nobody acknowledges.  how says in a few words what came of it, honestly.
 */
bool clipboard_copy(const char *text, char *how, size_t size);

#endif
