/* SPDX-License-Identifier: MIT */
/* A list with columns is laid out, moved in and drawn here. */
#include "draw/table.h"

#include <string.h>

#include "base/mem.h"
#include "draw/cells.h"

/* Before each row: the sign of the selected one, or of a mark. */
#define MARGIN 1
#define GAP 1

static int total_width(const struct column *columns, size_t n, const struct table_layout *l)
{
	int total = MARGIN;

	for (size_t i = 0; i < n; i++)
		if (l->width[i] > 0)
			total += columns[i].width + GAP;
	return total - GAP;
}

/* The column that goes first, or n when all that are left must stay. */
static size_t least_wanted(const struct column *columns, size_t n, const struct table_layout *l)
{
	size_t found = n;

	for (size_t i = 0; i < n; i++)
		if (l->width[i] > 0 && columns[i].drop > 0 &&
		    (found == n || columns[i].drop >= columns[found].drop))
			found = i;
	return found;
}

static void share_what_is_left(const struct column *columns, size_t n, int left, struct table_layout *l)
{
	bool grew = true;

	while (left > 0 && grew) {
		grew = false;
		for (size_t i = 0; i < n && left > 0; i++) {
			if (l->width[i] == 0 || l->width[i] >= columns[i].most)
				continue;
			l->width[i]++;
			left--;
			grew = true;
		}
	}
}

void table_layout(const struct column *columns, size_t n, int width, struct table_layout *out)
{
	int x = MARGIN;
	size_t dropped;

	for (size_t i = 0; i < n; i++)
		out->width[i] = columns[i].width;
	while (total_width(columns, n, out) > width &&
	       (dropped = least_wanted(columns, n, out)) < n)
		out->width[dropped] = 0;
	share_what_is_left(columns, n, width - total_width(columns, n, out), out);
	for (size_t i = 0; i < n; i++) {
		out->x[i] = x;
		if (out->width[i] > 0)
			x += out->width[i] + GAP;
	}
}

void table_init(struct table *t, const struct column *columns, size_t num_columns,
		const struct table_source *source, void *arg)
{
	memset(t, 0, sizeof(*t));
	t->columns = columns;
	t->num_columns = num_columns < MAX_COLUMNS ? num_columns : MAX_COLUMNS;
	t->source = source;
	t->arg = arg;
}

static size_t count(const struct table *t)
{
	return t->source->count(t->arg);
}

static const void *row_at(const struct table *t, size_t i)
{
	return i < count(t) ? t->source->row(t->arg, i) : NULL;
}

static bool has_id(const struct table *t, size_t i, const char *id)
{
	const void *row = row_at(t, i);

	return row != NULL && strcmp(t->source->id(row), id) == 0;
}

static void go_to(struct table *t, size_t index)
{
	const void *row;
	size_t n = count(t);

	t->index = n == 0 ? 0 : index < n ? index : n - 1;
	row = row_at(t, t->index);
	copy_text(t->selected, sizeof(t->selected), row != NULL ? t->source->id(row) : "");
}

void table_sync(struct table *t)
{
	size_t n = count(t);

	/* Before the rows come what is to be selected may be known already. */
	if (n == 0)
		return;
	if (t->selected[0] != '\0' && !has_id(t, t->index, t->selected))
		for (size_t i = 0; i < n; i++)
			if (has_id(t, i, t->selected)) {
				/* The row stays where it is on the screen; others move around it. */
				t->top = t->top + i > t->index ? t->top + i - t->index : 0;
				t->index = i;
				return;
			}
	if (t->selected[0] == '\0' || !has_id(t, t->index, t->selected))
		go_to(t, t->index);
}

void table_select(struct table *t, const char *id)
{
	copy_text(t->selected, sizeof(t->selected), id);
	table_sync(t);
}

const void *table_selected(struct table *t)
{
	table_sync(t);
	return row_at(t, t->index);
}

bool table_is_marked(const struct table *t, const char *id)
{
	for (size_t i = 0; i < t->num_marks; i++)
		if (strcmp(t->marks[i], id) == 0)
			return true;
	return false;
}

void table_clear_marks(struct table *t)
{
	t->num_marks = 0;
}

static void toggle_mark(struct table *t)
{
	if (t->selected[0] == '\0')
		return;
	for (size_t i = 0; i < t->num_marks; i++) {
		if (strcmp(t->marks[i], t->selected) != 0)
			continue;
		memmove(t->marks[i], t->marks[i + 1], (t->num_marks - i - 1) * sizeof(t->marks[0]));
		t->num_marks--;
		return;
	}
	if (t->num_marks < MAX_MARKS)
		copy_text(t->marks[t->num_marks++], ROW_ID, t->selected);
}

static void move_by(struct table *t, long by)
{
	long to = (long)t->index + by;

	go_to(t, to < 0 ? 0 : (size_t)to);
}

