/* SPDX-License-Identifier: MIT */
/* Text is handed to the terminal's clipboard here, or to tmux's. */
#include "draw/clipboard.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/mem.h"
#include "draw/term.h"

extern char **environ;

/* Terminals cut longer OSC 52 texts off. */
#define MAX_CLIPBOARD 74000

/* The text goes through a pipe: an argument could be read by others. */
static int feed_tmux(int from)
{
	char *const argv[] = {(char *)"tmux", (char *)"load-buffer", (char *)"-w", (char *)"-", NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int status, rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, from, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", 1, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", 1, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	rc = posix_spawnp(&pid, "tmux", &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	if (rc != 0)
		return -1;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool copy_by_tmux(const char *text)
{
	int ends[2], status;

	/* A pipe holds 64 kB: what fits is written before tmux reads, so nobody waits for anybody. */
	if (strlen(text) > 60000 || pipe(ends) != 0)
		return false;
	status = write(ends[1], text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(ends[1]);
	if (status == 0)
		status = feed_tmux(ends[0]);
	close(ends[0]);
	return status == 0;
}

static void copy_by_osc_52(const char *text, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	struct buf out;
	char *where;

	buf_init(&out, size + 32);
	buf_puts(&out, "\033]52;c;");
	where = buf_reserve(&out, size);
	if (where != NULL) {
		sodium_bin2base64(where, size, (const unsigned char *)text, len, sodium_base64_VARIANT_ORIGINAL);
		buf_commit(&out, size - 1);
		buf_putc(&out, '\a');
		term_send(out.data, out.len);
		sodium_memzero(out.data, out.len);
	}
	buf_release(&out);
}

bool clipboard_copy(const char *text, char *how, size_t size)
{
	const char *tmux = getenv("TMUX");

	if (strlen(text) > MAX_CLIPBOARD) {
		copy_text(how, size, "too long for the clipboard");
		return false;
	}
	if (tmux != NULL && tmux[0] != '\0') {
		bool ok = copy_by_tmux(text);

		copy_text(how, size, ok ? "copied by tmux" : "tmux did not take it");
		return ok;
	}
	copy_by_osc_52(text, strlen(text));
	copy_text(how, size, "sent to the terminal (OSC 52)");
	return true;
}
