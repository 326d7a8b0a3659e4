/* SPDX-License-Identifier: MIT */
/* credentials.h — who is at the other end of a Unix socket, as the kernel says. */
#ifndef LOOP_CREDENTIALS_H
#define LOOP_CREDENTIALS_H

#include <sys/types.h>

struct err;

/* SO_PEERCRED of a connected socket: as it was when the peer connected. */
int socket_credentials(int fd, uid_t *ret_uid, gid_t *ret_gid, pid_t *ret_pid, struct err *err);

/* SO_PEERGROUPS: the supplementary groups it had then, at most max of them.  Their number; 0 also where the
 * kernel does not say or there are more. */
int socket_groups(int fd, gid_t *ret, int max);

#endif
