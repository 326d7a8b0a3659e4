/* SPDX-License-Identifier: MIT */
/* The command line: any request of the screen below by its name, with completion. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/text.h"
#include "draw/line.h"
#include "input/field.h"
#include "screens/screens.h"

#define MAX_SHOWN 8

struct command {
	struct field field;
	enum request matches[NUM_REQUESTS];
	size_t num_matches, at;
};

/* Only what a key of the screen below could ask for as well. */
static bool is_possible(const struct screen *s, enum request r)
{
	return keymap_key_of(screen_context(s->below), r) != NULL;
}

static void find_matches(struct screen *s)
{
	struct command *c = s->state;

	c->num_matches = c->at = 0;
	for (int r = REQUEST_NONE + 1; r < NUM_REQUESTS; r++)
		if (text_starts(request_info((enum request)r)->name, c->field.text) && is_possible(s, (enum request)r))
			c->matches[c->num_matches++] = (enum request)r;
}

static void command_open(struct screen *s, const void *arg)
{
	(void)arg;
	find_matches(s);
}

static void command_draw(struct screen *s, struct area a)
{
	struct command *c = s->state;
	int n = c->num_matches < MAX_SHOWN ? (int)c->num_matches : MAX_SHOWN, x;
	size_t first = c->at >= MAX_SHOWN ? c->at - MAX_SHOWN + 1 : 0;
	struct area box = area_part(a, a.height - n - 3, 0, n + 3, 74), in = put_box(box, "Command", "Tab completes, Enter runs");

	for (int i = 0; i < n; i++) {
		enum request r = c->matches[first + (size_t)i];
		bool marked = first + (size_t)i == c->at;

		putf(in, i, 0, marked ? ROLE_SELECTED : ROLE_NORMAL, "%s%-20s %-10s %s", marked ? ">" : " ",
		     request_info(r)->name, keymap_key_of(screen_context(s->below), r), request_info(r)->help);
	}
	x = put(in, n, 0, in.width, ROLE_KEY, ":");
	line_draw(&c->field, area_part(in, n, x, 1, in.width - x), ROLE_NORMAL, true);
}

static void run_command(struct screen *s)
{
	struct command *c = s->state;
	struct app *app = s->app;
	char typed[FIELD_TEXT];
	enum request r = c->num_matches > 0 ? c->matches[c->at] : REQUEST_NONE;

	copy_text(typed, sizeof(typed), c->field.text);
	app_pop(s);
	if (r != REQUEST_NONE)
		app_request(app, r);
	else
		app_say(app, ROLE_WARN, "no command here is called \"%s\"; ? lists what there is", typed);
}

static bool command_request(struct screen *s, enum request r)
{
	struct command *c = s->state;

	if (r == REQUEST_ACCEPT) {
		run_command(s);
	} else if (r == REQUEST_COMPLETE) {
		if (c->num_matches > 0)
			field_set(&c->field, request_info(c->matches[c->at])->name);
		find_matches(s);
	} else if (r == REQUEST_MOVE_UP) {
		c->at -= c->at > 0;
	} else if (r == REQUEST_MOVE_DOWN) {
		c->at += c->at + 1 < c->num_matches;
	} else if (field_request(&c->field, r)) {
		find_matches(s);
	} else {
		return false;
	}
	return true;
}

static void command_text(struct screen *s, const char *utf8, bool pasted)
{
	struct command *c = s->state;

	(void)pasted;
	field_insert(&c->field, utf8);
	find_matches(s);
}

const struct screen_ops command_screen = {
	.name = "Command",
	.kind = SCREEN_BOX,
	.context = CONTEXT_COMMAND,
	.state_size = sizeof(struct command),
	.open = command_open,
	.draw = command_draw,
	.request = command_request,
	.text = command_text,
};
