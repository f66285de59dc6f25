#include "model/glm/glm_maps.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const nvc_map_names[] = { "effect", "variance", "t", "z", "p", "psc", "F", "r2", "sigma", "ar", "ma", "whiteness", "mean",
                                      NULL };
const char *const nvc_map_help[] = {
    "effect of the contrast", "its squared standard error", "effect over standard error", "normal deviate of the same two-sided p",
    "two-sided p", "percent signal change of the declared event", "F of the contrast", "share of variance that the task explains",
    "standard deviation of the noise", "autoregressive parameter of the noise", "moving average parameter of the noise",
    "p of white residuals, whitened: small where the noise model does not fit", "mean over time"
};
enum { N_STATS = NVC_MAP_MEAN + 1 };

static int parse_names(const struct nvc_list *names, bool wanted[static N_STATS], struct nvc_error *err)
{
    for (int k = 0; k < N_STATS; k++)
        wanted[k] = names->n == 0 && k != NVC_MAP_P && k != NVC_MAP_PSC && k < NVC_MAP_WHITENESS;
    for (size_t i = 0; i < names->n; i++)
        for (const char *at = names->items[i]; *at;) {
            size_t n = strcspn(at, ","), k = 0;
            while (k < N_STATS && (strlen(nvc_map_names[k]) != n || strncmp(nvc_map_names[k], at, n) != 0))
                k++;
            if (k == N_STATS)
                return nvc_fail(err, NVC_EUSAGE, "--map: '%.*s' is no map; there are effect, variance, t, z, p, psc, F, r2, sigma, ar, "
                                "ma, whiteness, mean", (int)n, at);
            wanted[k] = true;
            at += n + (at[n] == ',');
        }
    return 0;
}

bool nvc_map_is_wanted(enum nvc_map_stat stat, const struct nvc_list *names)
{
    bool wanted[N_STATS];
    struct nvc_error unused;
    return !parse_names(names, wanted, &unused) && wanted[stat];
}

static bool exists(enum nvc_map_stat stat, const struct nvc_plan_item *item, const struct nvc_plan *plan, enum nvc_noise noise)
{
    if (!item)
        return stat == NVC_MAP_SIGMA || stat >= NVC_MAP_WHITENESS || (stat == NVC_MAP_R2 && plan->task_test >= 0) ||
               (stat == NVC_MAP_AR && noise != NVC_NOISE_OLS) || (stat == NVC_MAP_MA && noise >= NVC_NOISE_ARMA11);
    if (item->type == NVC_GLM_F)
        return stat == NVC_MAP_F || stat == NVC_MAP_Z || stat == NVC_MAP_P;
    return stat < NVC_MAP_PSC || (stat == NVC_MAP_PSC && item->psc_effect >= 0);
}

/* Letters and digits of a name, a capital after what was left out. */
static int add_label(struct nvc_text *t, const char *name, struct nvc_error *err)
{
    bool gap = false, any = false;
    int status = 0;
    for (const char *s = name; *s && !status; s++) {
        bool lower = *s >= 'a' && *s <= 'z', upper = *s >= 'A' && *s <= 'Z', digit = *s >= '0' && *s <= '9';
        if (lower || upper || digit) {
            char c = gap && any && lower ? (char)(*s - 'a' + 'A') : *s;
            status = nvc_text_add(t, &c, 1, err);
            any = true;
        }
        gap = !(lower || upper || digit);
    }
    return status || any ? status : nvc_fail(err, NVC_EDATA, "contrast '%s' has no letter to name a map with; name it: 'NAME = ...'", name);
}

static int add_map(struct nvc_map_list *l, enum nvc_map_stat stat, const struct nvc_plan_item *item, struct nvc_error *err)
{
    struct nvc_text t = { 0 };
    int status = item ? nvc_text_puts(&t, "contrast-", err) : 0;
    if (!status && item)
        status = add_label(&t, item->contrast.name, err);
    if (!status)
        status = nvc_text_printf(&t, err, "%sstat-%s", item ? "_" : "", nvc_map_names[stat]);
    for (size_t k = 0; k < l->n && !status; k++)
        if (!strcmp(l->maps[k].entity, t.data))
            status = nvc_fail(err, NVC_EDATA, "maps of contrasts '%s' and '%s' would have one name, %s; name one of them otherwise: "
                              "'NAME = ...'", l->maps[k].item->contrast.name, item->contrast.name, t.data);
    l->maps[l->n++] = (struct nvc_map){ stat, item, t.data };
    return status;
}

