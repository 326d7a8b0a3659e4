/* SPDX-License-Identifier: MIT */
#include "loop/listen.h"

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "check.h"

static void an_address_somebody_listens_on_is_not_free(void)
{
	int fd = listen_tcp("127.0.0.1:0", NULL), second;
	char address[32];
	struct err err;

	CHECK(fd >= 0);
	snprintf(address, sizeof(address), "127.0.0.1:%u", listen_port(fd));
	CHECK_INT(listen_try(address, &err), ERR_CONFLICT);
	CHECK(strstr(err.text, address) != NULL);
	/* A second worker shares it all the same. */
	second = listen_tcp(address, NULL);
	CHECK(second >= 0);
	close(second);
	close(fd);
	CHECK_INT(listen_try(address, &err), 0);
	CHECK_INT(listen_try("127.0.0.1:0", &err), 0);
}

CHECK_MAIN(TEST(an_address_somebody_listens_on_is_not_free))
