/* SPDX-License-Identifier: MIT */
/* Keys become requests here, requests are checked once, and screens come and go. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "draw/cells.h"
#include "draw/clipboard.h"

#define CONFIRM_GUARD_US 150000

enum context screen_context(const struct screen *s)
{
	return s->ops->context_now != NULL ? s->ops->context_now(s) : s->ops->context;
}

struct screen *app_top(const struct app *app)
{
	return app->tops[app->tab];
}

struct session *app_session(struct app *app)
{
	return &app->session;
}

void app_redraw(struct app *app)
{
	app->dirty = true;
}

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(app->message, sizeof(app->message), fmt, args);
	va_end(args);
	app->message_role = role;
	app_redraw(app);
}

struct screen *app_push(struct app *app, const struct screen_ops *ops, const void *arg)
{
	struct screen *s = xcalloc(1, sizeof(*s));

	s->ops = ops;
	s->app = app;
	s->below = app_top(app);
	s->opened_us = clock_mono_us();
	s->state = xcalloc(1, ops->state_size > 0 ? ops->state_size : 1);
	app->tops[app->tab] = s;
	if (ops->open != NULL)
		ops->open(s, arg);
	app_redraw(app);
	return s;
}

static void destroy(struct screen *s)
{
	session_forget(&s->app->session, s);
	if (s->ops->close != NULL)
		s->ops->close(s);
	free(s->state);
	free(s);
}

/* The tab on whose stack the screen lies. */
static size_t tab_of(const struct app *app, const struct screen *s)
{
	for (size_t tab = 0; tab < app->options->num_tabs; tab++)
		for (const struct screen *on = app->tops[tab]; on != NULL; on = on->below)
			if (on == s)
				return tab;
	return app->tab;
}

void app_pop(struct screen *s)
{
	struct app *app = s->app;
	size_t tab = tab_of(app, s);
	struct screen *below = s->below;

	while (app->tops[tab] != below) {
		struct screen *top = app->tops[tab];

		app->tops[tab] = top->below;
		destroy(top);
	}
	app_redraw(app);
}

void app_close_all(struct app *app)
{
	for (size_t tab = 0; tab < app->options->num_tabs; tab++)
		while (app->tops[tab] != NULL) {
			struct screen *top = app->tops[tab];

			app->tops[tab] = top->below;
			destroy(top);
		}
}

void app_set_tab(struct app *app, size_t tab)
{
	app->tab = tab;
	if (app->tops[tab] == NULL)
		app_push(app, app->options->tabs[tab].ops, NULL);
	app_redraw(app);
}

void app_open_tabs(struct app *app)
{
	size_t shown = app->tab;

	for (app->tab = 0; app->tab < app->options->num_tabs; app->tab++)
		if (app->tops[app->tab] == NULL)
			app_push(app, app->options->tabs[app->tab].ops, NULL);
	app->tab = shown;
	app->is_ready = true;
}

struct screen *app_go(struct app *app, const struct screen_ops *ops, bool keep)
{
	for (size_t i = 0; i < app->options->num_tabs; i++)
		if (app->options->tabs[i].ops == ops) {
			app_set_tab(app, i);
			while (!keep && app_top(app)->below != NULL)
				app_pop(app_top(app));
			return app_top(app);
		}
	return NULL;
}

void app_send(struct screen *s, const struct change *change, client_done *done)
{
	session_send(&s->app->session, change, done, s);
}

bool app_may_confirm(const struct screen *s)
{
	return s->app->script != NULL || clock_mono_us() - s->opened_us > CONFIRM_GUARD_US;
}

void app_copy(struct app *app, const char *text, const char *what)
{
	char how[64];
	bool ok = clipboard_copy(text, how, sizeof(how));

	app_say(app, ok ? ROLE_NORMAL : ROLE_WARN, "%s: %s", what, how);
}

const char *app_refusal(struct app *app, struct screen *s, enum request r, char *out, size_t size)
{
	unsigned needs = request_info(r)->needs;
	char why[256];

	if (needs & NEEDS_ADMIN && session_refusal(&app->session, why, sizeof(why)) != NULL) {
		copy_text(out, size, why);
		return out;
	}
	if (needs & NEEDS_ROW && (s->ops->has_row == NULL || !s->ops->has_row(s))) {
		copy_text(out, size, "nothing is selected here, or not yet");
		return out;
	}
	return NULL;
}

static const char *find_unsaved(const struct app *app)
{
	for (size_t tab = 0; tab < app->options->num_tabs; tab++)
		for (const struct screen *s = app->tops[tab]; s != NULL; s = s->below) {
			const char *what = s->ops->unsaved != NULL ? s->ops->unsaved(s) : NULL;

			if (what != NULL)
				return what;
		}
	return NULL;
}

static void quit(struct app *app)
{
	const char *unsaved = find_unsaved(app);

	/* Asked a second time, with the question on the screen, it is meant. */
	if (unsaved == NULL || app_top(app)->ops == app->options->quit)
		app->quit = true;
	else
		app_push(app, app->options->quit, unsaved);
}

static bool go_to_tab(struct app *app, enum request r)
{
	for (size_t i = 0; i < app->options->num_tabs; i++)
		if (app->options->tabs[i].request == r) {
			app_set_tab(app, i);
			return true;
		}
	return false;
}

static void go_back(struct app *app, bool may_quit)
{
	struct screen *top = app_top(app);

	if (top->below != NULL)
		app_pop(top);
	else if (may_quit)
		quit(app);
}

/* What every screen understands. */
static void common_request(struct app *app, enum request r)
{
	struct session *session = &app->session;

	if (go_to_tab(app, r))
		return;
	if (r == REQUEST_BACK || r == REQUEST_CLOSE || r == REQUEST_KEEP)
		go_back(app, r == REQUEST_CLOSE);
	else if (r == REQUEST_QUIT)
		quit(app);
	else if (r == REQUEST_HELP)
		app_push(app, app->options->help, NULL);
	else if (r == REQUEST_COMMAND)
		app_push(app, app->options->command, NULL);
	else if (r == REQUEST_PAUSE)
		session_pause(session, !session->paused);
	else if (r == REQUEST_REFRESH)
		session_refresh(session);
	else if (r == REQUEST_REPAINT)
		term_repaint();
	else if (r == REQUEST_SUSPEND)
		term_suspend();
}

void app_request(struct app *app, enum request r)
{
	struct screen *top = app_top(app);
	char why[256];

	app_redraw(app);
	if (app_refusal(app, top, r, why, sizeof(why)) != NULL) {
		app_say(app, ROLE_WARN, "%s: %s", request_info(r)->name, why);
		return;
	}
	if (top->ops->request == NULL || !top->ops->request(top, r))
		common_request(app, r);
}

void app_key(struct app *app, key_code k)
{
	struct screen *top = app_top(app);
	enum request r = keymap_lookup(screen_context(top), k);
	char utf8[KEY_TEXT];

	app->message[0] = '\0';
	app_redraw(app);
	if (r != REQUEST_NONE)
		app_request(app, r);
	else if (top->ops->text != NULL && key_is_text(k))
		top->ops->text(top, key_utf8(k, utf8), false);
}

void app_paste(struct app *app, const char *text)
{
	struct screen *top = app_top(app);

	app->message[0] = '\0';
	app_redraw(app);
	if (top->ops->text != NULL)
		top->ops->text(top, text, true);
	else
		app_say(app, ROLE_WARN, "pasted %d characters: ignored, nothing is being typed here", cells_width(text));
}
