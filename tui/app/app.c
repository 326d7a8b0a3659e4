/* SPDX-License-Identifier: MIT */
/*
 * The loop of the dashboard.
 *
 * Each turn: draw if something changed, wait for keys, signals, answers and events at once, then do
 * what they ask.  Nothing else waits, so no key ever waits for the daemon.
 */
#include "app/app.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/internal.h"
#include "base/mem.h"
#include "model/now.h"

static void on_news(void *arg)
{
	struct app *app = arg;

	app_redraw(app);
}

/* Signals come as something to read, so that what they ask for happens in the loop. */
static int open_signals(void)
{
	static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(handled); i++)
		sigaddset(&set, handled[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void read_signals(struct app *app, int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			if (term_resize())
				app_redraw(app);
		} else if (info.ssi_signo == SIGTSTP) {
			term_suspend();
			app_redraw(app);
		} else {
			app->killed_by = (int)info.ssi_signo;
			app->quit = true;
		}
	}
}

static void read_keys(struct app *app, bool readable)
{
	struct term_input input;
	int waiting = 1;

	/* Readable with nothing to read is the end of the terminal. */
	if (readable && ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0)
		app->quit = true;
	while (!app->quit && term_read(&input)) {
		if (input.paste != NULL)
			app_paste(app, input.paste);
		else
			app_key(app, input.key);
	}
}

static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/*
 * The clock is drawn with whatever else comes each second, the pulse; only when that stays out is
 * it worth a turn of its own.
 */
static int timeout_ms(const struct app *app)
{
	int clock = now_is_fixed() ? -1 : 1100;

	return sooner(sooner(clock, session_timeout_ms(&app->session)), term_timeout_ms());
}

static void notice_link(struct app *app)
{
	bool is_down = app->session.link == LINK_DOWN;

	if (is_down && !app->was_down && app_top(app)->ops->kind == SCREEN_FULL)
		app_push(app, app->options->down, NULL);
	if (!is_down && app->was_down && app_top(app)->ops == app->options->down)
		app_pop(app_top(app));
	app->was_down = is_down;
}

static void turn(struct app *app, int signals)
{
	struct curl_waitfd fds[] = {
		{.fd = signals, .events = CURL_WAIT_POLLIN},
		{.fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN},
	};
	int wait_ms = timeout_ms(app);

	if (app->script != NULL) {
		int script_ms = script_step(app->script, app);

		if (script_ms < 0)
			app->quit = true;
		wait_ms = sooner(wait_ms, script_ms);
	}
	if (app->dirty)
		app_draw(app);
	if (app->quit)
		return;
	client_wait(app->session.client, fds, app->script != NULL ? 1 : 2, wait_ms);
	read_signals(app, signals);
	if (app->script == NULL)
		read_keys(app, fds[1].revents != 0);
	session_tick(&app->session);
	notice_link(app);
	if (!app->is_ready && app->session.link == LINK_LIVE)
		app_open_tabs(app);
	if (!now_is_fixed() && now_ms() / 1000 != app->drawn_at_s)
		app_redraw(app);
}

static int open_all(struct app *app, const struct app_options *options, struct err *err)
{
	struct term_options term = {.ascii = options->ascii, .mono = options->mono, .headless = options->script != NULL};

	app->options = options;
	if (options->script != NULL) {
		app->script = script_open(options->script, err);
		if (app->script == NULL)
			return err->code;
	}
	return term_open(&term, err);
}

int app_run(const struct app_options *options, struct err *err)
{
	struct app *app = xcalloc(1, sizeof(*app));
	int signals, rc = open_all(app, options, err);

	if (rc < 0)
		goto out;
	signals = open_signals();
	session_start(&app->session, options->socket, on_news, app);
	app->session.read_only = options->read_only;
	app_set_tab(app, 0);
	while (!app->quit)
		turn(app, signals);
	app_close_all(app);
	session_stop(&app->session);
	close(signals);
	term_close();
out:
	if (app->script != NULL && script_close(app->script, rc == 0 ? err : NULL) < 0 && rc == 0)
		rc = err->code;
	free(app);
	return rc;
}
