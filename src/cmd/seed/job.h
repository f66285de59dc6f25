/* What nvc-seed knows of its run: shared by correlation and interaction. */
#ifndef NVC_CMD_SEED_H
#define NVC_CMD_SEED_H

#include "cmd/shared/run_input.h"
#include "model/coupling/coupling.h"

struct seed_options {
    struct run_input_options run;
    const char *series, *events, *trial_type, *output;
    struct nvc_list seeds, targets, contrasts;
    int ppi, interaction, threads;
    double low_hz, high_hz;
};

struct seed_job {
    const struct seed_options *o;
    struct run_input run;
    struct nvc_series own;     /* of --series, with an image */
    const struct nvc_series *from; /* where the seeds are: the run itself or own */
    size_t *seeds;             /* regions of from */
    bool *target;              /* per region of a table */
    struct nvc_coupling rows;
};

/* Percent of the mean of seed k over the kept volumes. */
void seed_percent(const struct seed_job *j, size_t k, double *y);
/* Rows or maps of the interactions of all seeds. */
int seed_ppi(struct seed_job *j, struct nvc_error *err) NVC_CHECKED;

#endif
