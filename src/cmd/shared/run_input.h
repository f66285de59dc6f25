/* A run as a table of regional series (nvc-extract) or as an image, told apart by content, with what is not of interest in it: for
 * commands that fit the same model to regions or to voxels. */
#ifndef NVC_CMD_RUN_INPUT_H
#define NVC_CMD_RUN_INPUT_H

#include "cli/cmd.h"
#include "cmd/shared/held_image.h"
#include "io/tsv.h"
#include "model/design/confounds.h"
#include "model/glm/glm.h"
#include "model/region/series.h"

struct run_input_options {
    const char *confound_table, *brain_mask, *tr, *maps;
    struct nvc_list confounds;
    int trend, orientation;
};
#define RUN_INPUT_DEFAULTS { .trend = 2 }

/* Rows of an option table whose struct S holds a struct run_input_options M. */
#define RUN_INPUT_NUISANCE(S, M) \
    OPT_GROUP("Nuisance"), \
    OPT_INPUT(S, M.confound_table, 'c', "confound-table", "TSV", "*.tsv", "confounds, one row per volume, named as by fMRIPrep"), \
    OPT_LIST(S, M.confounds, 0, "confounds", "WHICH", "6p, 24p, acompcorN, scrub:MM, names and globs, parted by commas (6p)"), \
    OPT_INT(S, M.trend, 0, "trend", "DEGREE", 0, 10, "degree of the polynomial trend that is taken out")
#define RUN_INPUT_IMAGE(S, M) \
    OPT_GROUP("Of an image"), \
    OPT_TEXT(S, M.maps, 0, "maps", "PREFIX", "write maps as PREFIX_stat-NAME_boldmap.nii.gz; without it the run is a table"), \
    OPT_INPUT(S, M.brain_mask, 0, "brain-mask", "NIFTI", "*.nii*", "voxels to look at; without it those above the clip level of the mean image"), \
    OPT_TEXT(S, M.tr, 0, "tr", "TR", "repetition time to believe: header, sidecar or SECONDS"), \
    OPT_ORIENTATION(S, M.orientation)

enum { RUN_INPUT_MARKS = 8 };
struct run_input {
    bool image;
    struct held_image held;        /* of an image */
    struct nvc_series series;      /* of a table; of an image only who, n_volumes and times */
    size_t n, n_series;            /* volumes; regions or voxels */
    double offset_s;               /* of each frame after the start of its volume (nvc-design, FRAME TIME) */
    struct nvc_confounds confounds;
    bool *keep;                    /* per volume, false: censored; NULL: all kept */
    double *X;                     /* n x m: trend from the constant up, confounds, one column per censored volume */
    size_t m;
    double mean_fd_mm;             /* NaN: unknown */
    struct nvc_input_mark marks[RUN_INPUT_MARKS];
    size_t n_marks;
};
void run_input_release(struct run_input *r);

/* Read the run ("-": standard input) and its confounds.  An image goes with --maps, a table without. */
int run_input_read(struct run_input *r, const struct run_input_options *o, const char *path, struct nvc_error *err) NVC_CHECKED;
/* Read a table and remember what was read. */
int run_input_table(struct run_input *r, struct nvc_table *t, const char *path, struct nvc_error *err) NVC_CHECKED;

/* Series v in percent of its mean over the kept volumes into y[n]; NaN throughout when it has no signal. */
void run_input_percent(const struct run_input *r, size_t v, double *y);
/* All of them, for model/glm/glm.h. */
struct nvc_glm_source run_input_source(const struct run_input *r);
/* Write a map of n_series values as PREFIX_stat-NAME_boldmap.nii.gz. */
int run_input_map(const struct run_input *r, const char *prefix, const char *name, const float *value, const char *help, const char *unit,
                  struct nvc_error *err) NVC_CHECKED;
/* Number of the region whose column is `name`.  NVC_EDATA with a near miss. */
int run_input_region(const struct nvc_series *s, const char *name, size_t *region, struct nvc_error *err) NVC_CHECKED;

#endif
