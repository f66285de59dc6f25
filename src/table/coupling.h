/* The coupling table (nvc-coupling -> nvc-group): one row per participant, session, task, run, region and
 * index. */
#ifndef NVC_TABLE_COUPLING_H
#define NVC_TABLE_COUPLING_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/coupling/coupling.h"
#include "table/glm.h"

#include <stdbool.h>

extern const struct nvc_column nvc_coupling_columns[];

/* Header (when asked) and rows as TSV. */
int nvc_coupling_write(struct nvc_text *out, const struct nvc_coupling *c, bool header,
                       struct nvc_error *err) NVC_CHECKED;

/* Append the rows of a table.  participant_id, index and value are needed, every other column may be
 * missing (then unknown), columns of other names are left alone, so that tables of other programs can be
 * brought.  NVC_EDATA: a cell that is not a number where one belongs, an empty participant_id or index. */
int nvc_coupling_parse(struct nvc_coupling *c, const struct nvc_table *t, struct nvc_error *err) NVC_CHECKED;
int nvc_coupling_read(struct nvc_coupling *c, const char *path, struct nvc_error *err) NVC_CHECKED;

/* Append the indices of the rows of type condition and t (model/coupling/coupling.h); F tests and single regressors
 * have no sign or no unit and are passed over.  NVC_EDATA when no row is left. */
int nvc_coupling_of_glm(struct nvc_coupling *c, const struct nvc_glm_table *glm, double mean_fd_mm,
                        struct nvc_error *err) NVC_CHECKED;

/* The rows of type condition and t as responses; texts are borrowed from glm.  *r is the caller's to free. */
int nvc_glm_responses(struct nvc_response **r, size_t *n, const struct nvc_glm_table *glm, struct nvc_error *err) NVC_CHECKED;

/* Mean framewise displacement (mm) of a confounds table, the n/a of the first volume left out.  NVC_EDATA:
 * no column framewise_displacement, no number in it. */
int nvc_mean_fd(double *mean_fd_mm, const struct nvc_table *confounds, struct nvc_error *err) NVC_CHECKED;

#endif
