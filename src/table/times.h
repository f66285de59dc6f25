/* The column `time` of a series or a design: one row per volume, evenly spaced. */
#ifndef NVC_TABLE_TIMES_H
#define NVC_TABLE_TIMES_H

#include "base/status.h"
#include "io/tsv.h"

/* time[n_rows], s.  *tr_s: in, that of the facts (NaN: not known); out, where it was not, the spacing.  NVC_EDATA with the line: n/a,
 * not evenly spaced, standing still, or at odds with the facts by more than 1 ms; one row and no facts. */
int nvc_table_times(const struct nvc_table *t, size_t column, double *time_s, double *tr_s, struct nvc_error *err) NVC_CHECKED;

#endif
