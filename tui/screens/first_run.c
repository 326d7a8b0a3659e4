/* SPDX-License-Identifier: MIT */
/* The way to a gateway's first call is shown here. */
#include "screens/first_run.h"

#include <stdio.h>


bool first_run_is_on(const struct session *s)
{
	const json_t *counted = s->pulse != NULL ? s->pulse : s->status;

	return counted != NULL && json_int_peek(counted, s->pulse != NULL ? "calls_total" : "calls", 1) == 0;
}

void first_run_open(struct first_run *f, struct session *s)
{
	resource_init(&f->providers, s, REFRESH_ON_CHANGE);
	resource_init(&f->teams, s, REFRESH_ON_CHANGE);
	resource_init(&f->keys, s, REFRESH_ON_CHANGE);
}

void first_run_close(struct first_run *f)
{
	resource_release(&f->providers);
	resource_release(&f->teams);
	resource_release(&f->keys);
}

static int64_t total(struct resource *r, const char *path)
{
	const json_t *data;

	if (r->path == NULL)
		resource_set_path(r, path);
	data = resource_use(r);
	return data != NULL ? json_int_peek(data, "total", 0) : 0;
}

static const char *listen_address(const struct session *s)
{
	const char *listen = s->status != NULL ? json_text_peek(s->status, "listen") : NULL;

	return listen != NULL ? listen : "127.0.0.1:4000";
}

static void curl_command(const struct session *s, char *out, size_t size)
{
	snprintf(out, size,
		 "curl http://%s/v1/chat/completions -H \"Authorization: Bearer $KEY\" "
		 "-d '{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}'",
		 listen_address(s));
}

static int draw_step(struct area a, int y, bool done, const char *what, const char *how)
{
	int x = putf(a, y, 3, done ? ROLE_DIM : ROLE_NORMAL, "[%c] %-16s", done ? 'x' : ' ', what);

	put(a, y, x + 1, a.width - x - 1, ROLE_NORMAL, how);
	return y + 1;
}

void first_run_draw(struct first_run *f, const struct session *s, struct area a)
{
	char running[300];
	int y = 3;

	put(a, 1, 3, a.width - 3, ROLE_TITLE, "This gateway has no calls yet. Four steps, each is one key:");
	snprintf(running, sizeof(running), "http://%s   admin %s", listen_address(s), client_socket(s->client));
	y = draw_step(a, y, true, "daemon running", running);
	y = draw_step(a, y, total(&f->providers, "/v1/providers?limit=1") > 0, "a provider",
		      "4 then a      or: tollgate provider add openai");
	y = draw_step(a, y, total(&f->teams, "/v1/teams?limit=1") > 0, "a team",
		      "2 then a      or: tollgate team create web --budget 100/month");
	y = draw_step(a, y, total(&f->keys, "/v1/keys?limit=1") > 0, "a key",
		      "3 then a      or: tollgate key create --team web");
	y = draw_step(a, y, false, "the first call", "y copies this:");
	putf(a, y + 1, 7, ROLE_NORMAL, "curl http://%s/v1/chat/completions \\", listen_address(s));
	put(a, y + 2, 9, a.width - 9, ROLE_NORMAL, "-H \"Authorization: Bearer $KEY\" \\");
	put(a, y + 3, 9, a.width - 9, ROLE_NORMAL,
	    "-d '{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\", ...");
	put(a, y + 5, 3, a.width - 3, ROLE_DIM, "waiting for the first call...");
}

void first_run_copy(struct app *app)
{
	char command[512];

	curl_command(app_session(app), command, sizeof(command));
	app_copy(app, command, "the command");
}
