/* Coupling tables named on a command line, and what a sidecar says of them. */
#ifndef NVC_CMD_COUPLING_FILES_H
#define NVC_CMD_COUPLING_FILES_H

#include "base/status.h"
#include "cli/provenance.h"
#include "model/coupling/coupling.h"
#include "model/group/participants.h"

#include <stddef.h>

struct nvc_marks { /* zero it before use; paths are borrowed */
    struct nvc_input_mark *items;
    size_t n, cap;
};
/* All rows of the files (none named: standard input). */
int nvc_read_coupling_files(struct nvc_coupling *rows, struct nvc_marks *marks, char **paths, int n,
                            struct nvc_error *err) NVC_CHECKED;
/* The rows of files that an option lists; none: no rows. */
int nvc_read_coupling_list(struct nvc_coupling *rows, struct nvc_marks *marks, const struct nvc_list *paths,
                           struct nvc_error *err) NVC_CHECKED;
/* The verdicts of tables of nvc-qc, beside the rows read before. */
int nvc_read_qc_files(struct nvc_coupling *rows, struct nvc_marks *marks, const struct nvc_list *paths,
                      struct nvc_error *err) NVC_CHECKED;
int nvc_read_participants_file(struct nvc_participants *who, struct nvc_marks *marks, const char *path,
                               const struct nvc_list *factors, struct nvc_error *err) NVC_CHECKED;

#endif
