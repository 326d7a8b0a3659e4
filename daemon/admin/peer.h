/* SPDX-License-Identifier: MIT */
/*
 * peer.h — who is at the other end of the socket, as the kernel says, and what they may do.
 *
 * Root and the daemon's own user are admins; members of the admin group are, too; members of the
 * viewer group may look.  Nobody else may do anything.
 */
#ifndef ADMIN_PEER_H
#define ADMIN_PEER_H

#include <sys/types.h>

struct err;

/* In the order of what they may do. */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_ADMIN };

#define PEER_USER 64

struct peer {
	uid_t uid;
	pid_t pid;              /* 0: the daemon itself */
	char user[PEER_USER];   /* its name, or the uid in digits */
	enum role role;
};

/* Asks the kernel about a connected Unix socket.  Groups may be NULL or "": nobody is in them. */
int peer_of_socket(int fd, const char *admin_group, const char *viewer_group, struct peer *ret,
		   struct err *err);

/* The role of a user: groups are those its process has, the primary one first (so at least one); those that
 * the database gives its name count, too.  user is NULL when it has no name. */
enum role peer_role(uid_t uid, const gid_t *groups, size_t num_groups, const char *user, const char *admin_group,
		    const char *viewer_group);

const char *role_name(enum role);       /* "admin", "viewer", "none" */

#endif
