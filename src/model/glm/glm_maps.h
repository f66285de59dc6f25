/* Statistical maps: which there are, what they are called, and their values from a fit. */
#ifndef NVC_MODEL_GLM_MAPS_H
#define NVC_MODEL_GLM_MAPS_H

#include "base/text.h"
#include "model/glm/glm.h"
#include "model/glm/plan.h"
#include "model/design/runs.h"

enum nvc_map_stat {
    /* of a t contrast */
    NVC_MAP_EFFECT, NVC_MAP_VARIANCE, NVC_MAP_T, NVC_MAP_Z, NVC_MAP_P, NVC_MAP_PSC,
    /* of an F contrast: F, and z and p as above */
    NVC_MAP_F,
    /* of the model */
    NVC_MAP_R2, NVC_MAP_SIGMA, NVC_MAP_AR, NVC_MAP_MA, NVC_MAP_WHITENESS, NVC_MAP_MEAN
};
/* As in --map and in file names ("effect", "variance", "t", "z", "p", "psc", "F", "r2", ...); ends with NULL. */
extern const char *const nvc_map_names[];
extern const char *const nvc_map_help[];

/* Whether `names` ask for this map. */
bool nvc_map_is_wanted(enum nvc_map_stat stat, const struct nvc_list *names);

struct nvc_map {
    enum nvc_map_stat stat;
    const struct nvc_plan_item *item; /* NULL: of the model */
    char *entity;                     /* "contrast-faceHouse_stat-t", "stat-r2" */
};
struct nvc_map_list {
    struct nvc_map *maps;
    size_t n;
};

/* Maps asked for by name (empty: effect, variance, t, z, F, r2, sigma, ar, ma) for every item of the plan where they
 * exist: psc where it means something, ar and ma with a noise model that has them, r2 with task columns.  A contrast
 * is called by its letters and digits ("face - house": faceHouse); two of one name are refused (NVC_EDATA).
 * NVC_EUSAGE: an unknown map (plan NULL: only this is judged). */
int nvc_map_list_init(struct nvc_map_list *l, const struct nvc_plan *plan, enum nvc_noise noise, const struct nvc_list *names,
                      struct nvc_error *err) NVC_CHECKED;
void nvc_map_list_release(struct nvc_map_list *l);

/* Values of one map (but whiteness, which asks for the series themselves) for all series of a fit.  mean: mean of each series
 * over time; percent: effect, variance and sigma in percent of it. */
void nvc_map_fill(const struct nvc_map *map, const struct nvc_plan *plan, const struct nvc_glm *glm, const struct nvc_glm_fit *fit,
                  enum nvc_noise noise, const double *mean, bool percent, float *out);

/* Values of an effect, variance, t, z or p map of n voxels from the precision-weighted mean of runs. */
void nvc_map_fill_fixed(const struct nvc_map *map, const struct nvc_fixed *f, size_t n, int n_threads, float *out);

#endif
