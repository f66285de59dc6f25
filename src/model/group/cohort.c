#include "model/group/cohort.h"

#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 7, QUALITIES = 6 };
static const char *const qualities[QUALITIES] = { "coverage", "dropout", "mean_fd", "pgm", "tsnr", "volume_mm3" }, /* in the printed order */
                  *const quality_units[QUALITIES] = { NULL, NULL, "mm", NULL, NULL, "mm3" };

/* Of a row, as the names; and which belongs to the run. */
static void qualities_of(const struct nvc_coupling_row *r, double q[QUALITIES])
{
    q[0] = r->coverage, q[1] = r->of_qc[NVC_QC_DROPOUT], q[2] = r->mean_fd_mm;
    q[3] = r->of_qc[NVC_QC_PGM], q[4] = r->tsnr, q[5] = r->of_qc[NVC_QC_VOLUME];
}
static bool of_the_run(const char *quality) { return !strcmp(quality, "mean_fd"); }

const char *nvc_quality_name(const char *name)
{
    for (size_t q = 0; q < QUALITIES; q++)
        if (!strcmp(name, qualities[q]))
            return qualities[q];
    return NULL;
}

const char *nvc_missing_text(enum nvc_missing m)
{
    static const char *const text[] = { "present", "no_row", "undefined", "low_coverage", "no_se", "excluded" };
    return text[m];
}

void nvc_cohort_release(struct nvc_cohort *c)
{
    free(c->keys);
    free(c->value);
    free(c->se);
    free(c->missing);
    nvc_pool_release(&c->text);
    *c = (struct nvc_cohort){ 0 };
}

double *nvc_cohort_quality(const struct nvc_cohort *c, size_t k, const char *name)
{
    const struct nvc_key *a = &c->keys[k];
    bool run = of_the_run(name);
    for (size_t j = 0; j < c->n_keys; j++) {
        const struct nvc_key *b = &c->keys[j];
        if (b->quality && !strcmp(b->index, name) && b->task == a->task && b->session == a->session &&
            (run || (b->atlas == a->atlas && b->region == a->region && b->side == a->side)))
            return c->value + c->n * j;
    }
    return NULL;
}

/* What the building needs: per row its cell (participant, key) and the next row of the same cell. */
struct build {
    struct nvc_cohort *c;
    const struct nvc_participants *who;
    const struct nvc_coupling *in;
    const struct nvc_cohort_options *o;
    bool *out; /* participants excluded by a rule */
    struct nvc_tuples keys;
    uint32_t *key_of;      /* row -> key */
    uint32_t *who_of;      /* row -> participant */
    uint32_t *head, *next; /* cell -> its first row + 1, row -> the next one + 1 */
};

static void build_release(struct build *b)
{
    nvc_tuples_release(&b->keys);
    free(b->key_of);
    free(b->who_of);
    free(b->head);
    free(b->next);
    free(b->out);
}

static int number_rows(struct build *b, struct nvc_error *err)
{
    const char *last_id = NULL;
    size_t last = 0;
    b->keys.width = KEY;
    b->key_of = nvc_array(b->in->n, sizeof *b->key_of, err);
    b->who_of = nvc_array(b->in->n, sizeof *b->who_of, err);
    b->next = nvc_array(b->in->n, sizeof *b->next, err);
    if (!b->key_of || !b->who_of || !b->next)
        return NVC_ESYS;
    for (size_t i = 0; i < b->in->n; i++) {
        const struct nvc_coupling_row *r = &b->in->rows[i];
        const char *tuple[KEY] = { r->index, r->contrast, r->atlas, r->region, r->side, r->task, r->session };
        size_t key;
        int status = r->participant_id == last_id ? 0 : nvc_participants_find(b->who, r->participant_id, &last, err);
        if (!status)
            status = nvc_tuples_add(&b->keys, tuple, &key, err);
        if (status)
            return status;
        last_id = r->participant_id;
        b->who_of[i] = (uint32_t)last;
        b->key_of[i] = (uint32_t)key;
    }
    return 0;
}

