/* SPDX-License-Identifier: MIT */
/* One GET is kept fresh here for as long as a screen draws it. */
#include <string.h>

#include "base/mem.h"
#include "model/session.h"

void resource_init(struct resource *r, struct session *s, enum refresh refresh)
{
	memset(r, 0, sizeof(*r));
	r->session = s;
	r->refresh = refresh;
	list_append(&s->resources, &r->node);
}

void resource_release(struct resource *r)
{
	client_cancel(r->handle);
	list_remove(&r->session->resources, &r->node);
	json_decref(r->data);
	free(r->path);
}

static void on_answer(void *arg, const struct client_answer *answer)
{
	struct resource *r = arg;

	r->handle = NULL;
	r->status = answer->status;
	copy_text(r->error, sizeof(r->error), answer->err->text);
	if (answer->err->code == ERR_NONE && answer->json != NULL) {
		json_decref(r->data);
		r->data = json_incref(answer->json);
		r->version++;
		r->error[0] = '\0';
	}
	if (r->again)
		resource_fetch(r);
	r->session->news(r->session->arg);
}

void resource_fetch(struct resource *r)
{
	r->again = r->handle != NULL;
	if (r->again || r->path == NULL || r->session->link == LINK_DOWN)
		return;
	r->handle = client_start(r->session->client, "GET", r->path, NULL, NULL, on_answer, r);
}

void resource_set_path(struct resource *r, const char *path)
{
	if (r->path != NULL && strcmp(r->path, path) == 0)
		return;
	free(r->path);
	r->path = xstrdup(path);
	client_cancel(r->handle);
	r->handle = NULL;
	resource_fetch(r);
}

json_t *resource_use(struct resource *r)
{
	/* Not drawn in the frame before: what it holds may be old. */
	if (r->frame + 1 < r->session->frame && r->handle == NULL)
		resource_fetch(r);
	r->frame = r->session->frame;
	return r->data;
}
