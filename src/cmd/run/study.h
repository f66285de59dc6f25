/* The participant level of nvc-run: every run through its chain, then what needs several chains, then the pages. */
#ifndef NVC_CMD_RUN_STUDY_H
#define NVC_CMD_RUN_STUDY_H

#include "cmd/run/plan.h"

struct nvc_run_study { /* borrowed */
    const struct nvc_bids_run *const *runs;
    size_t n_runs;
    const struct nvc_run_atlas *atlases;
    size_t n_atlases;
    const struct nvc_run_wish *wish;
    size_t n_parallel;
    bool report, force, dry_run;
};
/* NVC_EDATA when a run failed: the others were done all the same. */
int nvc_run_study(const struct nvc_run_study *s, struct nvc_error *err) NVC_CHECKED;

#endif