int nvc_map_list_init(struct nvc_map_list *l, const struct nvc_plan *plan, enum nvc_noise noise, const struct nvc_list *names,
                      struct nvc_error *err)
{
    bool wanted[N_STATS];
    *l = (struct nvc_map_list){ 0 };
    int status = parse_names(names, wanted, err);
    if (status || !plan)
        return status;
    if (!(l->maps = nvc_array(N_STATS * (plan->n_items + 1), sizeof *l->maps, err)))
        return NVC_ESYS;
    for (size_t i = 0; i <= plan->n_items && !status; i++) {
        const struct nvc_plan_item *item = i < plan->n_items ? &plan->items[i] : NULL;
        for (int k = 0; k < N_STATS && !status; k++)
            if (wanted[k] && exists((enum nvc_map_stat)k, item, plan, noise))
                status = add_map(l, (enum nvc_map_stat)k, item, err);
    }
    if (!status && l->n == 0)
        status = nvc_fail(err, NVC_EDATA, "none of the maps asked for exists for this model");
    if (status)
        nvc_map_list_release(l);
    return status;
}

void nvc_map_list_release(struct nvc_map_list *l)
{
    for (size_t k = 0; k < l->n; k++)
        free(l->maps[k].entity);
    free(l->maps);
    *l = (struct nvc_map_list){ 0 };
}

/* Of a t contrast, series v. */
static double of_effect(const struct nvc_map *map, const struct nvc_glm *glm, const struct nvc_glm_fit *fit, enum nvc_noise noise,
                        double percent, double mean, size_t v)
{
    size_t at = map->item->effect * fit->n_vox + v;
    double effect = fit->effect[at], variance = fit->variance[at], t = effect / sqrt(variance);
    switch (map->stat) {
    case NVC_MAP_EFFECT: return effect * percent;
    case NVC_MAP_VARIANCE: return variance * percent * percent;
    case NVC_MAP_T: return t;
    case NVC_MAP_P: return fit->p[at];
    case NVC_MAP_PSC: return 100 / mean * fit->effect[(size_t)map->item->psc_effect * fit->n_vox + v];
    default: return fit->p[at] > 1e-280 || noise == NVC_NOISE_ARMA11 ? nvc_glm_z_of_p(fit->p[at], effect)
                                                                      : nvc_glm_z(t, nvc_glm_dof(glm));
    }
}

static double of_test(const struct nvc_map *map, const struct nvc_glm_fit *fit, size_t v)
{
    size_t at = map->item->test * fit->n_vox + v;
    return map->stat == NVC_MAP_F ? fit->f[at] : map->stat == NVC_MAP_P ? fit->f_p[at] : nvc_glm_z_of_p(fit->f_p[at], 1);
}

static double of_model(const struct nvc_map *map, const struct nvc_plan *plan, const struct nvc_glm *glm,
                       const struct nvc_glm_fit *fit, double percent, double mean, size_t v)
{
    switch (map->stat) {
    case NVC_MAP_SIGMA: return fit->sigma[v] * percent;
    case NVC_MAP_AR: return fit->ar[v];
    case NVC_MAP_MA: return fit->ma[v];
    case NVC_MAP_MEAN: return mean;
    case NVC_MAP_WHITENESS: return NAN;
    default: break;
    }
    size_t test = (size_t)plan->task_test;
    double f = fit->f[test * fit->n_vox + v] * nvc_glm_test_dof(glm, test);
    return f / (f + nvc_glm_dof(glm));
}

void nvc_map_fill(const struct nvc_map *map, const struct nvc_plan *plan, const struct nvc_glm *glm, const struct nvc_glm_fit *fit,
                  enum nvc_noise noise, const double *mean, bool percent, float *out)
{
    for (size_t v = 0; v < fit->n_vox; v++) {
        double scale = !percent ? 1 : mean[v] > 0 ? 100 / mean[v] : NAN;
        out[v] = (float)(!map->item ? of_model(map, plan, glm, fit, scale, mean[v], v)
                         : map->item->type == NVC_GLM_F ? of_test(map, fit, v)
                         : of_effect(map, glm, fit, noise, scale, mean[v] > 0 ? mean[v] : NAN, v));
    }
}

void nvc_map_fill_fixed(const struct nvc_map *map, const struct nvc_fixed *f, size_t n, int n_threads, float *out)
{
    #pragma omp parallel for num_threads(n_threads)
    for (size_t v = 0; v < n; v++) {
        double effect = nvc_fixed_effect(&f[v]), variance = nvc_fixed_variance(&f[v]), dof = nvc_fixed_dof(&f[v]);
        double t = effect / sqrt(variance);
        out[v] = (float)(map->stat == NVC_MAP_EFFECT ? effect : map->stat == NVC_MAP_VARIANCE ? variance : map->stat == NVC_MAP_T ? t
                         : map->stat == NVC_MAP_P ? nvc_glm_p(t, dof) : nvc_glm_z(t, dof));
    }
}
