/* The options of nvc-glm, and the model that they describe: read for a run, fitted to series or to voxels. */
#ifndef NVC_CMD_GLM_MODEL_H
#define NVC_CMD_GLM_MODEL_H

#include "cli/provenance.h"
#include "cmd/shared/design_options.h"
#include "model/glm/diagnosis.h"
#include "model/glm/glm.h"
#include "model/glm/plan.h"
#include "table/glm.h"

enum glm_runs { GLM_RUNS_FIXED, GLM_RUNS_JOINT, GLM_RUNS_EACH };
extern const char *const glm_runs_names[]; /* --runs */

struct glm_options {
    struct design_options model;
    const char *arma, *output, *mask, *maps, *regions, *labels, *tr, *bids_name, *residuals, *diagnosis, *fit, *figure, *voi;
    struct nvc_list designs, contrasts, heights, map_names, minus;
    int regressors, noise, compat, runs, threads, percent, memory_mib, orientation;
};

/* What was read so far, for the sidecars. */
struct glm_inputs {
    struct nvc_input_mark *marks; /* room for GLM_MARKS of every run */
    size_t n;
};
enum { GLM_MARKS = 4 + DESIGN_MARKS };

struct glm_model {
    const struct glm_options *o;
    struct glm_inputs *inputs;
    const char *path;            /* of the run, for messages */
    const char *design_path;     /* NULL: the model comes from events */
    enum nvc_noise noise;
    struct nvc_arma_pair pair;   /* --arma */
    struct nvc_design design;
    size_t *run_start, n_runs;   /* of a joint design; NULL: one run */
    struct nvc_plan plan;
    struct nvc_glm *glm;
};
void glm_model_release(struct glm_model *m);

/* Everything that can be wrong before a file is read; sets noise and pair. */
int glm_model_check(struct glm_model *m, struct nvc_error *err) NVC_CHECKED;

/* The design, from its table or from events, for the run at m->path. */
int glm_model_read(struct glm_model *m, const struct design_run *run, struct nvc_error *err) NVC_CHECKED;
/* The design of several runs whose own designs are read. */
int glm_model_join(struct glm_model *m, const struct glm_model *runs, size_t n, struct nvc_error *err) NVC_CHECKED;
/* What is asked of the design: of an image no more than its maps show. */
int glm_model_plan(struct glm_model *m, bool image, struct nvc_error *err) NVC_CHECKED;
/* Make m->glm; quick: p from tables, for millions of them. */
int glm_model_make(struct glm_model *m, bool quick, struct nvc_error *err) NVC_CHECKED;
/* Warn when ar1-reml found no series that responds. */
void glm_model_remark(const struct glm_model *m);

/* What is found about regional series; zero it first. */
struct glm_results {
    struct nvc_glm_table rows;
    struct nvc_diagnoses diagnoses;  /* only where --diagnosis, --fit or --figure asks for them */
    struct nvc_series voi;           /* only where --voi asks for it, which is of one model */
};
void glm_results_release(struct glm_results *r);
bool glm_wants_diagnoses(const struct glm_options *o);
/* Fit the series and append; then hand everything over. */
int glm_results_add(struct glm_results *r, struct glm_model *m, const struct nvc_series *series, struct nvc_error *err) NVC_CHECKED;
int glm_results_write(const struct glm_results *r, const struct glm_model *m, struct nvc_error *err) NVC_CHECKED;

/* Runs that are tables, or images; models[n] have their paths, streams[n] are those of runs that can be read only once,
 * or NULL; streams are taken over. */
int glm_tables(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err) NVC_CHECKED;
int glm_images(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err) NVC_CHECKED;

#endif
