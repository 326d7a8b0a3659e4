/* SPDX-License-Identifier: MIT */
/* The question before anything that moves traffic or money is asked here. */
#include "app/confirm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/cells.h"
#include "draw/line.h"
#include "draw/wrap.h"

#define BOX_WIDTH 72
#define MAX_WARNINGS 4

struct line {
	enum role role;
	char text[160];
};

struct confirm {
	struct confirm_options options;
	char title[128], keep[64], about[256], same_as[256], labels[CONFIRM_CHOICES][64];
	struct line lines[CONFIRM_LINES];
	size_t num_lines;
	bool waiting;           /* for the impact */
	size_t marked;          /* num_choices: keep */
	bool in_reason;
	struct field reason;
};

static void confirm_opened(struct screen *s, const void *arg)
{
	struct confirm *c = s->state;

	c->options = *(const struct confirm_options *)arg;
	copy_text(c->title, sizeof(c->title), c->options.title);
	copy_text(c->keep, sizeof(c->keep), c->options.keep);
	copy_text(c->about, sizeof(c->about), c->options.about != NULL ? c->options.about : "");
	copy_text(c->same_as, sizeof(c->same_as), c->options.same_as != NULL ? c->options.same_as : "");
	for (size_t i = 0; i < c->options.num_choices; i++)
		copy_text(c->labels[i], sizeof(c->labels[i]), c->options.choices[i].label);
	c->marked = c->options.num_choices;
	c->waiting = c->options.wants_impact;
}

void confirm_add_line(struct screen *box, enum role role, const char *fmt, ...)
{
	struct confirm *c = box->state;
	va_list args;

	if (c->num_lines == CONFIRM_LINES)
		return;
	va_start(args, fmt);
	vsnprintf(c->lines[c->num_lines].text, sizeof(c->lines[0].text), fmt, args);
	va_end(args);
	c->lines[c->num_lines++].role = role;
	app_redraw(box->app);
}

static void join_moves(const json_t *moves, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(moves) && len + 1 < size; i++) {
		const json_t *move = json_array_get(moves, i);
		const char *chain = json_text_peek(move, "chain"), *target = json_text_peek(move, "target");

		snprintf(out + len, size - len, "%s%s to %s", len > 0 ? ", " : "", chain != NULL ? chain : "-",
			 target != NULL ? target : "nothing");
		len = strlen(out);
	}
}

static void add_stranded(struct screen *box, const json_t *chains)
{
	for (size_t i = 0; i < json_array_size(chains) && i < MAX_WARNINGS; i++)
		confirm_add_line(box, ROLE_BAD, "! chain %s has no other target: its calls will get 503",
				 json_string_value(json_array_get(chains, i)));
}

/* As many rows as it takes. */
static void add_warning(struct screen *box, const char *sentence)
{
	const char *mark = "! ", *next;

	while (*sentence != '\0') {
		size_t len = wrap_row(sentence, BOX_WIDTH - 6, &next);

		confirm_add_line(box, ROLE_WARN, "%s%.*s", mark, (int)len, sentence);
		sentence = next;
		mark = "  ";
	}
}

void confirm_show_impact(struct screen *box, const json_t *impact)
{
	char calls[FMT_TEXT], spend[FMT_TEXT], moves[160];
	const json_t *warnings = json_object_get(impact, "warnings");
	int64_t open_calls = json_int_peek(impact, "open_calls", FMT_UNKNOWN);

	confirm_add_line(box, ROLE_NORMAL, "last 24 h: %s calls, %s",
			 fmt_count(json_int_peek(impact, "calls_24h", FMT_UNKNOWN), calls),
			 fmt_money(json_money_peek(impact, "spend_24h_usd"), spend));
	if (open_calls > 0)
		confirm_add_line(box, ROLE_NORMAL, "%lld open calls finish normally", (long long)open_calls);
	join_moves(json_object_get(impact, "moves_to"), moves, sizeof(moves));
	if (moves[0] != '\0')
		confirm_add_line(box, ROLE_NORMAL, "moves: %s", moves);
	add_stranded(box, json_object_get(impact, "chains_without_target"));
	for (size_t i = 0; i < json_array_size(warnings) && i < MAX_WARNINGS; i++)
		add_warning(box, json_string_value(json_array_get(warnings, i)));
}

static void on_impact(void *arg, const struct client_answer *answer)
{
	struct screen *box = arg;
	struct confirm *c = box->state;
	const json_t *impact = answer->json != NULL ? json_object_get(answer->json, "impact") : NULL;

	c->waiting = false;
	if (answer->err->code != ERR_NONE)
		confirm_add_line(box, ROLE_WARN, "! the impact is not known: %s", answer->err->text);
	else
		confirm_show_impact(box, impact);
	app_redraw(box->app);
}

void confirm_ask_impact(struct screen *box, const char *method, const char *path, const json_t *body)
{
	struct change change = {.method = method, .path = path, .body = (json_t *)body, .dry_run = true};

	app_send(box, &change, on_impact);
}

static int draw_lines(const struct confirm *c, struct area a)
{
	int y = 0;

	for (size_t i = 0; i < c->num_lines; i++)
		put(a, y++, 1, a.width - 2, c->lines[i].role, c->lines[i].text);
	if (c->waiting)
		put(a, y++, 1, a.width - 2, ROLE_DIM, "asking the daemon what this would touch...");
	return y;
}

