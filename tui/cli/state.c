/* SPDX-License-Identifier: MIT */
/* The daemon's directory is found, made and locked here. */
#include "cli/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

char *state_home(void)
{
	if (variable("TOLLGATE_HOME"))
		return xstrdup(variable("TOLLGATE_HOME"));
	if (geteuid() == 0)
		return xstrdup("/var/lib/tollgate");
	if (variable("XDG_STATE_HOME"))
		return xasprintf("%s/tollgate", variable("XDG_STATE_HOME"));
	return xasprintf("%s/.local/state/tollgate", variable("HOME") ? variable("HOME") : "/tmp");
}

char *state_path(const char *name)
{
	char *home = state_home(), *path = xasprintf("%s/%s", home, name);

	free(home);
	return path;
}

int state_make_home(struct err *err)
{
	char *home = state_home();
	int code = 0;

	for (char *slash = strchr(home + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(home, 0755);
		*slash = '/';
	}
	if (mkdir(home, 0700) < 0 && errno != EEXIST)
		code = err_errno(err, "making %s", home);
	free(home);
	return code;
}

int state_lock(struct err *err)
{
	char *path = state_path("lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		err_errno(err, "%s", path);
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err_set(err, ERR_CONFLICT, "a daemon runs on this state; stop it first with kill PID; tollgate status says which");
		close(fd);
		fd = ERR_CONFLICT;
	}
	free(path);
	return fd < 0 ? err->code : fd;
}
