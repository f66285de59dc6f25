/* The design table (nvc-tables(5)): `time` and one column per regressor, with facts in a first line
 * "#nvc {json}", in the sidecar, or nowhere. */
#ifndef NVC_TABLE_DESIGN_H
#define NVC_TABLE_DESIGN_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/design/design.h"
#include "table/cells.h"

#include <jansson.h>
#include <stdbool.h>

/* `time`; regressor columns are described by the facts. */
extern const struct nvc_column nvc_design_columns[];

/* Append the table: with `facts` the "#nvc" line first (standard output), without it plain BIDS. */
int nvc_design_write(struct nvc_text *out, const struct nvc_design *d, bool facts, struct nvc_error *err) NVC_CHECKED;
/* The facts for the sidecar; NULL with err set.  The caller's: json_decref. */
json_t *nvc_design_facts(const struct nvc_design *d, struct nvc_error *err) NVC_CHECKED;

/* From a table already read.  Without facts roles are unknown, except that a column `constant` or
 * `cosineNN` is one; any n/a is refused.  A table without `time` is taken as it stands (TR NaN).
 * d is released by the caller, also after a failure. */
int nvc_design_parse(struct nvc_design *d, const struct nvc_table *t, struct nvc_error *err) NVC_CHECKED;
int nvc_design_read(struct nvc_design *d, const char *path, struct nvc_error *err) NVC_CHECKED;

/* One row per column: what it is, its VIF and efficiency (nvc_design_check). */
extern const struct nvc_column nvc_design_report_columns[];
int nvc_design_report_write(struct nvc_text *out, const struct nvc_design *d, const struct nvc_design_report *r,
                            enum nvc_table_kind kind, struct nvc_error *err) NVC_CHECKED;

#endif
