/* Handing over what a command made: a table or any text, with the sidecar beside it. */
#ifndef NVC_CLI_OUTPUT_H
#define NVC_CLI_OUTPUT_H

#include "base/status.h"
#include "base/text.h"
#include "cli/provenance.h"

/* Write `text` to `path` ("-": standard output; *.gz is deflated), beside and renamed, and then the sidecar
 * of a file; sidecar NULL: none. */
int nvc_output(const char *path, const struct nvc_text *text, const struct nvc_sidecar *sidecar,
               struct nvc_error *err) NVC_CHECKED;

/* Make a folder with its parents, unless they are there. */
int nvc_make_folders(const char *path, struct nvc_error *err) NVC_CHECKED;

/* NVC_EUSAGE when two tables (either may be NULL: not asked for) would both go to standard output. */
int nvc_output_apart(const char *path, const char *other, const char *option, struct nvc_error *err) NVC_CHECKED;

#endif
