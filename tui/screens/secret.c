/* SPDX-License-Identifier: MIT */
/*
 * A secret is shown once, here, and leaves by the clipboard or a file only its owner can read.
 *
 * It lives in one locked page, never in a log, a history or the screen below; Enter closes the box
 * only after it was kept somewhere.
 */
#include "screens/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "draw/clipboard.h"
#include "model/now.h"
#include "screens/screens.h"

#define MAX_SECRET 256
#define PAGE 4096

struct secret {
	char *text;             /* a locked page of its own */
	bool hidden, copied;
	char title[160], id[64], name[128], limits[160];
	char how[128];          /* what came of copying */
	char file[512];         /* where it was written; "" */
};

struct secret_open {
	const json_t *answer;
	const char *title;
};

/* Moves it out of the answer: jansson's copy is overwritten in place. */
static void take_secret(struct secret *x, const json_t *holder)
{
	const char *text = holder != NULL ? json_text_peek(holder, "secret") : NULL;

	if (text == NULL)
		return;
	copy_text(x->text, MAX_SECRET, text);
	explicit_bzero((char *)text, strlen(text));
}

static void describe(struct secret *x, const json_t *key)
{
	const char *team = json_text_peek(key, "team"), *name = json_text_peek(key, "name");
	const char *id = json_text_peek(key, "id");
	int64_t expires = json_time_peek(key, "expires_at");
	char at[NOW_TEXT];

	copy_text(x->id, sizeof(x->id), id != NULL ? id : "-");
	snprintf(x->name, sizeof(x->name), "%s-%s", team != NULL ? team : "key",
		 name != NULL && name[0] != '\0' ? name : x->id);
	if (expires != 0)
		snprintf(x->limits, sizeof(x->limits), "ends %s", now_stamp(expires, at));
}

static void secret_opened(struct screen *s, const void *arg)
{
	const struct secret_open *options = arg;
	const json_t *key = json_object_get(options->answer, "object");
	struct secret *x = s->state;

	x->text = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (x->text == MAP_FAILED)
		abort();
	mlock(x->text, PAGE);
	madvise(x->text, PAGE, MADV_DONTDUMP);
	take_secret(x, options->answer);
	take_secret(x, key);
	describe(x, key);
	snprintf(x->title, sizeof(x->title), "%s: %s", options->title, x->name);
}

static void secret_close(struct screen *s)
{
	struct secret *x = s->state;

	explicit_bzero(x->text, PAGE);
	munmap(x->text, PAGE);
}

static bool is_kept(const struct secret *x)
{
	return x->copied || x->file[0] != '\0';
}

static void secret_draw(struct screen *s, struct area a)
{
	const struct secret *x = s->state;
	struct area in = put_box(area_center(a, 11, 74), x->title, "erased from the screen on close");
	int column;

	put(in, 0, 1, in.width - 2, ROLE_WARN, "This is the only time this secret is shown.");
	put(in, 2, 3, in.width - 4, ROLE_TITLE, x->hidden ? "(hidden; v shows it)" : x->text);
	put_cursor(in, 2, 3, false);
	column = putf(in, 4, 3, ROLE_NORMAL, "[%c] copied   [%c] written to a file", x->copied ? 'x' : ' ',
		      x->file[0] != '\0' ? 'x' : ' ');
	put(in, 4, column + 3, in.width - column - 4, ROLE_DIM, is_kept(x) ? "Enter closes" : "Enter works once one is done");
	put(in, 5, 3, in.width - 4, ROLE_DIM, is_kept(x) ? x->how : "D closes without either");
	putf(in, 7, 3, ROLE_NORMAL, "id %s   %s", x->id, x->limits);
}

static void copy_secret(struct screen *s)
{
	struct secret *x = s->state;

	x->copied = clipboard_copy(x->text, x->how, sizeof(x->how)) || x->copied;
	if (!x->copied)
		app_say(s->app, ROLE_WARN, "not copied: %s; f writes it to a file", x->how);
}

/* Into the home directory, under a name that says whose it is; never over another file. */
static void write_secret(struct screen *s)
{
	struct secret *x = s->state;
	const char *home = getenv("HOME");
	char path[512];
	size_t len = strlen(x->text);
	int fd;

	snprintf(path, sizeof(path), "%s/tollgate-%s.key", home != NULL ? home : ".", x->name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		app_say(s->app, ROLE_BAD, "%s: %s", path, strerror(errno));
		return;
	}
	if (write(fd, x->text, len) == (ssize_t)len && write(fd, "\n", 1) == 1) {
		copy_text(x->file, sizeof(x->file), path);
		snprintf(x->how, sizeof(x->how), "%s", path);
	} else {
		app_say(s->app, ROLE_BAD, "%s: %s", path, strerror(errno));
		unlink(path);
	}
	close(fd);
}

static bool secret_request(struct screen *s, enum request r)
{
	struct secret *x = s->state;

	if (r == REQUEST_SECRET_COPY)
		copy_secret(s);
	else if (r == REQUEST_SECRET_FILE)
		write_secret(s);
	else if (r == REQUEST_SECRET_SHOW)
		x->hidden = !x->hidden;
	else if (r == REQUEST_ACCEPT && !is_kept(x))
		app_say(s->app, ROLE_WARN, "copy it (y) or write it to a file (f) first; D closes without");
	else if (r == REQUEST_ACCEPT || (r == REQUEST_SECRET_DROP && app_may_confirm(s)))
		app_pop(s);
	return true;
}

static const char *secret_unsaved(const struct screen *s)
{
	return is_kept(s->state) ? NULL : "the new key's secret was not copied";
}

static const struct screen_ops secret_screen = {
	.name = "Secret",
	.kind = SCREEN_BOX,
	.context = CONTEXT_SECRET,
	.state_size = sizeof(struct secret),
	.open = secret_opened,
	.close = secret_close,
	.draw = secret_draw,
	.request = secret_request,
	.unsaved = secret_unsaved,
};

void secret_show(struct app *app, const json_t *answer, const char *title)
{
	struct secret_open options = {.answer = answer, .title = title};

	app_push(app, &secret_screen, &options);
}
