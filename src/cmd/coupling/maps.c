#include "base/memory.h"
#include "cli/message.h"
#include "cmd/coupling/job.h"
#include "cmd/shared/map_file.h"
#include "io/bids.h"
#include "io/json.h"
#include "model/coupling/imco.h"
#include "model/coupling/coupling_maps.h"
#include "table/mask.h"

#include <math.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct maps { /* owner of what a nvc_map_set borrows */
    struct nvc_grid grid;
    double **values;               /* every map that was read */
    size_t n, cap;
    char **names;                  /* of the activity maps */
    struct nvc_half_map *activity;
    bool *tissue;
    struct nvc_mask mask, parcels;
    struct nvc_map_set set;
    struct nvc_identity who;
    struct nvc_marks *marks;
    const char *first;
    enum nvc_orientation how;
};

static void maps_release(struct maps *m, size_t n_activity)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->values[i]);
    for (size_t k = 0; m->names && k < n_activity; k++)
        free(m->names[k]);
    free(m->values);
    free(m->names);
    free(m->activity);
    free(m->tissue);
    nvc_mask_release(&m->mask);
    nvc_mask_release(&m->parcels);
}

/* "alff=x.nii.gz": where the path begins, or NULL. */
static const char *path_in(const char *item)
{
    const char *equals = item + strspn(item, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return *equals == '=' && equals > item && equals[1] ? equals + 1 : NULL;
}

static bool same_name(const char *other, const char *item)
{
    const size_t n = (size_t)(strchr(item, '=') - item);
    return !strncmp(other, item, n + 1);
}

int coupling_check_maps(const struct coupling_options *o, struct nvc_error *err)
{
    const struct nvc_list *lists[] = { &o->activity, &o->activity_half };
    if (o->cbf_half.n && o->cbf_half.n != 2)
        return nvc_fail(err, NVC_EUSAGE, "--cbf-half stands %zu times; it goes with both halves", o->cbf_half.n);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->n; i++)
            if (!path_in(lists[k]->items[i]))
                return nvc_fail(err, NVC_EUSAGE, "'%s': NAME=MAP is wanted, NAME of letters, digits, _ and -, for example "
                                "alff=rest_stat-alff_boldmap.nii.gz", lists[k]->items[i]);
    for (size_t i = 0; i < o->activity.n; i++) {
        size_t halves = 0;
        for (size_t k = 0; k < i; k++)
            if (same_name(o->activity.items[k], o->activity.items[i]))
                return nvc_fail(err, NVC_EUSAGE, "--activity: '%s' and '%s' would give rows of one name", o->activity.items[k], o->activity.items[i]);
        for (size_t h = 0; h < o->activity_half.n; h++)
            halves += same_name(o->activity_half.items[h], o->activity.items[i]);
        if (halves && halves != 2)
            return nvc_fail(err, NVC_EUSAGE, "--activity-half of '%s' stands %zu times; it goes with both halves", o->activity.items[i], halves);
    }
    return 0;
}

static int read_map(struct maps *m, const char *path, const double **where, struct nvc_error *err)
{
    struct nvc_input_mark mark;
    int status = nvc_grow(&m->values, &m->cap, m->n + 1, sizeof *m->values, err);
    if (status)
        return status;
    m->values[m->n] = NULL;
    status = m->n ? map_read(&m->values[m->n], path, m->how, &m->grid, m->first, &mark, err)
                  : map_read_first(&m->values[m->n], path, m->how, &m->grid, &mark, err);
    *where = m->values[m->n++];
    if (m->n == 1)
        m->first = path;
    return status ? status : coupling_mark(m->marks, &mark, err);
}

static int read_activity(struct maps *m, const struct coupling_options *o, struct nvc_error *err)
{
    m->names = nvc_array(o->activity.n, sizeof *m->names, err);
    m->activity = nvc_array(o->activity.n, sizeof *m->activity, err);
    int status = m->names && m->activity ? 0 : NVC_ESYS;
    for (size_t i = 0; i < o->activity.n && !status; i++) {
        const char *item = o->activity.items[i], *path = path_in(item);
        struct nvc_half_map *a = &m->activity[i];
        size_t halves = 0;
        if (!(m->names[i] = nvc_strndup(item, (size_t)(path - 1 - item), err)))
            return NVC_ESYS;
        a->name = m->names[i];
        status = read_map(m, path, &a->map, err);
        for (size_t h = 0; h < o->activity_half.n && !status; h++)
            if (same_name(o->activity_half.items[h], item))
                status = read_map(m, path_in(o->activity_half.items[h]), &a->half[halves++], err);
    }
    return status;
}

