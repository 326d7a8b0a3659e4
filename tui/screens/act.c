/* SPDX-License-Identifier: MIT */
/* Changes are sent here, and what came of them is said in the message row. */
#include "screens/act.h"

#include <stdlib.h>

#include "base/mem.h"
#include "screens/show.h"

/* Outlives the screen: what was asked for is reported wherever the person is by then. */
struct sent {
	struct app *app;
	char *said;             /* owned */
	void (*tell)(struct app *, const json_t *answer);
};

static void on_sent(void *arg, const struct client_answer *answer)
{
	struct sent *sent = arg;

	if (answer->err->code != ERR_NONE)
		app_say(sent->app, ROLE_BAD, "%s", answer->err->text);
	else if (sent->tell != NULL)
		sent->tell(sent->app, answer->json);
	else
		app_say(sent->app, ROLE_NORMAL, "%s", sent->said);
	free(sent->said);
	free(sent);
}

static struct change change_of(const struct act *act, char *path)
{
	return (struct change){.method = act->method != NULL ? act->method : "POST", .path = path,
			       .body = (json_t *)act->body, .revision = act->revision, .reason = act->reason};
}

void act_send(struct screen *s, const struct act *act)
{
	char *path = path_of(act->prefix, act->name, act->suffix);
	struct change change = change_of(act, path);
	struct sent *sent = xcalloc(1, sizeof(*sent));

	sent->app = s->app;
	sent->said = xstrdup(act->said != NULL ? act->said : "");
	sent->tell = act->tell;
	session_send(app_session(s->app), &change, on_sent, sent);
	free(path);
}

void act_ask_impact(struct screen *box, const struct act *act)
{
	char *path = path_of(act->prefix, act->name, act->suffix);

	confirm_ask_impact(box, act->method != NULL ? act->method : "POST", path, act->body);
	free(path);
}