static int draw_reason(const struct confirm *c, struct area a, int y)
{
	int x;

	if (!c->options.asks_reason)
		return y;
	x = put(a, y, 1, a.width - 2, ROLE_NORMAL, "Reason  ");
	line_draw(&c->reason, area_part(a, y, x, 1, a.width - x - 20), c->in_reason ? ROLE_FIELD_ACTIVE : ROLE_FIELD,
		  c->in_reason);
	put_right(a, y, a.width - 1, ROLE_DIM, "(Tab; for the audit)");
	return y + 2;
}

static void draw_choice(const struct confirm *c, struct area a, int y, size_t i)
{
	bool is_keep = i == c->options.num_choices, marked = i == c->marked && !c->in_reason;
	enum request r = is_keep ? REQUEST_KEEP : c->options.choices[i].request;
	const char *k = keymap_key_of(c->options.context, r);

	putf(a, y, 1, marked ? ROLE_SELECTED : ROLE_NORMAL, "%s %s  %s", marked ? ">" : " ", k != NULL ? k : " ",
	     is_keep ? c->keep : c->labels[i]);
	if (marked)
		put_cursor(a, y, 1, false);
}

/* A row of blanks shows as one that fills it. */
static int height_of(const struct confirm *c)
{
	int lines = (int)c->num_lines + c->waiting;

	return 2 + lines + (lines > 0) + 2 * c->options.asks_reason + (int)c->options.num_choices + 1 +
	       (c->same_as[0] != '\0' ? 2 : 0);
}

static void confirm_draw(struct screen *s, struct area a)
{
	struct confirm *c = s->state;
	char foot[96];
	struct area box = area_center(a, height_of(c), BOX_WIDTH), in;
	int y;

	snprintf(foot, sizeof(foot), "default: %s", c->keep);
	in = put_box(box, c->title, foot);
	y = draw_lines(c, in);
	y = draw_reason(c, in, y > 0 ? y + 1 : 0);
	for (size_t i = 0; i <= c->options.num_choices; i++)
		draw_choice(c, in, y++, i);
	if (c->same_as[0] != '\0') {
		int x = put(in, y + 1, 1, in.width - 2, ROLE_DIM, "same as: ");

		put(in, y + 1, x, in.width - x - 1, ROLE_NORMAL, c->same_as);
	}
}

static void choose(struct screen *s, enum request r)
{
	struct confirm *c = s->state;
	struct screen *owner = c->options.owner;
	void (*chosen)(struct screen *, enum request, const char *, const char *) = c->options.chosen;
	char about[sizeof(c->about)], reason[FIELD_TEXT];

	copy_text(about, sizeof(about), c->about);
	copy_text(reason, sizeof(reason), c->reason.text);
	app_pop(s);
	if (r != REQUEST_KEEP)
		chosen(owner, r, about, reason[0] != '\0' ? reason : NULL);
}

static bool request_in_reason(struct confirm *c, enum request r)
{
	if (r == REQUEST_ACCEPT || r == REQUEST_BACK) {
		c->in_reason = false;
		return true;
	}
	return field_request(&c->reason, r);
}

static bool is_choice(const struct confirm *c, enum request r)
{
	for (size_t i = 0; i < c->options.num_choices; i++)
		if (c->options.choices[i].request == r)
			return true;
	return r == REQUEST_KEEP;
}

static bool confirm_request(struct screen *s, enum request r)
{
	struct confirm *c = s->state;
	size_t n = c->options.num_choices;

	if (c->in_reason)
		return request_in_reason(c, r);
	if (r == REQUEST_MOVE_UP)
		c->marked = c->marked > 0 ? c->marked - 1 : 0;
	else if (r == REQUEST_MOVE_DOWN)
		c->marked = c->marked < n ? c->marked + 1 : n;
	else if (r == REQUEST_NEXT_PANEL)
		c->in_reason = c->options.asks_reason;
	else if (r == REQUEST_ACCEPT)
		r = c->marked < n ? c->options.choices[c->marked].request : REQUEST_KEEP;
	if (is_choice(c, r) && (r == REQUEST_KEEP || app_may_confirm(s)))
		choose(s, r);
	return r != REQUEST_QUIT;
}

static void confirm_text(struct screen *s, const char *utf8, bool pasted)
{
	struct confirm *c = s->state;

	(void)pasted;
	if (c->in_reason)
		field_insert(&c->reason, utf8);
}

static enum context confirm_context(const struct screen *s)
{
	const struct confirm *c = s->state;

	return c->in_reason ? CONTEXT_REASON : c->options.context;
}

static const struct screen_ops confirm_screen = {
	.name = "Confirm",
	.kind = SCREEN_BOX,
	.context = CONTEXT_BOX,
	.state_size = sizeof(struct confirm),
	.open = confirm_opened,
	.draw = confirm_draw,
	.request = confirm_request,
	.text = confirm_text,
	.context_now = confirm_context,
};

struct screen *confirm_open(struct app *app, const struct confirm_options *options)
{
	return app_push(app, &confirm_screen, options);
}