/* Grey matter, by a probability over one half; without one every voxel. */
static int read_tissue(struct maps *m, const struct coupling_options *o, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(&m->grid);
    const double *grey = NULL;
    int status = (m->tissue = nvc_array(n, sizeof *m->tissue, err)) ? 0 : NVC_ESYS;
    if (!status && o->grey && !(status = read_map(m, o->grey, &grey, err)) && !(status = map_check_probability(grey, n, o->grey, err)))
        m->set.covariates[m->set.n_covariates++] = grey;
    for (size_t v = 0; v < n && !status; v++)
        m->tissue[v] = !grey || grey[v] > 0.5;
    if (!status && o->tsnr && !(status = read_map(m, o->tsnr, &m->set.covariates[m->set.n_covariates], err)))
        m->set.n_covariates++;
    return status;
}

static int read_regions(struct maps *m, const char *path, struct nvc_mask *mask, struct nvc_error *err)
{
    struct nvc_mask_source source;
    char want[160], found[160];
    int status = nvc_mask_read_as(mask, path, m->how, NULL, &source, err);
    if (!status && !nvc_grid_equal(&mask->grid, &m->grid)) {
        nvc_grid_text(&m->grid, want, sizeof want);
        nvc_grid_text(&mask->grid, found, sizeof found);
        return nvc_fail(err, NVC_EDATA, "%s: its grid (%s) is not that of %s (%s); make it with nvc-mask -g", path, found, m->first, want);
    }
    return status ? status : coupling_mark(m->marks, &(struct nvc_input_mark){ path, source.crc32, source.bytes }, err);
}

/* By the name, or else as the rows say. */
static int identify(struct nvc_identity *who, const struct coupling_options *o, const struct nvc_coupling *known, struct nvc_error *err)
{
    struct nvc_bids_name name;
    int status = nvc_bids_parse(&name, o->bids_name ? o->bids_name : o->cbf, err);
    if (status)
        return status;
    if (!strcmp(name.participant_id, "n/a") && known->n) {
        (void)snprintf(name.participant_id, sizeof name.participant_id, "%s", known->rows[0].participant_id);
        (void)snprintf(name.session, sizeof name.session, "%s", known->rows[0].session);
    } else if (!strcmp(name.participant_id, "n/a"))
        nvc_warn("%s: the name holds no sub-, so nobody's rows are written; give --bids-name", o->cbf);
    memcpy(who->participant_id, name.participant_id, sizeof who->participant_id);
    memcpy(who->session, name.session, sizeof who->session);
    memcpy(who->task, name.task, sizeof who->task);
    memcpy(who->run, name.run, sizeof who->run);
    memcpy(who->space, name.space, sizeof who->space);
    return 0;
}

static int read_all(struct maps *m, const struct coupling_options *o, const struct nvc_coupling *known, struct nvc_error *err)
{
    m->set.cbf.name = "cbf";
    int status = read_map(m, o->cbf, &m->set.cbf.map, err);
    for (size_t h = 0; h < o->cbf_half.n && !status; h++)
        status = read_map(m, o->cbf_half.items[h], &m->set.cbf.half[h], err);
    if (!status && !(status = read_activity(m, o, err)) && !(status = read_tissue(m, o, err)))
        status = read_regions(m, o->mask, &m->mask, err);
    if (!status && o->parcels)
        status = read_regions(m, o->parcels, &m->parcels, err);
    return status ? status : identify(&m->who, o, known, err);
}

static int write_map(const struct maps *m, const char *prefix, const char *name, const char *what, const char *unit, const float *values, bool assumed,
                     struct nvc_error *err)
{
    const struct nvc_nifti_spec spec = { .grid = m->grid, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32 };
    char *path = nvc_sprintf(err, "%s_imco-%s_%s.nii.gz", prefix, name, what);
    json_t *more = json_pack("{s:s, s:f, s:s}", "Units", unit, "RadiusMillimetres", m->set.radius_mm, "NoiseRatio", assumed ? "assumed" : "of halves");
    struct nvc_nifti_writer *w = NULL;
    int status = path ? 0 : NVC_ESYS;
    if (!status)
        status = more ? nvc_nifti_create(&w, path, &spec, err) : nvc_json_fail(err, path);
    if (!status && (status = nvc_nifti_put(w, values, err)))
        nvc_nifti_abandon(w);
    else if (!status && !(status = nvc_nifti_commit(w, err)))
        status = nvc_sidecar_write(path, &(struct nvc_sidecar){ .inputs = m->marks->items, .n_inputs = m->marks->n, .more = more }, err);
    json_decref(more);
    free(path);
    return status;
}

