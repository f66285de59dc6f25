/* Bytes out: standard output, or a file written beside its name and renamed when all is well.  After a
 * failure, a kill or a full disk nothing half-written carries a final name; a kill -9 leaves at most one
 * hidden .NAME.nvc-XXXXXX beside it.  Messages name the file.
 *
 * The file's mode follows the umask; a symbolic link is replaced, not followed (annexed results are links
 * to content that must not change); a pipe or device is written in place.  gzip output holds neither name
 * nor time: the same data give the same bytes. */
#ifndef NVC_IO_SINK_H
#define NVC_IO_SINK_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_sink; /* opaque */

/* "-" is standard output; a name ending in .gz is deflated (also "-" when gzip is true).  NVC_ESYS when
 * the place cannot be written (a missing folder, a directory of that name), NVC_EUSAGE for an empty name. */
int nvc_sink_open(struct nvc_sink **s, const char *path, bool gzip, struct nvc_error *err) NVC_CHECKED;
/* What nvc_sink_open would say of the path, before anything is computed; nothing is made. */
int nvc_sink_check(const char *path, struct nvc_error *err) NVC_CHECKED;
int nvc_sink_write(struct nvc_sink *s, const void *data, size_t n, struct nvc_error *err) NVC_CHECKED;
/* Flush, fsync, rename, fsync of the folder; every error is reported (NVC_ESYS), also one of an earlier
 * write.  s is released in any case. */
int nvc_sink_commit(struct nvc_sink *s, struct nvc_error *err) NVC_CHECKED;
/* Forget the file: the temporary is removed.  NULL is allowed. */
void nvc_sink_abandon(struct nvc_sink *s);
/* Remove temporaries of all open sinks: async-signal-safe, for the handler of SIGINT, SIGTERM, SIGHUP
 * that cli installs. */
void nvc_sink_abandon_all(void);

#endif