static void go_to_problem(struct table *t, bool forward)
{
	size_t n = count(t);

	for (size_t step = 1; t->source->is_problem != NULL && step <= n; step++) {
		size_t i = (t->index + (forward ? step : n - step)) % n;
		const void *row = row_at(t, i);

		if (row != NULL && t->source->is_problem(row)) {
			go_to(t, i);
			return;
		}
	}
}

bool table_request(struct table *t, enum request r)
{
	long page = t->shown > 1 ? (long)t->shown - 1 : 1, half = page > 1 ? page / 2 : 1;

	table_sync(t);
	if (r == REQUEST_MOVE_UP)
		move_by(t, -1);
	else if (r == REQUEST_MOVE_DOWN)
		move_by(t, 1);
	else if (r == REQUEST_HALF_UP)
		move_by(t, -half);
	else if (r == REQUEST_HALF_DOWN)
		move_by(t, half);
	else if (r == REQUEST_PAGE_UP)
		move_by(t, -page);
	else if (r == REQUEST_PAGE_DOWN)
		move_by(t, page);
	else if (r == REQUEST_FIRST)
		go_to(t, 0);
	else if (r == REQUEST_LAST)
		go_to(t, count(t));
	else if (r == REQUEST_NEXT_PROBLEM || r == REQUEST_PREVIOUS_PROBLEM)
		go_to_problem(t, r == REQUEST_NEXT_PROBLEM);
	else if (r == REQUEST_MARK)
		toggle_mark(t);
	else
		return false;
	return true;
}

static void scroll_to_selected(struct table *t)
{
	size_t n = count(t);

	if (t->shown == 0)
		return;
	if (t->index < t->top)
		t->top = t->index;
	if (t->index >= t->top + t->shown)
		t->top = t->index - t->shown + 1;
	if (t->top + t->shown > n)
		t->top = n > t->shown ? n - t->shown : 0;
}

static void draw_headings(const struct table *t, const struct table_layout *l, struct area a)
{
	char text[CELLS_TEXT];

	for (size_t i = 0; i < t->num_columns; i++) {
		if (l->width[i] == 0)
			continue;
		cells_fill(t->columns[i].title, l->width[i], t->columns[i].right, text);
		put(a, 0, l->x[i], l->width[i], ROLE_TITLE, text);
	}
}

static void draw_cells(const struct table *t, const struct table_layout *l, struct area a, int y, const void *row,
		       bool selected)
{
	char text[CELLS_TEXT];

	for (size_t i = 0; i < t->num_columns; i++) {
		const struct column *c = &t->columns[i];
		struct cell cell = {.text = "", .role = ROLE_NORMAL};

		if (l->width[i] == 0)
			continue;
		if (c->paint != NULL) {
			c->paint(row, a, y, l->x[i], l->width[i]);
			continue;
		}
		c->cell(row, &cell);
		cells_fill(cell.text, l->width[i], c->right, text);
		if (selected)
			cell.role = cell.role == ROLE_BAD || cell.role == ROLE_WARN ? ROLE_SELECTED_BAD : ROLE_SELECTED;
		put(a, y, l->x[i], l->width[i], cell.role, text);
	}
}

static void draw_row(struct table *t, const struct table_layout *l, struct area a, int y, size_t i, bool focused)
{
	const void *row = row_at(t, i);
	bool selected = i == t->index;

	if (selected && focused)
		put_blank_row(a, y, ROLE_SELECTED);
	if (row != NULL)
		draw_cells(t, l, a, y, row, selected && focused);
	if (selected && focused) {
		put(a, y, 0, 1, ROLE_SELECTED, ">");
		put_cursor(a, y, 0, false);
	}
	/* On the selected row, too: the row itself says that it is selected. */
	if (row != NULL && table_is_marked(t, t->source->id(row)))
		put(a, y, 0, 1, selected && focused ? ROLE_SELECTED : ROLE_KEY, "*");
}

static bool draw_note(struct table *t, struct area a, int y)
{
	const void *row = row_at(t, t->index);
	struct cell note = {.text = "", .role = ROLE_DIM};

	if (row == NULL || t->source->note == NULL)
		return false;
	t->source->note(row, &note);
	if (note.text[0] == '\0')
		return false;
	put(a, y, 3, a.width - 3, note.role, note.text);
	return true;
}

void table_draw(struct table *t, struct area a, bool focused)
{
	struct table_layout l;
	size_t n = count(t);
	int y = 1;

	table_sync(t);
	table_layout(t->columns, t->num_columns, a.width, &l);
	t->shown = a.height > 1 ? (size_t)a.height - 1 : 0;
	scroll_to_selected(t);
	draw_headings(t, &l, a);
	for (size_t i = t->top; i < n && y < a.height; i++) {
		draw_row(t, &l, a, y++, i, focused);
		if (i == t->index && draw_note(t, a, y))
			y++;
	}
}