static int write_imco(const struct maps *m, const char *prefix, struct nvc_error *err)
{
    const struct nvc_map_set *s = &m->set;
    const size_t n = nvc_grid_voxels(&m->grid);
    float *slope = nvc_array(2 * n, sizeof *slope, err);
    int status = slope ? 0 : NVC_ESYS;
    for (size_t k = 0; k < s->n_activity && !status; k++) {
        const struct nvc_half_map *a = &s->activity[k];
        const struct nvc_imco_spec spec = { .grid = &m->grid, .x = s->cbf.map, .y = a->map, .tissue = m->tissue, .radius_mm = s->radius_mm,
                                            .noise_x = nvc_half_map_noise(s, &s->cbf), .noise_y = nvc_half_map_noise(s, a) };
        bool assumed;
        status = nvc_imco_map(&spec, slope, slope + n, &assumed, err);
        if (status)
            (void)nvc_fail_in(err, "--imco-maps of %s", a->name);
        if (!status && !(status = write_map(m, prefix, a->name, "slope", "sd per sd", slope, assumed, err)))
            status = write_map(m, prefix, a->name, "r2", "R2", slope + n, assumed, err);
    }
    free(slope);
    return status;
}

/* The indices of each half: its flow with its activity, whose noise the other half does not share. */
static int couple_halves(struct nvc_coupling *c, const struct maps *m, struct nvc_error *err)
{
    static const char *const names[] = { "odd", "even" };
    struct nvc_half_map *activity = nvc_array(m->set.n_activity, sizeof *activity, err);
    int status = activity ? 0 : NVC_ESYS;
    for (int half = 0; half < 2 && !status; half++) {
        struct nvc_map_set set = m->set;
        struct nvc_identity who = m->who;
        nvc_identity_half(&who, names[half]);
        set.who = &who, set.activity = activity, set.n_activity = 0, set.known = NULL, set.of_half = true, set.mica = false;
        set.cbf.map = set.cbf.half[half];
        for (size_t k = 0; k < m->set.n_activity; k++)
            if (m->activity[k].half[0]) {
                activity[set.n_activity] = m->activity[k];
                activity[set.n_activity++].map = m->activity[k].half[half];
            }
        for (size_t r = 0; r < m->mask.n_regions && !status; r++)
            status = nvc_coupling_of_maps(c, &set, &m->mask.regions[r], err);
    }
    free(activity);
    return status;
}

int coupling_maps(struct nvc_coupling *c, struct nvc_coupling *halves, const struct coupling_options *o, const struct nvc_coupling *known,
                  struct nvc_marks *marks, struct nvc_error *err)
{
    struct maps m = { .marks = marks, .how = (enum nvc_orientation)o->orientation };
    int status = read_all(&m, o, known, err);
    m.set.grid = &m.grid, m.set.activity = m.activity, m.set.n_activity = o->activity.n, m.set.tissue = m.tissue, m.set.who = &m.who;
    m.set.parcels = o->parcels ? &m.parcels : NULL, m.set.known = known, m.set.bootstrap = o->bootstrap, m.set.seed = (uint64_t)o->seed;
    m.set.radius_mm = o->radius_mm, m.set.mica = o->compat == COMPAT_MICA;
    if (!status && m.set.mica)
        nvc_warn("--compat mica correlates the zero-padded volumes: its mica_r can be +0.924 where the voxels of the region correlate by -0.875; it is here "
                 "to reproduce published numbers, not to be used");
    for (size_t r = 0; r < m.mask.n_regions && !status; r++)
        status = nvc_coupling_of_maps(c, &m.set, &m.mask.regions[r], err);
    if (!status && o->halves)
        status = couple_halves(halves, &m, err);
    if (!status && o->imco_maps)
        status = write_imco(&m, o->imco_maps, err);
    maps_release(&m, o->activity.n);
    return status;
}
