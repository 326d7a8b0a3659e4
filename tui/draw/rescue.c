/* SPDX-License-Identifier: MIT */
/*
 * What brings the terminal back after a crash is prepared here.
 *
 * endwin() must not be called from a signal handler, so the bytes it would send are collected
 * beforehand, and the handler does nothing but write(), tcsetattr() and raise().
 */
#include "draw/rescue.h"

#include <curses.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

static const int deadly[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

static char bytes[256];
static size_t num_bytes;
static struct termios before;
static int fd = -1;
static int real_stderr = -1, hidden_stderr = -1;

static void on_deadly_signal(int number)
{
	if (fd >= 0) {
		(void)!write(fd, bytes, num_bytes);
		tcsetattr(fd, TCSANOW, &before);
	}
	/* The handler was reset when it was entered: this time the signal kills. */
	raise(number);
}

/* Terminfo's strings may carry delays, "$<5>", that only tputs() understands. */
static void add(const char *s)
{
	if (s == NULL || s == (const char *)-1)
		return;
	while (*s != '\0' && num_bytes < sizeof(bytes)) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;

		if (end != NULL)
			s = end + 1;
		else
			bytes[num_bytes++] = *s++;
	}
}

void rescue_remember(int terminal_fd)
{
	tcgetattr(terminal_fd, &before);
}

void rescue_arm(int terminal_fd)
{
	struct sigaction action = {.sa_handler = on_deadly_signal, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};

	num_bytes = 0;
	add("\033[?2004l");
	add(tigetstr("sgr0"));
	add(tigetstr("rmkx"));
	add(tigetstr("cnorm"));
	add(tigetstr("rmcup"));
	fd = terminal_fd;
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		sigaction(deadly[i], &action, NULL);
}

void rescue_disarm(void)
{
	fd = -1;
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		signal(deadly[i], SIG_DFL);
}

void rescue_hide_stderr(void)
{
	hidden_stderr = memfd_create("tollgate-stderr", MFD_CLOEXEC);
	if (hidden_stderr < 0)
		return;
	fflush(stderr);
	real_stderr = dup(STDERR_FILENO);
	dup2(hidden_stderr, STDERR_FILENO);
}

void rescue_show_stderr(void)
{
	char text[4096];
	ssize_t n;

	if (hidden_stderr < 0)
		return;
	fflush(stderr);
	dup2(real_stderr, STDERR_FILENO);
	lseek(hidden_stderr, 0, SEEK_SET);
	while ((n = read(hidden_stderr, text, sizeof(text))) > 0)
		(void)!write(STDERR_FILENO, text, (size_t)n);
	close(hidden_stderr);
	close(real_stderr);
	hidden_stderr = real_stderr = -1;
}
