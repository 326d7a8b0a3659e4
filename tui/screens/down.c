/* SPDX-License-Identifier: MIT */
/* The box that says the daemon is not there; it comes once, and goes by itself when it is back. */
#include "app/app.h"
#include "model/now.h"
#include "screens/screens.h"

static void down_draw(struct screen *s, struct area a)
{
	const struct session *session = app_session(s->app);
	struct area in = put_box(area_center(a, 8, 72), "Not connected", "Esc hides this box");
	char at[NOW_TEXT];

	put(in, 0, 1, in.width - 2, ROLE_BAD, session->error);
	putf(in, 1, 1, ROLE_NORMAL, "socket %s", client_socket(session->client));
	if (session->was_live)
		putf(in, 2, 1, ROLE_NORMAL, "lost %s; the figures are from then, changes are refused",
		     now_clock(now_is_fixed() ? now_ms() : session->down_since_ms, at));
	else
		put(in, 2, 1, in.width - 2, ROLE_NORMAL, "is it running? tollgate start, or tollgated");
	put(in, 3, 1, in.width - 2, ROLE_NORMAL, "it is tried again after 1, 2, 4, 8, 15, 15, ... seconds; r tries now");
	put(in, 5, 1, in.width - 2, ROLE_DIM, "Calls may still flow: only the admin socket is lost.");
}

const struct screen_ops down_screen = {
	.name = "Not connected",
	.kind = SCREEN_BOX,
	.context = CONTEXT_DOWN,
	.draw = down_draw,
};
