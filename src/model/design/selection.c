/* Which confounds were asked for: strategies, names and globs (model/design/confounds.h). */
#include "base/memory.h"
#include "base/number.h"
#include "model/design/confounds.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
    struct nvc_selection *found;
    const char *const *names;
    size_t n_names;
    struct nvc_error *err;
};

static const char motion[6][8] = { "trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z" };

static void take(struct search *s, size_t column)
{
    for (size_t i = 0; i < s->found->n; i++)
        if (s->found->column[i] == column)
            return;
    s->found->column[s->found->n++] = column;
}

static int refuse(const struct search *s, const char *name, const char *strategy)
{
    const char *near = nvc_near_miss(name, s->names, s->n_names);
    return nvc_fail(s->err, NVC_EDATA, "no column '%s'%s%s%s%s%s", name, strategy ? ", which strategy " : "",
                    strategy ? strategy : "", strategy ? " needs" : "", near ? "; did you mean " : "", near ? near : "");
}

static int find(const struct search *s, const char *name, const char *strategy, size_t *column)
{
    for (*column = 0; *column < s->n_names; ++*column)
        if (!strcmp(s->names[*column], name))
            return 0;
    return refuse(s, name, strategy);
}

static int take_motion(struct search *s, const char *strategy)
{
    static const char *const suffix[] = { "", "_derivative1", "_power2", "_derivative1_power2" };
    size_t column, n = strcmp(strategy, "24p") ? 1 : 4;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < 6; i++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%s%s", motion[i], suffix[k]);
            if (find(s, name, strategy, &column))
                return (int)s->err->status;
            take(s, column);
        }
    return 0;
}

static int take_acompcor(struct search *s, const char *strategy, long n)
{
    long found = 0;
    for (size_t i = 0; i < s->n_names && found < n; i++)
        if (nvc_has_prefix(s->names[i], "a_comp_cor_"))
            take(s, i), found++;
    if (found == n)
        return 0;
    return nvc_fail(s->err, NVC_EDATA, "%ld columns a_comp_cor_*; strategy %s needs %ld", found, strategy, n);
}

/* The high pass is ours: the table's own cosines come only to who asks for cosines. */
static bool is_own_cosine(const char *name, const char *pattern)
{
    return nvc_has_prefix(name, "cosine") && !nvc_has_prefix(pattern, "cosine");
}

static int take_named(struct search *s, const char *pattern)
{
    size_t column, before = s->found->n;
    bool any = false;
    if (!strpbrk(pattern, "*?[")) {
        int status = find(s, pattern, NULL, &column);
        if (!status)
            take(s, column);
        return status;
    }
    for (size_t i = 0; i < s->n_names; i++)
        if (nvc_glob_match(pattern, s->names[i]) && !is_own_cosine(s->names[i], pattern))
            take(s, i), any = true;
    return any || s->found->n > before ? 0 : refuse(s, pattern, NULL);
}

/* What a word means: a strategy and its number, or a name. */
enum word { WORD_NAME, WORD_MOTION, WORD_ACOMPCOR, WORD_SCRUB, WORD_BAD };

static enum word read_word(const char *word, double *number)
{
    long n;
    if (!*word)
        return WORD_BAD;
    if (!strcmp(word, "6p") || !strcmp(word, "24p"))
        return WORD_MOTION;
    if (nvc_has_prefix(word, "acompcor") && nvc_parse_integer(word + 8, strlen(word + 8), &n)) {
        *number = (double)n;
        return n >= 1 && n <= 999 ? WORD_ACOMPCOR : WORD_BAD;
    }
    if (nvc_has_prefix(word, "scrub:"))
        return nvc_parse_real(word + 6, strlen(word + 6), number) && *number > 0 ? WORD_SCRUB : WORD_BAD;
    return WORD_NAME;
}

static int take_word(struct search *s, const char *word, bool *strategic)
{
    double number = 0;
    enum word kind = read_word(word, &number);
    *strategic |= kind != WORD_NAME;
    switch (kind) {
    case WORD_MOTION:
        return take_motion(s, word);
    case WORD_ACOMPCOR:
        return take_acompcor(s, word, (long)number);
    case WORD_SCRUB:
        s->found->scrub_mm = number;
        return find(s, "framewise_displacement", word, &s->found->fd_column);
    case WORD_NAME:
        return take_named(s, word);
    case WORD_BAD:
        break;
    }
    return nvc_fail(s->err, NVC_EUSAGE, "confounds '%.60s': want 6p, 24p, acompcorN, scrub:MM, names and globs, parted by commas", word);
}

/* Call `use` for each word of each request. */
static int each_word(const struct nvc_list *requests, struct search *s, int (*use)(struct search *, const char *, bool *),
                     bool *strategic)
{
    int status = 0;
    for (size_t i = 0; !status && i < requests->n; i++)
        for (const char *at = requests->items[i]; !status; at++) {
            size_t n = strcspn(at, ",");
            char *word = nvc_strndup(at, n, s->err);
            status = word ? use(s, word, strategic) : (int)s->err->status;
            free(word);
            at += n;
            if (!*at)
                break;
        }
    return status;
}

int nvc_selection_init(struct nvc_selection *found, const char *const *names, size_t n_names,
                       const struct nvc_list *requests, struct nvc_error *err)
{
    struct search s = { found, names, n_names, err };
    bool strategic = false;
    *found = (struct nvc_selection){ .scrub_mm = NAN };
    if (!(found->column = nvc_array(n_names, sizeof *found->column, err)))
        return (int)err->status;
    int status = each_word(requests, &s, take_word, &strategic);
    for (size_t i = 0; !status && strategic && i < n_names; i++)
        if (nvc_has_prefix(names[i], "non_steady_state_outlier"))
            take(&s, i);
    if (status)
        nvc_selection_release(found);
    return status;
}

void nvc_selection_release(struct nvc_selection *s)
{
    free(s->column);
    *s = (struct nvc_selection){ .scrub_mm = NAN };
}

static int check_word(struct search *s, const char *word, bool *strategic)
{
    double number;
    return read_word(word, &number) == WORD_BAD ? take_word(s, word, strategic) : 0;
}

int nvc_selection_check(const struct nvc_list *requests, struct nvc_error *err)
{
    bool strategic = false;
    return each_word(requests, &(struct search){ .err = err }, check_word, &strategic);
}
