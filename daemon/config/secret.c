/* SPDX-License-Identifier: MIT */
/* Credentials are looked up, sealed and opened here. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/config.h"

/* A credential is one line; service account keys are the longest. */
#define SECRET_MAX (64 * 1024)
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* -- the sealing key: 32 random bytes in home/secret.key -- */

static int write_key(int fd, const unsigned char *key)
{
	return write(fd, key, crypto_secretbox_KEYBYTES) == (ssize_t)crypto_secretbox_KEYBYTES && fsync(fd) == 0 ? 0 : -1;
}

/* Written aside and linked into place, so that whoever finds a key finds a whole one, and of two who
 * make one at once the first wins. */
static int make_key(const char *path, struct err *err)
{
	unsigned char key[crypto_secretbox_KEYBYTES];
	char *aside = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(aside, O_CLOEXEC), rc = 0;

	if (fd < 0) {
		rc = err_errno(err, "making %s", path);
		goto out;
	}
	randombytes_buf(key, sizeof(key));
	if (write_key(fd, key) < 0 || (link(aside, path) < 0 && errno != EEXIST))
		rc = err_errno(err, "making %s", path);
	close(fd);
	unlink(aside);
	sodium_memzero(key, sizeof(key));
out:
	free(aside);
	return rc;
}

static int read_key(const char *path, unsigned char *key, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "%s is missing", path)
				       : err_errno(err, "reading %s", path);
	if (fstat(fd, &st) < 0 || (st.st_mode & 077) != 0)
		rc = err_set(err, ERR_FORBIDDEN, "%s may be read by others; run: chmod 600 %s", path, path);
	else if (read(fd, key, crypto_secretbox_KEYBYTES) != (ssize_t)crypto_secretbox_KEYBYTES)
		rc = err_set(err, ERR_INVALID, "%s is no sealing key", path);
	close(fd);
	return rc;
}

static int get_key(const char *home, bool may_make, unsigned char *key, struct err *err)
{
	char *path = xasprintf("%s/secret.key", home);
	int rc;

	if (sodium_init() < 0) {
		rc = err_set(err, ERR_SYSTEM, "libsodium does not start");
		goto out;
	}
	rc = read_key(path, key, err);
	if (rc == ERR_NOT_FOUND && may_make && (rc = make_key(path, err)) == 0)
		rc = read_key(path, key, err);
out:
	free(path);
	return rc;
}

/* -- boxes: "box:" and base64 of nonce and sealed text -- */

static char *seal(const char *text, const unsigned char *key)
{
	size_t len = strlen(text), sealed_len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + len;
	size_t size = sodium_base64_ENCODED_LEN(sealed_len, BASE64);
	unsigned char *sealed = xmalloc(sealed_len);
	char *box = xmalloc(4 + size);

	randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, (const unsigned char *)text, len, sealed, key);
	memcpy(box, "box:", 4);
	sodium_bin2base64(box + 4, size, sealed, sealed_len, BASE64);
	free(sealed);
	return box;
}

static int open_sealed(const unsigned char *sealed, size_t len, const unsigned char *key, char **ret, struct err *err)
{
	size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
	char *text;

	if (len < overhead)
		return err_set(err, ERR_INVALID, "the stored credential is damaged; give it again");
	text = xcalloc(1, len - overhead + 1);
	if (crypto_secretbox_open_easy((unsigned char *)text, sealed + crypto_secretbox_NONCEBYTES,
				       len - crypto_secretbox_NONCEBYTES, sealed, key) != 0) {
		free(text);
		return err_set(err, ERR_INVALID,
			       "the stored credential was sealed with another secret.key; give it again");
	}
	*ret = text;
	return 0;
}

static int open_box(const char *box, const char *home, char **ret, struct err *err)
{
	unsigned char key[crypto_secretbox_KEYBYTES];
	size_t size = strlen(box), len = 0;
	unsigned char *sealed;
	int rc = get_key(home, false, key, err);

	if (rc < 0)
		return rc;
	sealed = xmalloc(size + 1);
	if (sodium_base642bin(sealed, size, box + 4, size - 4, NULL, &len, NULL, BASE64) != 0)
		len = 0;
	rc = open_sealed(sealed, len, key, ret, err);
	sodium_memzero(key, sizeof(key));
	free(sealed);
	return rc;
}

