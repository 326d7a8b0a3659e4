/* SPDX-License-Identifier: MIT */
#include "admin/peer.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "check.h"

/* Somebody who is neither root nor this process: nobody, as every system has. */
#define NOBODY 65534

/* Of a process that has this group alone. */
static enum role role_of(uid_t uid, gid_t gid, const char *user, const char *admin_group, const char *viewer_group)
{
	return peer_role(uid, &gid, 1, user, admin_group, viewer_group);
}

static void root_and_the_daemons_own_user_are_admins(void)
{
	CHECK_INT(role_of(0, 0, "root", NULL, NULL), ROLE_ADMIN);
	CHECK_INT(role_of(geteuid(), getegid(), NULL, NULL, NULL), ROLE_ADMIN);
}

static void strangers_may_nothing(void)
{
	CHECK_INT(role_of(NOBODY, NOBODY, "nobody", NULL, NULL), ROLE_NONE);
	CHECK_INT(role_of(NOBODY, NOBODY, "nobody", "", ""), ROLE_NONE);
	CHECK_INT(role_of(NOBODY, NOBODY, "nobody", "no-such-group", "no-such-group-either"), ROLE_NONE);
	/* A uid without a name has its primary group alone. */
	CHECK_INT(role_of(987654, NOBODY, NULL, "root", "root"), ROLE_NONE);
}

static void groups_give_roles_and_the_higher_one_counts(void)
{
	const struct group *g = getgrgid(0);
	char name[64];

	if (g == NULL) {
		printf("# skipped: group 0 has no name here\n");
		return;
	}
	snprintf(name, sizeof(name), "%s", g->gr_name);
	CHECK_INT(role_of(NOBODY, 0, "nobody", name, NULL), ROLE_ADMIN);
	CHECK_INT(role_of(NOBODY, 0, "nobody", NULL, name), ROLE_VIEWER);
	CHECK_INT(role_of(NOBODY, 0, "nobody", name, name), ROLE_ADMIN);
	CHECK_INT(role_of(987654, 0, NULL, "no-such-group", name), ROLE_VIEWER);
	/* Any of its process's groups, not only the first. */
	CHECK_INT(peer_role(NOBODY, (gid_t[]){NOBODY, 0}, 2, "nobody", NULL, name), ROLE_VIEWER);
}

static void the_kernel_says_who_is_connected(void)
{
	struct err err = {0};
	struct peer peer = {0};
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	CHECK_INT(peer_of_socket(fds[0], NULL, NULL, &peer, &err), 0);
	CHECK_INT(peer.uid, geteuid());
	CHECK_INT(peer.pid, getpid());
	CHECK_INT(peer.role, ROLE_ADMIN);
	CHECK(peer.user[0] != '\0');
	close(fds[0]);
	close(fds[1]);
}

static void what_is_no_socket_is_an_error_in_words(void)
{
	struct err err = {0};
	struct peer peer = {0};

	CHECK(peer_of_socket(-1, NULL, NULL, &peer, &err) < 0);
	CHECK(strstr(err.text, "admin socket") != NULL);
}

CHECK_MAIN(TEST(root_and_the_daemons_own_user_are_admins), TEST(strangers_may_nothing),
	   TEST(groups_give_roles_and_the_higher_one_counts), TEST(the_kernel_says_who_is_connected),
	   TEST(what_is_no_socket_is_an_error_in_words))
