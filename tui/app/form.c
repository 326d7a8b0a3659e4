/* SPDX-License-Identifier: MIT */
/* Forms are filled in, checked and sent here. */
#include "app/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "draw/cells.h"
#include "draw/line.h"

#define BOX_WIDTH 76
#define LABEL_WIDTH 10

struct form {
	struct form_options options;
	char title[128], path[512], command[64];
	struct field fields[MAX_FIELDS];
	char before[MAX_FIELDS][FIELD_TEXT];
	size_t focus;
	bool sending, tried;
	char failure[256];      /* what the daemon said */
};

static size_t next_open_field(const struct form *f, size_t from, bool forward)
{
	size_t n = f->options.num_fields;

	for (size_t step = 1; step <= n; step++) {
		size_t i = (from + (forward ? step : n - step)) % n;

		if (!f->options.fields[i].fixed)
			return i;
	}
	return from;
}

static void form_opened(struct screen *s, const void *arg)
{
	struct form *f = s->state;

	f->options = *(const struct form_options *)arg;
	copy_text(f->title, sizeof(f->title), f->options.title);
	copy_text(f->path, sizeof(f->path), f->options.path != NULL ? f->options.path : "");
	copy_text(f->command, sizeof(f->command), f->options.command != NULL ? f->options.command : "");
	for (size_t i = 0; i < f->options.num_fields; i++) {
		const struct form_field *field = &f->options.fields[i];
		const char *value = f->options.values != NULL ? f->options.values[i] : NULL;

		if (value == NULL && field->kind == FIELD_CHOICE)
			value = field->choices[0];
		field_set(&f->fields[i], value != NULL ? value : "");
		copy_text(f->before[i], FIELD_TEXT, f->fields[i].text);
	}
	f->focus = next_open_field(f, f->options.num_fields - 1, true);
}

static void form_close(struct screen *s)
{
	struct form *f = s->state;

	/* One of them may be a secret. */
	explicit_bzero(f->fields, sizeof(f->fields));
}

static bool is_hidden(const struct form_field *field, const char *text)
{
	return field->kind == FIELD_SECRET && strncmp(text, "env:", 4) != 0 && strncmp(text, "file:", 5) != 0 &&
	       strlen(text) > 5;
}

static void draw_value(const struct form *f, struct area a, int y, size_t i)
{
	const struct form_field *field = &f->options.fields[i];
	struct area place = area_part(a, y, LABEL_WIDTH + 2, 1, field->width);
	bool active = i == f->focus;
	struct field shown = f->fields[i];

	if (is_hidden(field, shown.text))
		memset(shown.text, '*', shown.len);
	line_draw(&shown, place, field->fixed ? ROLE_NORMAL : active ? ROLE_FIELD_ACTIVE : ROLE_FIELD, active);
}

static void draw_hint(const struct form *f, struct area a, int y, size_t i)
{
	const struct form_field *field = &f->options.fields[i];
	const char *problem = form_check(field, f->fields[i].text);
	int x = LABEL_WIDTH + 2 + field->width + 2;
	bool shown = problem != NULL && (f->tried || f->fields[i].len > 0);

	put(a, y, x, a.width - x, shown ? ROLE_WARN : ROLE_DIM, shown ? problem : field->hint != NULL ? field->hint : "");
}

static bool is_changed(const struct form *f, size_t i)
{
	return strcmp(f->fields[i].text, f->before[i]) != 0;
}

/* " --budget-mode strict", or " strict" alone; quoted where a shell would take it apart. */
static void put_flag(struct buf *out, const char *member, const char *value, bool alone)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:,@%+";
	const char *quote = value[strspn(value, plain)] != '\0' ? "'" : "";

	if (!alone)
		buf_puts(out, " --");
	for (const char *c = alone ? "" : member; *c != '\0'; c++)
		buf_putc(out, *c == '_' ? '-' : *c);
	buf_printf(out, " %s%s%s", quote, value, quote);
}

static bool stands_alone(const struct form_options *o, const char *member)
{
	size_t len = strlen(member);
	const char *at = o->arguments != NULL ? strstr(o->arguments, member) : NULL;

	return at != NULL && (at[len] == ' ' || at[len] == '\0') && (at == o->arguments || at[-1] == ' ');
}

/* "same as: tollgate key create --team search --name x" */
static void draw_command(const struct form *f, struct area a, int y)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_printf(&text, "same as: %s", f->command);
	for (size_t i = 0; i < f->options.num_fields; i++) {
		const struct form_field *field = &f->options.fields[i];

		if (f->fields[i].len == 0 || (f->options.only_changed && !is_changed(f, i)))
			continue;
		put_flag(&text, field->member, is_hidden(field, f->fields[i].text) ? "..." : f->fields[i].text,
			 stands_alone(&f->options, field->member));
	}
	put(a, y, 1, a.width - 2, ROLE_DIM, text.data);
	buf_release(&text);
}

