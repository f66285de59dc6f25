/* The JSON sidecar that stands beside every output file: what made it, from what, and what its columns
 * mean (BIDS: "column": {"Description", "Units"}).  Sidecars may differ between a pipe and nvc-run; tables
 * and images may not. */
#ifndef NVC_CLI_PROVENANCE_H
#define NVC_CLI_PROVENANCE_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_input_mark { /* an input as it was decoded: known for free from the stream */
    const char *path;
    uint32_t crc32;
    uint64_t bytes;
};

struct nvc_sidecar {
    const struct nvc_column *columns;      /* NULL: an image */
    const struct nvc_input_mark *inputs;
    size_t n_inputs;
    json_t *facts;                         /* the "Facts" object or NULL; borrowed */
    json_t *more;                          /* further members, merged at top level, or NULL; borrowed */
    const char *seed;                      /* decimal text, or NULL */
};

/* Write the sidecar of output file `path` (x.tsv -> x.json, x.nii.gz -> x.json), beside and renamed.
 * "-" has no sidecar: returns 0 at once.  Command line and version come from nvc_main. */
int nvc_sidecar_write(const char *path, const struct nvc_sidecar *s, struct nvc_error *err) NVC_CHECKED;

/* Append one word as a POSIX shell reads it back, in quotes where it needs them. */
int nvc_shell_word(struct nvc_text *out, const char *word, struct nvc_error *err) NVC_CHECKED;

/* Remember the command line, quoted for a shell: nvc_main does, before the parser moves argv. */
int nvc_provenance_start(int argc, char **argv, struct nvc_error *err) NVC_CHECKED;
const char *nvc_provenance_command(void); /* "" before */
void nvc_provenance_end(void);

#endif
