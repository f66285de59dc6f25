/* Events and confounds from tables into the words of the model. */
#ifndef NVC_TABLE_EVENTS_H
#define NVC_TABLE_EVENTS_H

#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/design/confounds.h"
#include "model/design/events.h"
#include "model/design/hrf.h"

/* A BIDS events table: `onset`, `duration`, and the condition in `trial_type_column` (NULL: `trial_type`, and when there
 * is no such column every event is of condition "event").  Rows whose condition is n/a are left out and counted in
 * n_unnamed; the columns named in `modulators` (NULL: none) come along.  NVC_EDATA: n/a or no number in onset or
 * duration, a negative duration, no column of a name that was asked for, no event: with file and line.  e is the
 * caller's to release after 0 and empty otherwise. */
int nvc_events_parse(struct nvc_events *e, const struct nvc_table *t, const char *trial_type_column,
                     const struct nvc_list *modulators, struct nvc_error *err) NVC_CHECKED;
int nvc_events_read(struct nvc_events *e, const char *path, const char *trial_type_column,
                    const struct nvc_list *modulators, struct nvc_error *err) NVC_CHECKED;

/* Stimulus timing files of FSL and AFNI, one condition each, as "NAME=FILE".  run: which line of an AFNI file, from 1
 * (0: the file must have one); duration_s: of AFNI events that do not say (NaN: refused). A weight of the file is the
 * height of the event. */
struct nvc_timing_request {
    const struct nvc_list *fsl, *afni;
    int run;
    double duration_s;
};
int nvc_events_read_timing(struct nvc_events *e, const struct nvc_timing_request *request, struct nvc_error *err) NVC_CHECKED;

/* The confounds asked for, of a run of n_volumes stored volumes; a table of another length is refused. */
int nvc_confounds_parse(struct nvc_confounds *c, const struct nvc_table *t, const struct nvc_list *requests,
                        size_t n_volumes, size_t n_dummy, struct nvc_error *err) NVC_CHECKED;
int nvc_confounds_read(struct nvc_confounds *c, const char *path, const struct nvc_list *requests, size_t n_volumes,
                       size_t n_dummy, struct nvc_error *err) NVC_CHECKED;

/* A response kernel: column `time` (s, evenly spaced from 0) and one or more columns of samples.  *samples is the
 * caller's to free and hrf borrows it. */
int nvc_kernel_read(struct nvc_hrf *hrf, double **samples, const char *path, struct nvc_error *err) NVC_CHECKED;

#endif
