/* What the parts of nvc-activity share. */
#ifndef NVC_CMD_ACTIVITY_JOB_H
#define NVC_CMD_ACTIVITY_JOB_H

#include "cli/cmd.h"
#include "cli/provenance.h"
#include "cmd/shared/held_image.h"
#include "model/activity/activity.h"
#include "model/design/confounds.h"
#include "table/mask.h"

struct activity_options {
    const char *mask, *brain_mask, *grey_mask, *confound_table, *tr, *bids_name, *maps, *output, *halves;
    struct nvc_list confounds;
    int orientation;
    int alff, neighbours, centrality, standardise, threads, half_maps, where_possible;
    double low_hz, high_hz, threshold;
};

struct activity_job {
    const struct activity_options *o;
    struct held_image image;
    struct nvc_mask mask;
    bool *grey, *keep;
    struct nvc_confounds confounds;
    struct nvc_activity activity, half[2];
    struct nvc_activity_spec spec, half_spec[2];
    size_t *sources, *targets; /* of centrality */
    double mean_fd_mm;
    struct nvc_input_mark marks[6];
    size_t n_marks;
};

extern const char *const activity_half_names[2];

/* Each map as it is, over its mean and standardised, and those of the halves if asked for. */
int activity_write_maps(const struct activity_job *j, struct nvc_error *err);

/* The rows of the run, or of its halves, to path; at: which voxel of the run each voxel of the regions is. */
int activity_write_rows(struct activity_job *j, const long *at, const char *path, bool halves, struct nvc_error *err);

#endif
