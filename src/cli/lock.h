/* One worker at a time on a piece of work, among all processes that share a folder.  A lock is a byte of
 * one file, at a place that the name of the work decides: nothing is left behind but that file.  It is held
 * by the descriptor, which child processes inherit: where the parent is killed, it stays until they end. */
#ifndef NVC_CLI_LOCK_H
#define NVC_CLI_LOCK_H

#include "base/status.h"

#include <stdbool.h>

/* Take the lock for `name` in file `path`, made when absent.  Without `wait`, *fd is -1 where another
 * process has it. */
int nvc_lock_take(int *fd, const char *path, const char *name, bool wait, struct nvc_error *err) NVC_CHECKED;
void nvc_lock_drop(int fd); /* -1 is allowed */

#endif
