/* What is said to a person: always on standard error, one line each, never in a pipe when --quiet. */
#ifndef NVC_CLI_MESSAGE_H
#define NVC_CLI_MESSAGE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* "nvc-glm: warning: ..." and "nvc-glm: ..."; both are silent with --quiet (set by nvc_main). */
void nvc_warn(const char *fmt, ...) NVC_PRINTF(1, 2);
void nvc_note(const char *fmt, ...) NVC_PRINTF(1, 2);
/* A warning for each line of a text; NULL: none. */
void nvc_warn_lines(const char *lines);

/* The line of a failure, "nvc-glm: text": nvc_main says it, also with --quiet. */
void nvc_complain(const struct nvc_error *err);

/* Who speaks, and whether only failures are said: called once by nvc_main. */
void nvc_message_start(const char *program, bool quiet);

/* A line on a terminal after two seconds of work, redrawn at most five times a second:
 * "nvc-extract: 81 of 156 volumes, 312 volumes/s, 0:12 left".  Nothing when standard error is not a
 * terminal or with --quiet.  total 0: unknown.  For one thread at a time. */
struct nvc_progress {
    const char *unit;
    size_t total, done;
    double started_s, shown_s;
    bool visible;
};
void nvc_progress_start(struct nvc_progress *p, const char *unit, size_t total);
void nvc_progress_step(struct nvc_progress *p, size_t done); /* done: so far */
void nvc_progress_end(struct nvc_progress *p);               /* wipes the line */

#endif