/* -- references -- */

/* Appends the variable's value behind a colon.  One that is marked with a question mark may be unset. */
static int add_variable(struct buf *out, const char *name, size_t len, struct err *err)
{
	bool optional = len > 0 && name[len - 1] == '?';
	char *plain = xstrndup(name, len - optional);
	const char *value = getenv(plain);
	int rc = 0;

	if (value != NULL && *value != '\0') {
		buf_puts(out, out->len > 0 ? ":" : "");
		buf_puts(out, value);
	} else if (!optional) {
		rc = err_set(err, ERR_NOT_FOUND, "the environment variable %.100s is not set", plain);
	}
	free(plain);
	return rc;
}

/* "NAME", or several for a credential of several parts: "KEY_ID:SECRET:TOKEN?". */
static int from_environment(const char *names, char **ret, struct err *err)
{
	struct buf value;
	int rc = 0;

	buf_init(&value, SECRET_MAX);
	for (size_t len; rc == 0; names += len + 1) {
		len = strcspn(names, ":");
		rc = add_variable(&value, names, len, err);
		if (names[len] == '\0')
			break;
	}
	if (rc == 0 && value.failed)
		rc = err_set(err, ERR_INVALID, "the environment variable is too large for a credential");
	if (rc == 0)
		*ret = xstrdup(value.data);
	sodium_memzero(value.data, value.len);
	buf_release(&value);
	return rc;
}

/* Without the line's end that editors put behind it. */
static int from_file(const char *path, char **ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	ssize_t len;

	if (fd < 0)
		return err_errno(err, "reading %s", path);
	text = xmalloc(SECRET_MAX + 1);
	len = read(fd, text, SECRET_MAX + 1);
	close(fd);
	if (len < 0 || len > SECRET_MAX) {
		free(text);
		return len < 0 ? err_errno(err, "reading %s", path)
			       : err_set(err, ERR_INVALID, "%s is too large for a credential", path);
	}
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	if (len == 0) {
		free(text);
		return err_set(err, ERR_INVALID, "%s is empty", path);
	}
	*ret = text;
	return 0;
}

int secret_resolve(const char *credential, const char *home, char **ret, struct err *err)
{
	if (text_starts(credential, "env:"))
		return from_environment(credential + 4, ret, err);
	if (text_starts(credential, "file:"))
		return from_file(credential + 5, ret, err);
	if (text_starts(credential, "box:"))
		return open_box(credential, home, ret, err);
	*ret = xstrdup(credential);
	return 0;
}

/* As from_environment() takes them. */
static bool are_variables(const char *names)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	for (bool first = true;; first = false) {
		size_t len = strspn(names, letters);

		if (len == 0 || (*names >= '0' && *names <= '9'))
			return false;
		names += len + (!first && names[len] == '?');
		if (*names == '\0')
			return true;
		if (*names++ != ':')
			return false;
	}
}

/* It goes into a header: a line's end in it would begin another. */
static bool is_one_line(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return true;
}

int secret_check(const char *given, struct err *err)
{
	if (text_starts(given, "env:") && !are_variables(given + 4))
		return err_set(err, ERR_INVALID, "expected a variable's name behind \"env:\", such as env:OPENAI_API_KEY");
	if (text_starts(given, "file:") && (given[5] != '/' || !is_one_line(given)))
		return err_set(err, ERR_INVALID, "expected an absolute path behind \"file:\", such as file:/run/secrets/openai");
	if (*given == '\0' || strlen(given) > SECRET_MAX || !is_one_line(given))
		return err_set(err, ERR_INVALID, "expected env:NAME, file:/PATH or the secret itself, on one line");
	if (text_starts(given, "box:"))
		return err_set(err, ERR_INVALID, "a sealed secret cannot be given; give the secret itself");
	return 0;
}

int secret_store(const char *given, const char *home, char **ret, struct err *err)
{
	unsigned char key[crypto_secretbox_KEYBYTES];
	int rc = secret_check(given, err);

	if (rc < 0)
		return rc;
	if (text_starts(given, "env:") || text_starts(given, "file:")) {
		*ret = xstrdup(given);
		return 0;
	}
	rc = get_key(home, true, key, err);
	if (rc < 0)
		return rc;
	*ret = seal(given, key);
	sodium_memzero(key, sizeof(key));
	return 0;
}