int nvc_key_compare(const struct nvc_key *a, const struct nvc_key *b)
{
    const char *const p[] = { a->index, a->contrast, a->atlas, a->region, a->side, a->task, a->session };
    const char *const q[] = { b->index, b->contrast, b->atlas, b->region, b->side, b->task, b->session };
    int order = 0;
    for (size_t k = 0; k < KEY && !order; k++)
        order = strcmp(p[k], q[k]);
    return order;
}

struct numbered {
    struct nvc_key key;
    size_t number;
};

static int by_key(const void *a, const void *b)
{
    const struct nvc_key *p = &((const struct numbered *)a)->key, *q = &((const struct numbered *)b)->key;
    return p->control != q->control ? p->control - q->control : nvc_key_compare(p, q);
}

/* Keys in their printed order; rows are renumbered. */
static int sort_keys(struct build *b, struct nvc_error *err)
{
    struct nvc_cohort *c = b->c;
    struct numbered *keys = nvc_array(b->keys.n, sizeof *keys, err);
    uint32_t *rank = nvc_array(b->keys.n, sizeof *rank, err);
    c->keys = nvc_array(b->keys.n * (1 + QUALITIES), sizeof *c->keys, err);
    int status = keys && rank && c->keys ? 0 : NVC_ESYS;
    c->n_keys = b->keys.n;
    for (size_t k = 0; k < c->n_keys && !status; k++) {
        const char *const *t = b->keys.items + k * KEY;
        keys[k] = (struct numbered){ { t[0], t[1], t[2], t[3], t[4], t[5], t[6], NULL, NULL, false, false, false }, k };
    }
    for (size_t i = 0; i < b->in->n && !status; i++)
        keys[b->key_of[i]].key.control |= !strcmp(b->in->rows[i].class_name, NVC_CLASS_NEGATIVE_CONTROL);
    if (!status)
        qsort(keys, c->n_keys, sizeof *keys, by_key);
    for (size_t k = 0; k < c->n_keys && !status; k++) {
        c->keys[k] = keys[k].key;
        rank[keys[k].number] = (uint32_t)k;
    }
    for (size_t i = 0; i < b->in->n && !status; i++)
        b->key_of[i] = rank[b->key_of[i]];
    free(keys);
    free(rank);
    return status;
}

static bool has_word(const char *note, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(note, word); at; at = strstr(at + 1, word))
        if ((at == note || at[-1] == ';') && (at[n] == ';' || !at[n]))
            return true;
    return false;
}

static int chain_rows(struct build *b, struct nvc_error *err)
{
    struct nvc_cohort *c = b->c;
    b->head = nvc_array(c->n * c->n_keys, sizeof *b->head, err);
    if (!b->head)
        return NVC_ESYS;
    for (size_t i = b->in->n; i-- > 0;) { /* backwards, so that chains run forwards */
        size_t cell = b->who_of[i] + c->n * b->key_of[i];
        struct nvc_key *key = &c->keys[b->key_of[i]];
        const struct nvc_coupling_row *r = &b->in->rows[i];
        if (key->unit && key->unit != r->unit)
            return nvc_fail(err, NVC_EDATA,
                            "index %s, contrast %s, region %s %s: unit '%s' in one row and '%s' in another; rows of "
                            "one index must share a unit",
                            r->index, r->contrast, r->region, r->side, r->unit, key->unit);
        key->unit = r->unit;
        key->class_name = r->class_name;
        key->derived |= has_word(r->note, "derived");
        b->next[i] = b->head[cell];
        b->head[cell] = (uint32_t)i + 1;
    }
    return 0;
}

static int refuse_runs(const struct nvc_coupling_row *a, const struct nvc_coupling_row *b, struct nvc_error *err)
{
    if (a->run == b->run)
        return nvc_fail(err, NVC_EDATA,
                        "participant %s has two rows of index %s, contrast %s, region %s %s, task %s, session %s, run "
                        "%s; was a table given twice?",
                        a->participant_id, a->index, a->contrast, a->region, a->side, a->task, a->session, a->run);
    return nvc_fail(
        err, NVC_EDATA,
        "participant %s has runs %s and %s of index %s, contrast %s, region %s %s; say --runs mean or --runs ivw",
        a->participant_id, a->run, b->run, a->index, a->contrast, a->region, a->side);
}

static bool hit(const struct build *b, const struct nvc_coupling_row *r)
{
    for (size_t k = 0; k < b->o->n_rules; k++)
        if (nvc_rule_hits_row(&b->o->rules[k], r))
            return true;
    return false;
}

