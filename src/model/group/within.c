#include "model/group/within.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/design/contrast.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset;
} parts[] = {
    { "session", offsetof(struct nvc_key, session) }, { "contrast", offsetof(struct nvc_key, contrast) },
    { "task", offsetof(struct nvc_key, task) },       { "region", offsetof(struct nvc_key, region) },
    { "side", offsetof(struct nvc_key, side) },       { "atlas", offsetof(struct nvc_key, atlas) },
};

static const char **part_of(struct nvc_key *k, size_t offset)
{
    return (const char **)(void *)((char *)k + offset);
}

/* "session: post - pre" -> the offset of the part and the expression. */
static int split(const char *text, size_t *offset, const char **rest, struct nvc_error *err)
{
    const char *colon = strchr(text, ':');
    for (size_t i = 0; colon && i < sizeof parts / sizeof *parts; i++)
        if (!strncmp(text, parts[i].name, (size_t)(colon - text)) && strlen(parts[i].name) == (size_t)(colon - text)) {
            *offset = parts[i].offset;
            *rest = colon + 1;
            return nvc_contrast_check(*rest, err);
        }
    return nvc_fail(err, NVC_EUSAGE,
                    "--within '%s': wanted PART: EXPRESSION with session, contrast, task, region, side or atlas, "
                    "for example 'session: post - pre'",
                    text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Distinct labels of the part, in bytewise order. */
static size_t labels_of(struct nvc_cohort *c, size_t offset, const char **labels)
{
    size_t n = 0;
    for (size_t k = 0; k < c->n_keys; k++) {
        const char *label = *part_of(&c->keys[k], offset);
        size_t i = 0;
        while (i < n && labels[i] != label)
            i++;
        if (i == n && !c->keys[k].quality)
            labels[n++] = label;
    }
    if (n)
        qsort(labels, n, sizeof *labels, by_text);
    return n;
}

/* The key that differs from k by the label alone, or SIZE_MAX. */
static size_t with_label(struct nvc_cohort *c, size_t k, size_t offset, const char *label)
{
    struct nvc_key want = c->keys[k];
    *part_of(&want, offset) = label;
    for (size_t j = 0; j < c->n_keys; j++)
        if (!c->keys[j].quality && !nvc_key_compare(&c->keys[j], &want))
            return j;
    return SIZE_MAX;
}

struct combination {
    struct nvc_contrast contrast;
    const char **labels, *name;
    size_t offset;
    size_t *source; /* of one new key: the old key of every label */
};

/* The old keys behind the new one that k would start; false when a label of weight is missing or k is not the
 * first of them. */
static bool sources(struct nvc_cohort *c, size_t k, const struct combination *w)
{
    bool first = false;
    for (size_t l = 0; l < w->contrast.n_cols; l++) {
        w->source[l] = w->contrast.C[l] != 0 ? with_label(c, k, w->offset, w->labels[l]) : SIZE_MAX;
        if (w->contrast.C[l] == 0)
            continue;
        if (w->source[l] == SIZE_MAX)
            return false;
        if (!first && w->source[l] != k)
            return false;
        first = true;
    }
    return true;
}

static void combine(const struct nvc_cohort *c, const struct combination *w, size_t i, double *value, double *se,
                    unsigned char *missing)
{
    double sum = 0, variance = 0;
    *missing = NVC_PRESENT;
    for (size_t l = 0; l < w->contrast.n_cols; l++) {
        double weight = w->contrast.C[l];
        if (weight == 0)
            continue;
        size_t cell = i + c->n * w->source[l];
        sum += weight * c->value[cell];
        variance += weight * weight * c->se[cell] * c->se[cell];
        if (c->missing[cell] != NVC_PRESENT)
            *missing = c->missing[cell];
    }
    *value = *missing == NVC_PRESENT ? sum : NAN;
    *se = *missing == NVC_PRESENT ? sqrt(variance) : NAN;
}

static int apply(struct nvc_cohort *c, const struct combination *w, const char *text, struct nvc_error *err)
{
    struct nvc_cohort to = { .who = c->who, .n = c->n };
    to.keys = nvc_array(c->n_keys, sizeof *to.keys, err);
    to.value = nvc_array(c->n * c->n_keys, sizeof *to.value, err);
    to.se = nvc_array(c->n * c->n_keys, sizeof *to.se, err);
    to.missing = nvc_array(c->n * c->n_keys, sizeof *to.missing, err);
    int status = to.keys && to.value && to.se && to.missing ? 0 : NVC_ESYS;
    for (size_t k = 0; k < c->n_keys && !status; k++) {
        if (c->keys[k].quality || !sources(c, k, w))
            continue;
        for (size_t i = 0; i < c->n; i++) {
            size_t cell = i + c->n * to.n_keys;
            combine(c, w, i, &to.value[cell], &to.se[cell], &to.missing[cell]);
        }
        to.keys[to.n_keys] = c->keys[k];
        *part_of(&to.keys[to.n_keys++], w->offset) = w->name;
    }
    if (!status && !to.n_keys)
        status = nvc_fail(err, NVC_EDATA, "--within '%s': no index was measured under all of these labels", text);
    if (!status) { /* the texts stay in the pool of the old one */
        to.text = c->text;
        c->text = (struct nvc_pool){ 0 };
        nvc_cohort_release(c);
        *c = to;
        return 0;
    }
    nvc_cohort_release(&to);
    return status;
}

int nvc_cohort_within(struct nvc_cohort *c, const char *text, struct nvc_error *err)
{
    struct combination w = { .labels = nvc_array(c->n_keys, sizeof *w.labels, err),
                             .source = nvc_array(c->n_keys, sizeof *w.source, err) };
    const char *rest = NULL;
    size_t n = 0;
    int status = w.labels && w.source ? split(text, &w.offset, &rest, err) : NVC_ESYS;
    if (!status) {
        n = labels_of(c, w.offset, w.labels);
        status = nvc_contrast_parse(&w.contrast, rest, w.labels, n, err);
        if (status)
            status = nvc_fail_in(err, "--within '%s'", text);
        else if (w.contrast.is_f)
            status = nvc_fail(err, NVC_EUSAGE, "--within '%s': one combination is wanted, not several", text);
    }
    if (!status && !(w.name = nvc_pool_add(&c->text, w.contrast.name, err)))
        status = NVC_ESYS;
    if (!status)
        status = apply(c, &w, text, err);
    nvc_contrast_release(&w.contrast);
    free(w.labels);
    free(w.source);
    return status;
}
