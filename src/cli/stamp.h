/* Whether a piece of work is already done: what was run, on which inputs, with which outputs.  A stamp is a
 * small JSON file written after the work; the work is done when one made now would be the same. */
#ifndef NVC_CLI_STAMP_H
#define NVC_CLI_STAMP_H

#include "base/status.h"
#include "cli/jobs.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Version, command lines, and size and time of change of each file: those that are absent are null.  The
 * caller's: json_decref.  NULL with err set. */
json_t *nvc_stamp_make(const struct nvc_command *commands, size_t n_commands, char *const *files, size_t n_files,
                       struct nvc_error *err) NVC_CHECKED;

/* The file says the same as `now`, and no file of it was absent.  A missing or damaged stamp is a no. */
bool nvc_stamp_holds(const char *path, const json_t *now);

int nvc_stamp_write(const char *path, const json_t *now, struct nvc_error *err) NVC_CHECKED;

#endif