/* One participant and key: the runs that may be used, combined. */
static int combine(struct build *b, size_t cell, struct nvc_error *err)
{
    const struct nvc_coupling_row *rows = b->in->rows;
    double sum = 0, weights = 0, variance = 0;
    enum nvc_missing why = NVC_MISSING_ROW;
    size_t n = 0;
    b->c->value[cell] = b->c->se[cell] = NAN;
    for (uint32_t i = b->head[cell]; i; i = b->next[i - 1]) {
        const struct nvc_coupling_row *r = &rows[i - 1];
        for (uint32_t j = b->next[i - 1]; j; j = b->next[j - 1])
            if (b->o->runs == NVC_RUNS_REFUSE || rows[j - 1].run == r->run)
                return refuse_runs(r, &rows[j - 1], err);
        if (hit(b, r)) {
            why = NVC_MISSING_EXCLUDED;
            continue;
        }
        if (r->coverage < b->o->min_coverage) {
            why = why == NVC_MISSING_ROW ? NVC_MISSING_COVERAGE : why;
            continue;
        }
        if (isnan(r->value)) {
            why = why == NVC_MISSING_SE ? why : NVC_MISSING_VALUE;
            continue;
        }
        if (b->o->runs == NVC_RUNS_IVW && !(r->se > 0)) {
            why = NVC_MISSING_SE;
            continue;
        }
        double w = b->o->runs == NVC_RUNS_IVW ? 1 / (r->se * r->se) : 1;
        sum += w * r->value;
        weights += w;
        variance += w * w * r->se * r->se;
        n++;
    }
    if (b->out[cell % b->c->n])
        why = NVC_MISSING_EXCLUDED;
    else if (n && why != NVC_MISSING_SE) {
        b->c->value[cell] = sum / weights;
        b->c->se[cell] = sqrt(variance) / weights;
        why = NVC_PRESENT;
    }
    b->c->missing[cell] = (unsigned char)why;
    return 0;
}

/* ---- quality as outcome ------------------------------------------------------------------------- */

struct tally {
    double sum, lo, hi, n;
};

static void count(struct tally *t, double v)
{
    if (isnan(v))
        return;
    t->lo = t->n > 0 ? fmin(t->lo, v) : v;
    t->hi = t->n > 0 ? fmax(t->hi, v) : v;
    t->sum += v;
    t->n++;
}

/* Which quality key (from 0) each key feeds; most belong to a region, motion to a run. */
static int quality_keys(struct build *b, struct nvc_tuples *found, size_t *of, struct nvc_error *err)
{
    struct nvc_cohort *c = b->c;
    const char *name[QUALITIES], *na = nvc_pool_add(&c->text, "n/a", err);
    int status = na ? 0 : NVC_ESYS;
    for (size_t q = 0; q < QUALITIES && !status; q++)
        status = (name[q] = nvc_pool_add(&c->text, qualities[q], err)) ? 0 : NVC_ESYS;
    for (size_t k = 0; k < c->n_keys && !status; k++)
        for (size_t q = 0; q < QUALITIES && !status; q++) {
            const struct nvc_key *key = &c->keys[k];
            bool run = of_the_run(qualities[q]);
            const char *tuple[KEY] = {
                name[q],   na,          run ? na : key->atlas, run ? na : key->region, run ? na : key->side,
                key->task, key->session
            };
            status = nvc_tuples_add(found, tuple, &of[k * QUALITIES + q], err);
        }
    return status;
}

