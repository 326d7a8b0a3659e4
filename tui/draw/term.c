/* SPDX-License-Identifier: MIT */
/* The terminal is opened, drawn on, read from and given back here. */
#define NCURSES_WIDECHAR 1
#include "draw/term.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "draw/cells.h"
#include "draw/rescue.h"

#define MAX_PASTE (64u << 10)
#define PASTE_PATIENCE_US 1000000

enum { CODE_PASTE_BEGIN = KEY_MAX + 1, CODE_PASTE_END };

static struct {
	SCREEN *screen;         /* NULL while closed */
	WINDOW *pad;            /* keys are read from here, so that reading never draws */
	FILE *out, *in;
	bool headless, colors;
	int cursor_y, cursor_x;
	bool cursor_visible;
	struct buf paste;
	uint64_t paste_began_us;        /* 0 while no paste is arriving */
} term;

static const struct {
	short color;
	attr_t attributes, mono;
} looks[NUM_ROLES] = {
#define ROLE(id, color, attributes, mono, letter) [ROLE_##id] = {color, attributes, mono},
#include "draw/roles.def"
#undef ROLE
};

static attr_t look(enum role role, short *ret_pair)
{
	*ret_pair = term.colors && looks[role].color >= 0 ? (short)(looks[role].color + 1) : 0;
	return term.colors ? looks[role].attributes : looks[role].mono;
}

static bool wants_color(const struct term_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	return !options->mono && (no_color == NULL || no_color[0] == '\0');
}

/* The eight colours of the user's own terminal on its own background. */
static void start_colors(const struct term_options *options)
{
	if (!wants_color(options) || !has_colors() || start_color() == ERR || use_default_colors() == ERR)
		return;
	for (short c = 0; c < 8; c++)
		init_pair((short)(c + 1), c, -1);
	term.colors = true;
}

/* Terminals send some keys in another form than terminfo says. */
static void define_keys(void)
{
	static const struct {
		const char *sequence;
		int code;
	} extra[] = {
		{"\033[200~", CODE_PASTE_BEGIN}, {"\033[201~", CODE_PASTE_END},
		{"\033[A", KEY_UP}, {"\033[B", KEY_DOWN}, {"\033[C", KEY_RIGHT}, {"\033[D", KEY_LEFT},
		{"\033OA", KEY_UP}, {"\033OB", KEY_DOWN}, {"\033OC", KEY_RIGHT}, {"\033OD", KEY_LEFT},
		{"\033[H", KEY_HOME}, {"\033[F", KEY_END}, {"\033[1~", KEY_HOME}, {"\033[4~", KEY_END},
		{"\033OH", KEY_HOME}, {"\033OF", KEY_END}, {"\033[3~", KEY_DC}, {"\033[Z", KEY_BTAB},
		{"\033[5~", KEY_PPAGE}, {"\033[6~", KEY_NPAGE}, {"\033OM", KEY_ENTER},
	};

	for (size_t i = 0; i < ARRAY_LEN(extra); i++)
		define_key(extra[i].sequence, extra[i].code);
}

static void set_modes(void)
{
	set_escdelay(25);
	raw();
	noecho();
	nonl();
	typeahead(-1);
	curs_set(0);
	term.pad = newpad(1, 1);
	keypad(term.pad, TRUE);
	nodelay(term.pad, TRUE);
	define_keys();
}

static int open_screen(const struct term_options *options, struct err *err)
{
	const char *name = options->headless ? "xterm" : getenv("TERM");

	term.headless = options->headless;
	if (options->headless) {
		term.out = fopen("/dev/null", "w");
		term.in = fopen("/dev/null", "r");
	} else {
		/* With these set the size of the window would be ignored. */
		unsetenv("LINES");
		unsetenv("COLUMNS");
		rescue_remember(STDIN_FILENO);
		term.out = stdout;
		term.in = stdin;
	}
	if (term.out == NULL || term.in == NULL)
		return err_errno(err, "opening /dev/null");
	term.screen = newterm(name, term.out, term.in);
	if (term.screen == NULL)
		return err_set(err, ERR_SYSTEM, "the terminal \"%s\" is not known here: set TERM to one that is (xterm), or use the subcommands of tollgate",
			       name != NULL ? name : "");
	return 0;
}

int term_open(const struct term_options *options, struct err *err)
{
	int rc;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	theme_set_ascii(options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0);
	rc = open_screen(options, err);
	if (rc < 0)
		return rc;
	buf_init(&term.paste, MAX_PASTE);
	start_colors(options);
	set_modes();
	if (!options->headless) {
		rescue_arm(STDOUT_FILENO);
		rescue_hide_stderr();
		term_send("\033[?2004h", 8);
	}
	return 0;
}

void term_close(void)
{
	if (term.screen == NULL)
		return;
	if (!term.headless)
		term_send("\033[?2004l", 8);
	delwin(term.pad);
	endwin();
	rescue_disarm();
	rescue_show_stderr();
	delscreen(term.screen);
	if (term.headless) {
		fclose(term.out);
		fclose(term.in);
	}
	buf_release(&term.paste);
	memset(&term, 0, sizeof(term));
}

struct area term_area(void)
{
	return (struct area){0, 0, LINES, COLS};
}

void term_set_size(int height, int width)
{
	if (height > 0 && width > 0)
		resizeterm(height, width);
}

