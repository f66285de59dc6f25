#include "model/group/formula.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void nvc_formula_release(struct nvc_formula *f)
{
    free(f->terms);
    *f = (struct nvc_formula){ 0 };
}

struct reader {
    const char *text, *at;
};

static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
}

static int complain(const struct reader *r, const char *wanted, struct nvc_error *err)
{
    return nvc_fail(err, NVC_EUSAGE, "formula '%s': at character %zu ('%.12s'): wanted %s", r->text,
                    (size_t)(r->at - r->text) + 1, *r->at ? r->at : "end", wanted);
}

static bool is_plain(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static int read_name(struct reader *r, char name[static 96], struct nvc_error *err)
{
    size_t n = 0;
    skip_blanks(r);
    bool quoted = *r->at == '"';
    r->at += quoted;
    while (quoted ? *r->at && *r->at != '"' : is_plain(*r->at)) {
        if (n == 95)
            return complain(r, "a name of at most 95 characters", err);
        name[n++] = *r->at++;
    }
    name[n] = '\0';
    if (quoted && *r->at++ != '"') {
        r->at--;
        return complain(r, "a closing quote", err);
    }
    skip_blanks(r);
    return n ? 0 : complain(r, "the name of a variable", err);
}

static bool has_name(const struct nvc_formula_term *t, const char *name)
{
    for (size_t i = 0; i < t->order; i++)
        if (!strcmp(t->names[i], name))
            return true;
    return false;
}

static bool same_term(const struct nvc_formula_term *a, const struct nvc_formula_term *b)
{
    bool same = a->order == b->order;
    for (size_t i = 0; i < a->order && same; i++)
        same = has_name(b, a->names[i]);
    return same;
}

static int add_term(struct nvc_formula *f, const struct nvc_formula_term *t, struct nvc_error *err)
{
    for (size_t i = 0; i < f->n; i++)
        if (same_term(&f->terms[i], t))
            return 0; /* a*b + a is a*b */
    int status = nvc_grow(&f->terms, &f->cap, f->n + 1, sizeof *f->terms, err);
    if (!status)
        f->terms[f->n++] = *t;
    return status;
}

/* All products of the names of a*b*c, or the one product of a:b:c. */
static int add_products(struct nvc_formula *f, const struct nvc_formula_term *all, bool crossed, struct nvc_error *err)
{
    int status = 0;
    if (!crossed)
        return add_term(f, all, err);
    for (size_t order = 1; order <= all->order; order++)
        for (unsigned set = 1; set < 1u << all->order && !status; set++) {
            struct nvc_formula_term t = { .order = 0 };
            if ((size_t)__builtin_popcount(set) != order)
                continue;
            for (size_t i = 0; i < all->order; i++)
                if (set >> i & 1)
                    memcpy(t.names[t.order++], all->names[i], sizeof t.names[0]);
            status = add_term(f, &t, err);
        }
    return status;
}

static int read_term(struct nvc_formula *f, struct reader *r, struct nvc_error *err)
{
    struct nvc_formula_term t = { .order = 0 };
    char sign = 0;
    for (;;) {
        char name[96];
        int status = read_name(r, name, err);
        if (status)
            return status;
        if (has_name(&t, name))
            return nvc_fail(err, NVC_EUSAGE, "formula '%s': '%s' stands twice in one term", r->text, name);
        memcpy(t.names[t.order++], name, sizeof name);
        if (*r->at != ':' && *r->at != '*')
            return add_products(f, &t, sign == '*', err);
        if (sign && sign != *r->at)
            return complain(r, "either : or * within one term", err);
        if (t.order == NVC_TERM_ORDER)
            return complain(r, "at most four variables in one term", err);
        sign = *r->at++;
    }
}

int nvc_formula_parse(struct nvc_formula *f, const char *text, struct nvc_error *err)
{
    struct reader r = { text, text };
    char left[96];
    int status = read_name(&r, left, err);
    if (!status && (strcmp(left, "index") || *r.at != '~'))
        status = nvc_fail(err, NVC_EUSAGE, "formula '%s': wanted 'index ~ TERM + TERM ...'", text);
    do {
        r.at++; /* ~ or + */
        status = status ? status : read_term(f, &r, err);
    } while (!status && *r.at == '+');
    return status ? status : *r.at ? complain(&r, "+, : or *", err) : 0;
}
