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
    char *bold;              /* the image; name.suffix says bold, asl or cbf */
    char *events, *confounds, *brain_mask, *sidecar;
    char *context, *m0;      /* of perfusion: the _aslcontext.tsv and _m0scan beside it */
};
struct nvc_bids_filter { /* NULL: any; values with or without their "sub-", "ses-" ... */
    const char *participant, *session, *task, *run, *space;
};

/* All sub-X/[ses-Y/]func/..._desc-preproc_bold.nii[.gz] under `root` (a _bold without desc- where a run has no
 * preproc), sorted bytewise by path.  Single echoes and parts (echo-, part-) are left out.  Confounds are
 * ..._desc-confounds_timeseries.tsv (or _regressors.tsv), the brain mask is the desc-brain_mask of the same space,
 * events are those that nvc_bids_find_events finds under `root`.  NVC_ESYS when a folder cannot be read, NVC_EDATA
 * when x.nii and x.nii.gz stand side by side.  No run: *n is 0. */
int nvc_bids_find_runs(struct nvc_bids_run **runs, size_t *n, const char *root, const struct nvc_bids_filter *filter,
                       struct nvc_error *err) NVC_CHECKED;
/* All perfusion runs in sub-X/[ses-Y/]perf: of each run and space a map of flow (_cbf, no desc-) stands for its run, else _desc-preproc_asl,
 * else _asl; an image without space- counts only where its folder has none with.  Sorted and refused likewise. */
int nvc_bids_find_perfusion(struct nvc_bids_run **runs, size_t *n, const char *root, const struct nvc_bids_filter *filter,
                            struct nvc_error *err) NVC_CHECKED;
/* Maps of the probability of grey matter (_label-GM_probseg) of the participant and space of an image, in its folder and in perf and anat
 * beside it, in that order: at most `most`, the caller's to free. */
int nvc_bids_find_grey(char **paths, size_t *n, size_t most, const char *image, struct nvc_error *err) NVC_CHECKED;
void nvc_bids_runs_free(struct nvc_bids_run *runs, size_t n);

/* The events table of the run of an image in a dataset (raw or derivatives): beside it in sub-X/[ses-Y/]func, else
 * inherited from the nearest folder above (task-T_events.tsv in the root), where all entities of the table's name
 * must be the run's.  *path (the caller's to free) is NULL when there is none. */
int nvc_bids_find_events(char **path, const char *root, const char *bold, struct nvc_error *err) NVC_CHECKED;

#endif
