/* BIDS names: entities of a file name, the files that belong to a run, and the metadata beside it. */
#ifndef NVC_IO_BIDS_H
#define NVC_IO_BIDS_H

#include "base/status.h"

#include <jansson.h>
#include <stddef.h>

struct nvc_bids_name { /* each "n/a" when the entity is absent; participant_id keeps its "sub-" */
    char participant_id[96], session[96], task[96], run[96], space[96], atlas[96], desc[96], suffix[96];
};
/* Parse the last path component; unknown entities are ignored, over-long ones refused. */
int nvc_bids_parse(struct nvc_bids_name *name, const char *path, struct nvc_error *err) NVC_CHECKED;

/* "x/y_bold.nii.gz" -> "x/y_bold" (also .nii, .hdr, .img, .tsv, .tsv.gz, .csv, .json).  Caller frees. */
char *nvc_bids_stem(const char *path, struct nvc_error *err) NVC_CHECKED;

/* The sidecar x.json of an image or table: *meta is NULL (and 0 returned) when there is none. */
int nvc_bids_sidecar(json_t **meta, const char *path, struct nvc_error *err) NVC_CHECKED;

/* A run of a derivatives folder with the files that belong to it (NULL where absent). */
struct nvc_bids_run {
    struct nvc_bids_name name;
    char *bold, *events, *confounds, *brain_mask, *sidecar;
};
struct nvc_bids_filter { /* NULL: any */
    const char *participant, *session, *task, *run, *space; /* values without "sub-", "ses-" ... */
};
/* All ..._desc-preproc_bold.nii[.gz] (or plain _bold when there is no preproc) under `root`, sorted bytewise
 * by path; the events file is looked for without space- and desc- entities, the brain mask and confounds by
 * theirs. */
int nvc_bids_find_runs(struct nvc_bids_run **runs, size_t *n, const char *root, const struct nvc_bids_filter *filter,
                       struct nvc_error *err) NVC_CHECKED;
void nvc_bids_runs_free(struct nvc_bids_run *runs, size_t n);

#endif