bool term_resize(void)
{
	struct winsize size;

	/* A broken pty says 0 by 0. */
	if (term.headless || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return false;
	if (size.ws_row == LINES && size.ws_col == COLS)
		return false;
	resizeterm(size.ws_row, size.ws_col);
	return true;
}

void term_begin(void)
{
	erase();
	term.cursor_y = term.cursor_x = 0;
	term.cursor_visible = false;
}

void term_end(void)
{
	curs_set(term.cursor_visible);
	/* Screen readers and braille displays follow the cursor, so it rests on what is selected. */
	move(term.cursor_y, term.cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}

void term_repaint(void)
{
	clearok(curscr, TRUE);
}

void term_write(int y, int x, enum role role, const char *text)
{
	short pair;
	attr_t attributes = look(role, &pair);

	attr_set(attributes, pair, NULL);
	mvaddstr(y, x, text);
	attr_set(A_NORMAL, 0, NULL);
}

void term_set_role(int y, int x, int width, enum role role)
{
	short pair;
	attr_t attributes = look(role, &pair);

	mvchgat(y, x, width, attributes, pair, NULL);
}

void term_set_cursor(int y, int x, bool visible)
{
	term.cursor_y = y;
	term.cursor_x = x;
	term.cursor_visible = visible;
}

void term_send(const char *bytes, size_t len)
{
	if (term.headless)
		return;
	fwrite(bytes, 1, len, term.out);
	fflush(term.out);
}

static key_code translate(bool is_code, wint_t c)
{
	static const struct {
		int code;
		key_code key;
	} named[] = {
#define KEY(id, name, code) {code, K_##id},
#include "input/keys.def"
#undef KEY
	};

	if (!is_code) {
		if (c == '\r' || c == '\n')
			return K_ENTER;
		if (c == 0x7f || c == '\b')
			return K_BACKSPACE;
	}
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (named[i].code == (int)c && is_code == (named[i].code >= KEY_MIN))
			return named[i].key;
	return is_code ? K_NONE : (key_code)c;
}

static bool end_paste(struct term_input *out)
{
	term.paste_began_us = 0;
	out->key = K_NONE;
	out->paste = term.paste.data;
	return true;
}

static void add_to_paste(wint_t c)
{
	char bytes[KEY_TEXT];

	if (c == '\r' || c == '\n' || c == '\t')
		buf_putc(&term.paste, c == '\t' ? '\t' : '\n');
	else
		buf_puts(&term.paste, key_utf8(c == ' ' ? K_SPACE : (key_code)c, bytes));
}

bool term_read(struct term_input *out)
{
	wint_t c;
	int rc;

	while ((rc = wget_wch(term.pad, &c)) != ERR) {
		bool is_code = rc == KEY_CODE_YES;

		if (is_code && c == CODE_PASTE_BEGIN) {
			buf_clear(&term.paste);
			term.paste_began_us = clock_mono_us();
		} else if (is_code && c == CODE_PASTE_END) {
			if (term.paste_began_us != 0)
				return end_paste(out);
		} else if (term.paste_began_us != 0) {
			if (!is_code)
				add_to_paste(c);
		} else {
			out->key = translate(is_code, c);
			out->paste = NULL;
			if (out->key != K_NONE)
				return true;
		}
	}
	if (term.paste_began_us != 0 && clock_mono_us() - term.paste_began_us > PASTE_PATIENCE_US)
		return end_paste(out);
	return false;
}

int term_timeout_ms(void)
{
	return term.paste_began_us != 0 ? (int)(PASTE_PATIENCE_US / 1000) : -1;
}

void term_suspend(void)
{
	if (term.headless)
		return;
	term_send("\033[?2004l", 8);
	def_prog_mode();
	endwin();
	raise(SIGSTOP);
	reset_prog_mode();
	term_send("\033[?2004h", 8);
	term_resize();
	term_repaint();
	refresh();
}

/* The character in a cell as UTF-8; returns how many cells it takes. */
static int read_cell(int y, int x, struct buf *out)
{
	wchar_t text[CCHARW_MAX + 1] = L"";
	attr_t attributes;
	short pair;
	cchar_t cell;
	char bytes[KEY_TEXT];

	if (mvwin_wch(curscr, y, x, &cell) == ERR || getcchar(&cell, text, &attributes, &pair, NULL) == ERR ||
	    text[0] == L'\0') {
		buf_putc(out, ' ');
		return 1;
	}
	for (size_t i = 0; text[i] != L'\0'; i++)
		buf_puts(out, text[i] == L' ' ? " " : key_utf8((key_code)text[i], bytes));
	return cells_of_char((uint32_t)text[0]) == 2 ? 2 : 1;
}

void term_read_row(int y, char *out, size_t size)
{
	struct buf row;

	buf_init(&row, CELLS_TEXT * 4);
	for (int x = 0; x < COLS;)
		x += read_cell(y, x, &row);
	while (row.len > 0 && row.data[row.len - 1] == ' ')
		row.data[--row.len] = '\0';
	copy_text(out, size, row.data);
	buf_release(&row);
}

static char attribute_letter(attr_t a, short pair)
{
	if (a & A_REVERSE)
		return 'r';
	if (pair > 0)
		return (char)('0' + pair - 1);
	if (a & A_BOLD)
		return 'b';
	if (a & A_UNDERLINE)
		return 'u';
	return a & A_DIM ? 'd' : ' ';
}

void term_read_attributes(int y, char *out, size_t size)
{
	int width = COLS < (int)size ? COLS : (int)size - 1;

	for (int x = 0; x < width; x++) {
		chtype cell = mvwinch(curscr, y, x);

		out[x] = attribute_letter(cell & A_ATTRIBUTES, (short)PAIR_NUMBER(cell));
	}
	while (width > 0 && out[width - 1] == ' ')
		width--;
	out[width] = '\0';
}
