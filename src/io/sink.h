/* Bytes out: standard output, or a file written beside its name and renamed when all is well.  After a
 * failure, a kill or a full disk nothing half-written carries a final name. */
#ifndef NVC_IO_SINK_H
#define NVC_IO_SINK_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_sink; /* opaque */

/* "-" is standard output; a name ending in .gz is deflated (also "-" when gzip is true). */
int nvc_sink_open(struct nvc_sink **s, const char *path, bool gzip, struct nvc_error *err) NVC_CHECKED;
int nvc_sink_write(struct nvc_sink *s, const void *data, size_t n, struct nvc_error *err) NVC_CHECKED;
/* Flush, fsync, rename; every error is reported.  s is released in any case. */
int nvc_sink_commit(struct nvc_sink *s, struct nvc_error *err) NVC_CHECKED;
/* Forget the file: the temporary is removed.  NULL is allowed. */
void nvc_sink_abandon(struct nvc_sink *s);
/* Remove temporaries of all open sinks: async-signal-safe, for the handler of SIGINT, SIGTERM, SIGHUP
 * that cli installs. */
void nvc_sink_abandon_all(void);

#endif
