/* A design while it is being built; for model/design*.c. */
#ifndef NVC_MODEL_DESIGN_INTERNAL_H
#define NVC_MODEL_DESIGN_INTERNAL_H

#include "base/text.h"
#include "model/design/design.h"

struct nvc_design_builder {
    struct nvc_design *d;
    const struct nvc_design_spec *spec;
    size_t cap_columns, cap_values;
    struct nvc_text remarks;
};

/* Append the column x[n_rows]; r is copied, its texts too.  *x NULL: zeros, to be filled by the caller through *out. */
int nvc_builder_add(struct nvc_design_builder *b, const struct nvc_regressor *r, const double *x, double **out,
                    struct nvc_error *err) NVC_CHECKED;
/* One line more of d->remarks. */
int nvc_builder_remark(struct nvc_design_builder *b, struct nvc_error *err, const char *fmt, ...) NVC_PRINTF(3, 4) NVC_CHECKED;
/* The columns of all conditions. */
int nvc_builder_task(struct nvc_design_builder *b, const struct nvc_hrf *hrf, int bin, struct nvc_error *err) NVC_CHECKED;

/* Events of one condition, in seconds since the first retained volume. */
struct nvc_stimulus {
    size_t n, n_inputs;
    double *onset_s, *duration_s;
    double *u;        /* heights, column-major n x n_inputs: the events themselves, then powers of modulators */
    char (*inputs)[160]; /* name of each modulator with its power; "" for the first */
};
/* Gather condition c: drop what lies outside the run, raise and orthogonalise modulators. */
int nvc_stimulus_init(struct nvc_stimulus *s, struct nvc_design_builder *b, size_t c, double memory_s,
                      struct nvc_error *err) NVC_CHECKED;
void nvc_stimulus_release(struct nvc_stimulus *s);

/* Where the design is sampled: bin `bin` (from 1) of each volume's `microtime`, and how far the past reaches. */
struct nvc_sampling_grid {
    double dt_s;
    int microtime, bin;
    size_t n_rows;
};
/* x[n_rows] += events of heights u convolved with B[n_B]. */
int nvc_convolve_events(double *x, const struct nvc_sampling_grid *g, const struct nvc_stimulus *s, const double *u,
                        const double *B, size_t n_B, struct nvc_error *err) NVC_CHECKED;

#endif
