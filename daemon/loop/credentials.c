/* SPDX-License-Identifier: MIT */
/* The kernel is asked who is connected here. */
#include "loop/credentials.h"

#include <sys/socket.h>

#include "base/err.h"

int socket_credentials(int fd, uid_t *ret_uid, gid_t *ret_gid, pid_t *ret_pid, struct err *err)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) < 0)
		return err_errno(err, "asking who is connected to the admin socket");
	*ret_uid = credentials.uid;
	*ret_gid = credentials.gid;
	*ret_pid = credentials.pid;
	return 0;
}

int socket_groups(int fd, gid_t *ret, int max)
{
	socklen_t len = (socklen_t)max * sizeof(*ret);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, ret, &len) < 0)
		return 0;
	return (int)(len / sizeof(*ret));
}
