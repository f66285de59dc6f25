#include "model/design/events.h"

#include "base/memory.h"
#include "base/number.h"
#include "math/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_events_release(struct nvc_events *e)
{
    for (size_t i = 0; i < e->n_conditions; i++)
        free(e->conditions[i]);
    for (size_t i = 0; i < e->n_modulators; i++)
        free(e->modulators[i]);
    free(e->onset_s);
    free(e->duration_s);
    free(e->weight);
    free(e->condition);
    free(e->conditions);
    free(e->modulators);
    free(e->modulation);
    *e = (struct nvc_events){ 0 };
}

int nvc_events_init(struct nvc_events *e, const struct nvc_list *modulators, struct nvc_error *err)
{
    size_t n = modulators ? modulators->n : 0;
    *e = (struct nvc_events){ 0 };
    if (!(e->modulators = nvc_array(n, sizeof *e->modulators, err)))
        return (int)err->status;
    for (; e->n_modulators < n; e->n_modulators++)
        if (!(e->modulators[e->n_modulators] = nvc_strdup(modulators->items[e->n_modulators], err)))
            return (int)err->status;
    return 0;
}

static int find_condition(struct nvc_events *e, const char *name, size_t *at, struct nvc_error *err)
{
    size_t cap = e->n_conditions; /* few: grown one by one */
    for (*at = 0; *at < e->n_conditions; ++*at)
        if (!strcmp(e->conditions[*at], name))
            return 0;
    if (nvc_grow(&e->conditions, &cap, cap + 1, sizeof *e->conditions, err) || !(e->conditions[*at] = nvc_strdup(name, err)))
        return (int)err->status;
    e->n_conditions++;
    return 0;
}

/* Room for one event more in all the columns; modulation is kept event by event until nvc_events_finish. */
static int make_room(struct nvc_events *e, struct nvc_error *err)
{
    void *columns[] = { &e->onset_s, &e->duration_s, &e->weight, &e->condition, &e->modulation };
    const size_t sizes[] = { sizeof *e->onset_s, sizeof *e->duration_s, sizeof *e->weight, sizeof *e->condition,
                             e->n_modulators * sizeof *e->modulation };
    size_t grown = e->cap;
    for (size_t i = 0; i < 5; i++) {
        size_t cap = e->cap;
        if (sizes[i] && nvc_grow(columns[i], &cap, e->n + 1, sizes[i], err))
            return (int)err->status;
        grown = sizes[i] ? cap : grown;
    }
    e->cap = grown;
    return 0;
}

int nvc_events_add(struct nvc_events *e, const struct nvc_event *one, struct nvc_error *err)
{
    if (!isfinite(one->onset_s) || !isfinite(one->duration_s))
        return nvc_fail(err, NVC_EDATA, "%s is n/a; an event needs both, in seconds", isfinite(one->onset_s) ? "duration" : "onset");
    if (one->duration_s < 0)
        return nvc_fail(err, NVC_EDATA, "duration %g s is negative", one->duration_s);
    if (!isfinite(one->weight))
        return nvc_fail(err, NVC_EDATA, "weight is n/a");
    if (!*one->condition)
        return nvc_fail(err, NVC_EDATA, "the name of the condition is empty");
    int status = make_room(e, err);
    if (status || (status = find_condition(e, one->condition, &e->condition[e->n], err)))
        return status;
    e->onset_s[e->n] = one->onset_s;
    e->duration_s[e->n] = one->duration_s;
    e->weight[e->n] = one->weight;
    if (e->n_modulators)
        memcpy(e->modulation + e->n_modulators * e->n, one->modulation, e->n_modulators * sizeof *e->modulation);
    e->n++;
    return 0;
}