static void form_draw(struct screen *s, struct area a)
{
	struct form *f = s->state;
	int n = (int)f->options.num_fields;
	struct area in = put_box(area_center(a, n + 6, BOX_WIDTH), f->title, "Enter saves, Esc cancels");

	for (int i = 0; i < n; i++) {
		put(in, i, 1, LABEL_WIDTH, (size_t)i == f->focus ? ROLE_TITLE : ROLE_NORMAL, f->options.fields[i].label);
		draw_value(f, in, i, (size_t)i);
		draw_hint(f, in, i, (size_t)i);
	}
	put(in, n + 1, 1, in.width - 2, f->sending ? ROLE_DIM : ROLE_BAD, f->sending ? "sending..." : f->failure);
	if (f->command[0] != '\0')
		draw_command(f, in, n + 3);
}

static void on_sent(void *arg, const struct client_answer *answer)
{
	struct screen *s = arg;
	struct form *f = s->state;
	struct screen *owner = f->options.owner;
	void (*accepted)(struct screen *, const json_t *) = f->options.accepted;

	f->sending = false;
	app_redraw(s->app);
	if (answer->err->code != ERR_NONE) {
		copy_text(f->failure, sizeof(f->failure), answer->err->text);
		return;
	}
	app_pop(s);
	accepted(owner, answer->json);
}

static json_t *body_of(const struct form *f)
{
	json_t *body = json_object();

	for (size_t i = 0; i < f->options.num_fields; i++) {
		json_t *value;

		if (f->options.fields[i].fixed || (f->options.only_changed && !is_changed(f, i)))
			continue;
		value = form_value(&f->options.fields[i], f->fields[i].text);
		/* Emptied on purpose is null; never filled in is left out. */
		if (value != NULL || f->options.only_changed)
			json_object_set_new(body, f->options.fields[i].member, value != NULL ? value : json_null());
	}
	return body;
}

static void submit_here(struct screen *s)
{
	struct form *f = s->state;
	json_t *body = body_of(f);
	const char *wrong = f->options.submitted(f->options.owner, body);

	json_decref(body);
	if (wrong != NULL)
		copy_text(f->failure, sizeof(f->failure), wrong);
	else
		app_pop(s);
}

static void submit_to_daemon(struct screen *s)
{
	struct form *f = s->state;
	struct change change = {.method = f->options.method, .path = f->path, .revision = f->options.revision};

	if (f->sending)
		return;
	f->sending = true;
	change.body = body_of(f);
	app_send(s, &change, on_sent);
	json_decref(change.body);
}

static void submit(struct screen *s)
{
	struct form *f = s->state;

	f->tried = true;
	f->failure[0] = '\0';
	for (size_t i = 0; i < f->options.num_fields; i++)
		if (form_check(&f->options.fields[i], f->fields[i].text) != NULL) {
			f->focus = i;
			return;
		}
	if (f->options.submitted != NULL)
		submit_here(s);
	else
		submit_to_daemon(s);
}

static void turn_choice(const struct form_field *field, struct field *value, bool forward)
{
	size_t n = 0, at = 0;

	for (; field->choices[n] != NULL; n++)
		if (strcmp(field->choices[n], value->text) == 0)
			at = n;
	field_set(value, field->choices[(at + (forward ? 1 : n - 1)) % n]);
}

static bool form_request(struct screen *s, enum request r)
{
	struct form *f = s->state;
	const struct form_field *field = &f->options.fields[f->focus];

	if (r == REQUEST_NEXT_PANEL || r == REQUEST_PREVIOUS_PANEL)
		f->focus = next_open_field(f, f->focus, r == REQUEST_NEXT_PANEL);
	else if (r == REQUEST_ACCEPT)
		submit(s);
	else if (r == REQUEST_BACK && f->sending)
		/* The answer may be a secret that comes once. */
		app_say(s->app, ROLE_WARN, "it was sent already; the answer comes in a moment");
	else if (r == REQUEST_BACK)
		app_pop(s);
	else if (field->kind == FIELD_CHOICE && (r == REQUEST_LEFT || r == REQUEST_RIGHT))
		turn_choice(field, &f->fields[f->focus], r == REQUEST_RIGHT);
	else if (field->kind == FIELD_CHOICE)
		return r != REQUEST_QUIT;
	else
		return field_request(&f->fields[f->focus], r);
	return true;
}

static void form_text(struct screen *s, const char *utf8, bool pasted)
{
	struct form *f = s->state;
	const struct form_field *field = &f->options.fields[f->focus];

	(void)pasted;
	if (field->kind == FIELD_CHOICE)
		turn_choice(field, &f->fields[f->focus], true);
	else
		field_insert(&f->fields[f->focus], utf8);
}

static const struct screen_ops form_screen = {
	.name = "Form",
	.kind = SCREEN_BOX,
	.context = CONTEXT_FORM,
	.state_size = sizeof(struct form),
	.open = form_opened,
	.close = form_close,
	.draw = form_draw,
	.request = form_request,
	.text = form_text,
};

void form_open(struct app *app, const struct form_options *options)
{
	app_push(app, &form_screen, options);
}