/* The qualities as further columns of values, those that are known for somebody. */
static int add_quality(struct build *b, struct nvc_error *err)
{
    struct nvc_cohort *c = b->c;
    struct nvc_tuples found = { .width = KEY };
    size_t *of = nvc_array(c->n_keys * QUALITIES, sizeof *of, err), n_keys = c->n_keys;
    struct tally *tally = NULL;
    int status = of ? quality_keys(b, &found, of, err) : NVC_ESYS;
    if (!status && !(tally = nvc_array(c->n * found.n, sizeof *tally, err)))
        status = NVC_ESYS;
    for (size_t i = 0; i < b->in->n && !status; i++) {
        const struct nvc_coupling_row *r = &b->in->rows[i];
        const size_t *to = of + b->key_of[i] * QUALITIES;
        double quality[QUALITIES];
        if (!strcmp(r->side, "RL") || (!strcmp(r->side, "B") && has_word(r->note, "derived")))
            continue; /* what is made of two sides has the quality of its parts */
        if (b->out[b->who_of[i]])
            continue;
        qualities_of(r, quality);
        for (size_t q = 0; q < QUALITIES; q++)
            count(&tally[b->who_of[i] + c->n * to[q]], quality[q]);
    }
    for (size_t at_q = 0; at_q < found.n * QUALITIES && !status; at_q++) {
        size_t q = at_q % found.n, present = 0;
        const char *const *t = found.items + q * KEY;
        if (t[0] != found.items[at_q / found.n * KEY]) /* the first key fed one of each, in this order */
            continue;
        for (size_t i = 0; i < c->n; i++) {
            const struct tally *at = &tally[i + c->n * q];
            size_t cell = i + c->n * n_keys;
            c->value[cell] = at->n > 0 ? at->lo < at->hi ? at->sum / at->n : at->lo : NAN;
            c->se[cell] = NAN;
            c->missing[cell] = at->n > 0 ? NVC_PRESENT : b->out[i] ? NVC_MISSING_EXCLUDED : NVC_MISSING_ROW;
            present += at->n > 0;
        }
        if (present)
            c->keys[n_keys++] = (struct nvc_key){ t[0],      t[1],  t[2], t[3],
                                                  t[4],      t[5],  t[6], quality_units[at_q / found.n],
                                                  "quality", false, true, false };
    }
    c->n_keys = n_keys;
    nvc_tuples_release(&found);
    free(tally);
    free(of);
    return status;
}

/* The texts of the keys outlive the tables they came from. */
static int own_texts(struct nvc_cohort *c, struct nvc_error *err)
{
    for (size_t k = 0; k < c->n_keys; k++) {
        struct nvc_key *key = &c->keys[k];
        const char **t[] = { &key->index, &key->contrast, &key->atlas, &key->region,    &key->side,
                             &key->task,  &key->session,  &key->unit,  &key->class_name };
        for (size_t j = 0; j < sizeof t / sizeof *t; j++)
            if (!(*t[j] = nvc_pool_add(&c->text, *t[j] ? *t[j] : "n/a", err)))
                return NVC_ESYS;
    }
    return 0;
}

static int allocate(struct nvc_cohort *c, struct nvc_error *err)
{
    size_t most = c->n_keys * (1 + QUALITIES);
    c->value = nvc_array(c->n * most, sizeof *c->value, err);
    c->se = nvc_array(c->n * most, sizeof *c->se, err);
    c->missing = nvc_array(c->n * most, sizeof *c->missing, err);
    return c->value && c->se && c->missing ? 0 : NVC_ESYS;
}

static int apply_rules(struct build *b, struct nvc_error *err)
{
    if (!(b->out = nvc_array(b->c->n, sizeof *b->out, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < b->c->n; i++)
        for (size_t k = 0; k < b->o->n_rules; k++)
            b->out[i] |= nvc_rule_hits_participant(&b->o->rules[k], i);
    return 0;
}

int nvc_cohort_init(struct nvc_cohort *c, const struct nvc_participants *who, const struct nvc_coupling *rows,
                    const struct nvc_cohort_options *o, struct nvc_error *err)
{
    struct build b = { .c = c, .who = who, .in = rows, .o = o };
    *c = (struct nvc_cohort){ .who = who, .n = who->n };
    int status = rows->n && who->n
                     ? apply_rules(&b, err)
                     : nvc_fail(err, NVC_EDATA,
                                rows->n ? "the participants table has no rows" : "the coupling tables have no rows");
    if (!status)
        status = number_rows(&b, err);
    if (!status)
        status = sort_keys(&b, err);
    if (!status)
        status = allocate(c, err);
    if (!status)
        status = chain_rows(&b, err);
    for (size_t cell = 0; !status && cell < c->n * b.keys.n; cell++)
        status = combine(&b, cell, err);
    if (!status)
        status = add_quality(&b, err);
    if (!status)
        status = own_texts(c, err);
    build_release(&b);
    return status;
}