static int bytewise(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int transpose_modulation(struct nvc_events *e, struct nvc_error *err)
{
    double *columns = nvc_array(e->n * e->n_modulators, sizeof *columns, err);
    if (!columns)
        return (int)err->status;
    for (size_t i = 0; i < e->n; i++)
        for (size_t m = 0; m < e->n_modulators; m++)
            columns[i + e->n * m] = e->modulation[m + e->n_modulators * i];
    free(e->modulation);
    e->modulation = columns;
    return 0;
}

int nvc_events_finish(struct nvc_events *e, struct nvc_error *err)
{
    char **sorted = nvc_array(e->n_conditions, sizeof *sorted, err);
    if (!sorted)
        return (int)err->status;
    if (e->n_conditions)
        memcpy(sorted, e->conditions, e->n_conditions * sizeof *sorted);
    qsort(sorted, e->n_conditions, sizeof *sorted, bytewise);
    for (size_t i = 0; i < e->n; i++) {
        size_t at = 0;
        while (sorted[at] != e->conditions[e->condition[i]])
            at++;
        e->condition[i] = at;
    }
    free(e->conditions);
    e->conditions = sorted;
    return transpose_modulation(e, err);
}

static char *class_name(const char *condition, const double *edge_s, size_t n_edges, size_t class, struct nvc_error *err)
{
    return class == 0         ? nvc_sprintf(err, "%s_lt%gs", condition, edge_s[0])
           : class == n_edges ? nvc_sprintf(err, "%s_ge%gs", condition, edge_s[n_edges - 1])
                              : nvc_sprintf(err, "%s_%gto%gs", condition, edge_s[class - 1], edge_s[class]);
}

int nvc_events_split(struct nvc_events *out, const struct nvc_events *e, const double *edge_s, size_t n_edges, struct nvc_error *err)
{
    const struct nvc_list modulators = { (const char *const *)e->modulators, e->n_modulators };
    double *modulation = nvc_array(e->n_modulators, sizeof *modulation, err);
    int status = nvc_events_init(out, &modulators, err);
    out->n_unnamed = e->n_unnamed;
    if (!modulation)
        status = NVC_ESYS;
    for (size_t k = 1; k < n_edges && !status; k++)
        if (!(edge_s[k] > edge_s[k - 1]))
            status = nvc_fail(err, NVC_EDATA, "durations to split at must rise: %g s after %g s", edge_s[k], edge_s[k - 1]);
    for (size_t i = 0; i < e->n && !status; i++) {
        size_t class = 0;
        while (class < n_edges && e->duration_s[i] >= edge_s[class])
            class++;
        for (size_t m = 0; m < e->n_modulators; m++)
            modulation[m] = e->modulation[i + e->n * m];
        char *name = class_name(e->conditions[e->condition[i]], edge_s, n_edges, class, err);
        const struct nvc_event one = { e->onset_s[i], e->duration_s[i], e->weight[i], name, modulation };
        status = name ? nvc_events_add(out, &one, err) : NVC_ESYS;
        free(name);
    }
    free(modulation);
    return status ? status : nvc_events_finish(out, err);
}

int nvc_events_median_duration(const struct nvc_events *e, size_t condition, double *duration_s, struct nvc_error *err)
{
    size_t n = 0;
    double *v = nvc_array(e->n, sizeof *v, err);
    if (!v)
        return (int)err->status;
    for (size_t i = 0; i < e->n; i++)
        if (e->condition[i] == condition)
            v[n++] = e->duration_s[i];
    *duration_s = nvc_median(v, n);
    free(v);
    return 0;
}

int nvc_duration_parse(struct nvc_duration *d, const char *text, struct nvc_error *err)
{
    const char *equals = strrchr(text, '='), *number = equals ? equals + 1 : text;
    *d = (struct nvc_duration){ equals ? text : NULL, equals ? (size_t)(equals - text) : 0, 0 };
    if (equals == text || !nvc_parse_real(number, strlen(number), &d->duration_s) || d->duration_s < 0 || d->duration_s > 1e4)
        return nvc_fail(err, NVC_EUSAGE, "event duration '%.60s': want SECONDS or CONDITION=SECONDS, 0 to 10000", text);
    return 0;
}
