/* SPDX-License-Identifier: MIT */
/*
 * A file of commands stands in for the person here, so that screens can be tested as text.
 *
 *   wait TEXT          until the screen shows TEXT; gives up after ten seconds
 *   gone TEXT          until it does not
 *   settle             until the daemon has answered all it was asked
 *   keys 4ty           each character is a key
 *   key Down           one key by its name, as in keymap.def
 *   type TEXT          characters, blanks included
 *   paste TEXT         as if pasted; \n is a newline
 *   request NAME       as if its key had been pressed
 *   size 24 80         rows and columns
 *   save-display FILE  what the screen shows now
 *   save-roles FILE    how: a letter for each cell
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "draw/cells.h"

#define PATIENCE_US 10000000u
#define LOOK_AGAIN_MS 10

struct script {
	FILE *file;             /* owned */
	char line[1024];        /* the command that waits; "" when the next is to be read */
	unsigned number;        /* of the line */
	uint64_t since_us;      /* when it began to wait */
	struct err failure;
};

struct script *script_open(const char *path, struct err *err)
{
	struct script *s = xcalloc(1, sizeof(*s));

	s->file = fopen(path, "re");
	if (s->file != NULL)
		return s;
	err_errno(err, "opening the script %s", path);
	free(s);
	return NULL;
}

int script_close(struct script *s, struct err *err)
{
	int rc = s->failure.code;

	if (rc < 0 && err != NULL)
		*err = s->failure;
	fclose(s->file);
	free(s);
	return rc;
}

static bool screen_shows(const char *text)
{
	char row[CELLS_TEXT];

	for (int y = 0; y < term_area().height; y++) {
		term_read_row(y, row, sizeof(row));
		if (strstr(row, text) != NULL)
			return true;
	}
	return false;
}

static void save(struct script *s, const char *path, void (*read_row)(int y, char *out, size_t size))
{
	FILE *out = fopen(path, "we");
	char row[CELLS_TEXT];

	if (out == NULL) {
		err_errno(&s->failure, "line %u: writing %s", s->number, path);
		return;
	}
	for (int y = 0; y < term_area().height; y++) {
		read_row(y, row, sizeof(row));
		fprintf(out, "%s\n", row);
	}
	fclose(out);
}

static void press_each(struct app *app, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		uint32_t c;

		i += text_utf8_next(text + i, len - i, &c);
		app_key(app, c == ' ' ? K_SPACE : (key_code)c);
	}
}

static void press(struct script *s, struct app *app, const char *name)
{
	key_code k = key_parse(name);

	if (k == K_NONE)
		err_set(&s->failure, ERR_INVALID, "line %u: no key is called \"%s\"", s->number, name);
	else
		app_key(app, k);
}

static void paste(struct app *app, const char *text)
{
	char *copy = xstrdup(text), *newline;

	while ((newline = strstr(copy, "\\n")) != NULL) {
		newline[0] = '\n';
		memmove(newline + 1, newline + 2, strlen(newline + 2) + 1);
	}
	app_paste(app, copy);
	free(copy);
}

static void ask(struct script *s, struct app *app, const char *name)
{
	enum request r = request_find(name);

	if (r == REQUEST_NONE)
		err_set(&s->failure, ERR_INVALID, "line %u: no request is called \"%s\"", s->number, name);
	else
		app_request(app, r);
}

static void set_size(struct app *app, const char *text)
{
	int height = 0, width = 0;

	if (sscanf(text, "%d %d", &height, &width) == 2)
		term_set_size(height, width);
	app_redraw(app);
}

/* False: it is to be asked again. */
static bool run(struct script *s, struct app *app, const char *word, const char *rest)
{
	if (strcmp(word, "wait") == 0)
		return screen_shows(rest);
	if (strcmp(word, "gone") == 0)
		return !screen_shows(rest);
	if (strcmp(word, "settle") == 0)
		return session_is_settled(&app->session);
	if (strcmp(word, "keys") == 0 || strcmp(word, "type") == 0)
		press_each(app, rest);
	else if (strcmp(word, "key") == 0)
		press(s, app, rest);
	else if (strcmp(word, "paste") == 0)
		paste(app, rest);
	else if (strcmp(word, "request") == 0)
		ask(s, app, rest);
	else if (strcmp(word, "size") == 0)
		set_size(app, rest);
	else if (strcmp(word, "save-display") == 0)
		save(s, rest, term_read_row);
	else if (strcmp(word, "save-roles") == 0)
		save(s, rest, term_read_attributes);
	else
		err_set(&s->failure, ERR_INVALID, "line %u: no command is called \"%s\"", s->number, word);
	return true;
}

static bool next_line(struct script *s)
{
	while (s->line[0] == '\0' || s->line[0] == '#') {
		if (fgets(s->line, sizeof(s->line), s->file) == NULL)
			return false;
		s->line[strcspn(s->line, "\n")] = '\0';
		s->number++;
		s->since_us = clock_mono_us();
	}
	return true;
}

static bool run_line(struct script *s, struct app *app)
{
	char word[32];
	size_t len = strcspn(s->line, " ");

	copy_text(word, len + 1 < sizeof(word) ? len + 1 : sizeof(word), s->line);
	return run(s, app, word, s->line + len + (s->line[len] == ' '));
}

int script_step(struct script *s, struct app *app)
{
	if (s->failure.code != ERR_NONE || app->quit || !next_line(s))
		return -1;
	/* What the screen shows must be what the last command made of it. */
	if (app->dirty)
		app_draw(app);
	if (!run_line(s, app)) {
		if (clock_mono_us() - s->since_us < PATIENCE_US)
			return LOOK_AGAIN_MS;
		err_set(&s->failure, ERR_SYSTEM, "line %u: gave up: %s", s->number, s->line);
		save(s, "/dev/stderr", term_read_row);
	}
	s->line[0] = '\0';
	return 0;
}
