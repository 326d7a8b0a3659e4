/* SPDX-License-Identifier: MIT */
/* A line is asked for in the message row here; the lines of before come back with the arrows. */
#include "app/prompt.h"

#include <string.h>

#include "base/mem.h"
#include "draw/cells.h"
#include "draw/line.h"

#define MAX_HISTORY 20

struct prompt {
	struct prompt_options options;
	struct field field;
	size_t back;            /* how far in the history; 0: the line being typed */
};

static char history[MAX_HISTORY][FIELD_TEXT];
static size_t num_history;

static void remember(const char *text)
{
	if (text[0] == '\0' || (num_history > 0 && strcmp(history[num_history - 1], text) == 0))
		return;
	if (num_history == MAX_HISTORY) {
		memmove(history[0], history[1], sizeof(history) - sizeof(history[0]));
		num_history--;
	}
	copy_text(history[num_history++], FIELD_TEXT, text);
}

static void prompt_opened(struct screen *s, const void *arg)
{
	struct prompt *p = s->state;

	p->options = *(const struct prompt_options *)arg;
	field_set(&p->field, p->options.text != NULL ? p->options.text : "");
}

static void prompt_draw(struct screen *s, struct area a)
{
	struct prompt *p = s->state;
	int x;

	put_blank_row(a, 0, ROLE_NORMAL);
	x = put(a, 0, 0, a.width, ROLE_KEY, p->options.label);
	line_draw(&p->field, area_part(a, 0, x, 1, a.width - x - 1), ROLE_NORMAL, true);
}

static void tell(struct prompt *p, bool pasted)
{
	if (p->options.changed != NULL)
		p->options.changed(p->options.owner, &p->field, pasted);
}

static void go_in_history(struct prompt *p, bool earlier)
{
	if (earlier && p->back < num_history)
		p->back++;
	else if (!earlier && p->back > 0)
		p->back--;
	field_set(&p->field, p->back > 0 ? history[num_history - p->back] : "");
	tell(p, false);
}

static void close_prompt(struct screen *s, bool kept)
{
	struct prompt p = *(struct prompt *)s->state;

	app_pop(s);
	if (kept)
		remember(p.field.text);
	p.options.closed(p.options.owner, kept ? p.field.text : "", kept);
}

static bool prompt_request(struct screen *s, enum request r)
{
	struct prompt *p = s->state;

	if (r == REQUEST_ACCEPT || r == REQUEST_BACK)
		close_prompt(s, r == REQUEST_ACCEPT);
	else if (r == REQUEST_MOVE_UP || r == REQUEST_MOVE_DOWN)
		go_in_history(p, r == REQUEST_MOVE_UP);
	else if (field_request(&p->field, r))
		tell(p, false);
	else
		return false;
	return true;
}

static void prompt_text(struct screen *s, const char *utf8, bool pasted)
{
	struct prompt *p = s->state;

	field_insert(&p->field, utf8);
	tell(p, pasted);
}

static const struct screen_ops prompt_screen = {
	.name = "Filter",
	.kind = SCREEN_LINE,
	.context = CONTEXT_PROMPT,
	.state_size = sizeof(struct prompt),
	.open = prompt_opened,
	.draw = prompt_draw,
	.request = prompt_request,
	.text = prompt_text,
};

void prompt_open(struct app *app, const struct prompt_options *options)
{
	app_push(app, &prompt_screen, options);
}
