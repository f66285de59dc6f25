/* The options of nvc-glm, and the model that they describe: read once, fitted to series or to voxels. */
#ifndef NVC_CMD_GLM_MODEL_H
#define NVC_CMD_GLM_MODEL_H

#include "cli/provenance.h"
#include "cmd/design_options.h"
#include "io/stream.h"
#include "model/glm.h"
#include "model/plan.h"

struct glm_options {
    struct design_options model;
    const char *design, *arma, *output;
    const char *mask, *maps, *regions, *labels, *tr, *bids_name, *residuals;
    struct nvc_list contrasts, heights, map_names;
    int regressors, noise, compat, threads, percent, memory_mib;
};

struct glm_model {
    const char *path;            /* of the run, for messages */
    enum nvc_noise noise;
    struct nvc_arma_pair pair;   /* --arma */
    struct nvc_design design;
    struct nvc_plan plan;
    struct nvc_glm *glm;
    struct nvc_input_mark marks[5 + DESIGN_MARKS]; /* inputs so far */
    size_t n_marks;
};
void glm_model_release(struct glm_model *m);

/* Everything that can be wrong before a file is read; sets noise and pair. */
int glm_model_check(struct glm_model *m, const struct glm_options *o, struct nvc_error *err) NVC_CHECKED;

/* The design, from its table or from events, for the run at m->path, and what is asked of it: of an image no more than its
 * maps show. */
int glm_model_plan(struct glm_model *m, const struct glm_options *o, bool image, struct nvc_error *err) NVC_CHECKED;
int glm_model_read(struct glm_model *m, const struct glm_options *o, const struct design_run *run, bool image,
                   struct nvc_error *err) NVC_CHECKED;

/* Make m->glm; quick: p from tables, for millions of them. */
int glm_model_make(struct glm_model *m, bool quick, struct nvc_error *err) NVC_CHECKED;
/* Warn when ar1-reml found no series that responds. */
void glm_model_remark(const struct glm_model *m);

/* Rows of the glm table of regional series, and their output. */
int glm_series(struct glm_model *m, const struct glm_options *o, const struct nvc_series *series, struct nvc_error *err) NVC_CHECKED;

/* A run that is an image: maps, and regional rows where regions are given.  The stream is m->path's, or NULL. */
int glm_image(struct glm_model *m, const struct glm_options *o, struct nvc_stream *stream, struct nvc_error *err) NVC_CHECKED;

#endif
