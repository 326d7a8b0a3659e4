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
