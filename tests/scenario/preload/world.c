/* SPDX-License-Identifier: MIT */
/*
 * Loaded into a daemon, this makes the machine's clock and disk be what a test says while it runs.
 *
 * $WORLD names a folder.  A file "clock" in it holds seconds by which the wall clock is ahead (or behind); while
 * there is a file "readonly", every write to a file below the folder that the file "readonly" names fails, as it
 * does on a file system that the kernel has made read-only under its users.  (A remount by hand would be refused:
 * it is busy.)  What is mapped into memory stays writable, as it does there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What the file says; without a newline.  0: there is none. */
static size_t read_world(const char *name, char *out, size_t size)
{
	static int (*real_open)(const char *, int, ...);
	char path[4096];
	ssize_t n;
	int fd, was = errno;

	if (real_open == NULL)
		real_open = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	snprintf(path, sizeof(path), "%s/%s", getenv("WORLD") != NULL ? getenv("WORLD") : "", name);
	fd = real_open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, out, size - 1) : 0;
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	errno = was;
	return strlen(out);
}

/* -- the clock ----------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	char text[32];
	int rc;

	if (real == NULL)
		real = REAL(clock_gettime);
	rc = real(clock, ts);
	if (rc == 0 && clock == CLOCK_REALTIME && read_world("clock", text, sizeof(text)) > 0)
		ts->tv_sec += strtol(text, NULL, 10);
	return rc;
}

/* -- the disk ------------------------------------------------------------------------------------ */

static int is_readonly_path(const char *path)
{
	char folder[4096];
	size_t len = read_world("readonly", folder, sizeof(folder));

	return len > 0 && strncmp(path, folder, len) == 0;
}

static int is_readonly(int fd)
{
	char link[64], path[4096];
	ssize_t n;
	int was = errno;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	errno = was;
	return is_readonly_path(path);
}

#define REFUSED(question) ((question) ? (errno = EROFS, 1) : 0)

ssize_t write(int fd, const void *data, size_t len)
{
	return REFUSED(is_readonly(fd)) ? -1 : REAL(write)(fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return REFUSED(is_readonly(fd)) ? -1 : REAL(pwrite)(fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return REFUSED(is_readonly(fd)) ? -1 : REAL(pwrite64)(fd, data, len, at);
}

int ftruncate(int fd, off_t len)
{
	return REFUSED(is_readonly(fd)) ? -1 : REAL(ftruncate)(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return REFUSED(is_readonly(fd)) ? -1 : REAL(ftruncate64)(fd, len);
}

int unlink(const char *path)
{
	return REFUSED(is_readonly_path(path)) ? -1 : REAL(unlink)(path);
}

static int open_as(const char *name, const char *path, int flags, unsigned mode)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);

	if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 && REFUSED(is_readonly_path(path)))
		return -1;
	return real(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	unsigned mode;

	va_start(args, flags);
	mode = va_arg(args, unsigned);
	va_end(args);
	return open_as("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	unsigned mode;

	va_start(args, flags);
	mode = va_arg(args, unsigned);
	va_end(args);
	return open_as("open64", path, flags, mode);
}
