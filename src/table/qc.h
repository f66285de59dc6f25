/* The quality table: one row for each region of a run. */
#ifndef NVC_TABLE_QC_H
#define NVC_TABLE_QC_H

#include "base/column.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/quality/qc.h"
#include "model/region/series.h"

extern const struct nvc_column nvc_qc_columns[];

int nvc_qc_write_header(struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;
/* One row; note: words joined by ';', or "". */
int nvc_qc_write_row(struct nvc_text *out, const struct nvc_identity *who, const struct nvc_region *region,
                     const struct nvc_qc_row *row, const char *note, struct nvc_error *err) NVC_CHECKED;

/* The rows of a table read back, in the order of nvc_qc_columns: to put the tables of many runs into one. */
int nvc_qc_append(struct nvc_text *out, const struct nvc_table *t, struct nvc_error *err) NVC_CHECKED;

#endif
