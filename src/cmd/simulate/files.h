/* The files of a simulated study. */
#ifndef NVC_CMD_SIMULATE_FILES_H
#define NVC_CMD_SIMULATE_FILES_H

#include "table/simulated.h"

#include <stdbool.h>

struct nvc_study {
    struct nvc_sim_spec spec;
    struct nvc_sim_chain chain;
    struct nvc_events events;
    struct nvc_mask bla;
    double (*truth)[2];
    const char *root;
    char seed[24];
    bool series, rest, perfusion;
};

/* One person's folder with all its files; fills truth[index].  For many threads at once. */
int nvc_study_put_person(const struct nvc_study *s, size_t index, struct nvc_error *err) NVC_CHECKED;
/* Its part in sub-X/perf: a PCASL run with M0, its context, and the probability of grey matter. */
int nvc_study_put_perfusion(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head, struct nvc_error *err) NVC_CHECKED;
/* Blocks of the volume as an atlas of parcels in the root: tpl-..._atlas-blocks_dseg.nii.gz with its names. */
int nvc_study_put_parcels(const struct nvc_study *s, struct nvc_error *err) NVC_CHECKED;
/* participants.tsv, truth.tsv, dataset_description.json: after all people. */
int nvc_study_put_tables(const struct nvc_study *s, struct nvc_error *err) NVC_CHECKED;

#endif
