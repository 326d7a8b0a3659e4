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

/* What there is already: "search", "openai and 3 more"; "" where there is nothing. */
static const char *existing(struct resource *r, const char *path, char *out, size_t size)
{
	const json_t *data, *first;
	int64_t total;
	const char *name;

	if (r->path == NULL)
		resource_set_path(r, path);
	data = resource_use(r);
	first = data != NULL ? json_array_get(json_object_get(data, "items"), 0) : NULL;
	total = data != NULL ? json_int_peek(data, "total", 0) : 0;
	name = first != NULL ? json_text_peek(first, "name") : NULL;
	out[0] = '\0';
	if (first != NULL && total > 1)
		snprintf(out, size, "%s and %lld more", name != NULL ? name : "-", (long long)total - 1);
	else if (first != NULL)
		snprintf(out, size, "%s", name != NULL && name[0] != '\0' ? name : "one");
	return out;
}

static const char *listen_address(const struct session *s)
{
	const char *listen = s->status != NULL ? json_text_peek(s->status, "listen") : NULL;

	return listen != NULL ? listen : "127.0.0.1:4000";
}

static const char *admin_socket(const struct session *s)
{
	const char *path = s->status != NULL ? json_text_peek(s->status, "socket") : NULL;

	return path != NULL ? path : client_socket(s->client);
}

static void curl_command(const struct session *s, char *out, size_t size)
{
	snprintf(out, size,
		 "curl http://%s/v1/chat/completions -H \"Authorization: Bearer $KEY\" "
		 "-d '{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}'",
		 listen_address(s));
}

static int draw_step(struct area a, int y, const char *what, const char *existing_name, const char *how)
{
	bool done = existing_name[0] != '\0';
	int x = putf(a, y, 3, done ? ROLE_DIM : ROLE_NORMAL, "[%c] %-16s", done ? 'x' : ' ', what);

	put(a, y, x + 1, a.width - x - 1, ROLE_NORMAL, done ? existing_name : how);
	return y + 1;
}

void first_run_draw(struct first_run *f, const struct session *s, struct area a)
{
	char text[300];
	int y = 3;

	put(a, 1, 3, a.width - 3, ROLE_TITLE, "This gateway has no calls yet. Four steps, each is one key:");
	snprintf(text, sizeof(text), "http://%s   admin %s", listen_address(s), admin_socket(s));
	y = draw_step(a, y, "daemon running", text, "");
	y = draw_step(a, y, "a provider", existing(&f->providers, "/v1/providers?limit=1", text, sizeof(text)),
		      "4 then a      or: tollgate provider add openai");
	y = draw_step(a, y, "a team", existing(&f->teams, "/v1/teams?limit=1", text, sizeof(text)),
		      "2 then a      or: tollgate team create web --budget 100/month");
	y = draw_step(a, y, "a key", existing(&f->keys, "/v1/keys?limit=1", text, sizeof(text)),
		      "3 then a      or: tollgate key create --team web");
	y = draw_step(a, y, "the first call", "", "y copies this:");
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
