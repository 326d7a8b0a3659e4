/* SPDX-License-Identifier: MIT */
/* Asks before something that is not saved is thrown away by leaving. */
#include "app/app.h"
#include "base/mem.h"
#include "screens/screens.h"

struct quit {
	char what[128];
};

static void quit_open(struct screen *s, const void *arg)
{
	struct quit *q = s->state;

	copy_text(q->what, sizeof(q->what), arg);
}

static void quit_draw(struct screen *s, struct area a)
{
	const struct quit *q = s->state;
	struct area in = put_box(area_center(a, 6, 60), "Leave?", "default: stay");

	put(in, 0, 1, in.width - 2, ROLE_WARN, q->what);
	put(in, 2, 1, in.width - 2, ROLE_NORMAL, "  y  leave, it is lost");
	put(in, 3, 1, in.width - 2, ROLE_SELECTED, "> n  stay");
	put_cursor(in, 3, 1, false);
}

static bool quit_request(struct screen *s, enum request r)
{
	struct app *app = s->app;

	if (r == REQUEST_YES && app_may_confirm(s))
		app_request(app, REQUEST_QUIT);
	else if (r == REQUEST_ACCEPT || r == REQUEST_KEEP)
		app_pop(s);
	return r != REQUEST_QUIT;
}

const struct screen_ops quit_screen = {
	.name = "Leave",
	.kind = SCREEN_BOX,
	.context = CONTEXT_BOX,
	.state_size = sizeof(struct quit),
	.open = quit_open,
	.draw = quit_draw,
	.request = quit_request,
};
