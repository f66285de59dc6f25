/* The verdicts of nvc-qc beside the coupling rows that they are about. */
#ifndef NVC_TABLE_QC_VERDICTS_H
#define NVC_TABLE_QC_VERDICTS_H

#include "base/status.h"
#include "io/tsv.h"
#include "model/coupling/coupling.h"

/* Give each row the worst verdict (and verdict_positive) that a row of the quality table has for its participant, session, task, run,
 * atlas and region, and for its side (sides RL and B: any).  Columns that the quality table lacks match
 * everything; rows that it does not know keep what they had.  NVC_EDATA: no participant_id or verdict, a
 * verdict that is none of pass, flag, fail and n/a. */
int nvc_qc_verdicts(struct nvc_coupling *rows, const struct nvc_table *qc, struct nvc_error *err) NVC_CHECKED;

#endif
