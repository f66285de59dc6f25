#include "cli/cmd.h"

#include "base/memory.h"
#include "base/number.h"
#include "cli/option.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG = 256 }; /* getopt_long answers LONG + place in the table, so that a letter is told from it */

struct scan {
    const struct nvc_cmd *cmd;
    void *opts;
    struct nvc_common *common;
    const struct nvc_opt *table[NVC_MAX_OPTS];
    const char *given[NVC_MAX_OPTS]; /* text of the last occurrence; NULL: not given */
    struct option longs[NVC_MAX_OPTS + 1];
    char letters[2 * NVC_MAX_OPTS + 3];
    size_t n, n_own;
    const char **lists; /* a slab of argc items for each LIST */
    size_t slab;
};

static void scan_init(struct scan *s)
{
    char *letter = s->letters;
    s->n = nvc_table_flatten(s->cmd, s->table, &s->n_own);
    *letter++ = '-'; /* positional arguments come in order, as option 1: argv is not permuted */
    *letter++ = ':';
    for (size_t i = 0; i < s->n; i++) {
        const struct nvc_opt *o = s->table[i];
        bool value = o->type != NVC_OPT_FLAG;
        s->longs[i] = (struct option){ o->name, value ? required_argument : no_argument, NULL, LONG + (int)i };
        if (o->letter) {
            *letter++ = o->letter;
            if (value)
                *letter++ = ':';
        }
    }
    *letter = '\0';
}

static void *field(const struct scan *s, size_t i)
{
    return (char *)(i < s->n_own ? s->opts : (void *)s->common) + s->table[i]->offset;
}

/* Place of an option by its whole name or its letter; s->n when there is none. */
static size_t find(const struct scan *s, const char *name, size_t len, int letter)
{
    size_t i = 0;
    while (i < s->n && (name ? strlen(s->table[i]->name) != len || memcmp(s->table[i]->name, name, len)
                             : s->table[i]->letter != letter))
        i++;
    return i;
}

static int refuse_long(const struct scan *s, const char *text, struct nvc_error *err)
{
    const char *names[NVC_MAX_OPTS], *full = NULL;
    int len = (int)strcspn(text, "=");
    size_t n = 0, exact = find(s, text + 2, (size_t)len - 2, 0);
    char word[64];
    if (exact < s->n)
        return nvc_fail(err, NVC_EUSAGE, "--%s takes no value, found '%s'", s->table[exact]->name, text + len + 1);
    for (size_t i = 0; i < s->n; i++)
        if (!(s->table[i]->flags & NVC_OPT_HIDDEN)) {
            names[n++] = s->table[i]->name;
            if (!full && len > 3 && !strncmp(s->table[i]->name, text + 2, (size_t)len - 2))
                full = s->table[i]->name;
        }
    if (full)
        return nvc_fail(err, NVC_EUSAGE, "'%.*s': options are not abbreviated; write --%s", len, text, full);
    (void)snprintf(word, sizeof word, "%.*s", len - 2, text + 2);
    const char *near = nvc_near_miss(word, names, n);
    if (near)
        return nvc_fail(err, NVC_EUSAGE, "unknown option '%.*s'; did you mean --%s?", len, text, near);
    return nvc_fail(err, NVC_EUSAGE, "unknown option '%.*s'; see %s --help", len, text, s->cmd->name);
}

static int refuse_choice(const struct nvc_opt *o, const char *text, struct nvc_error *err)
{
    struct nvc_text all = { 0 };
    int status = 0;
    for (int i = 0; !status && o->choices[i]; i++)
        status = nvc_text_printf(&all, err, "%s%s", i ? ", " : "", o->choices[i]);
    if (!status)
        status = nvc_fail(err, NVC_EUSAGE, "--%s: expected one of %s; found '%s'", o->name, all.data, text);
    nvc_text_release(&all);
    return status;
}

static int store_number(const struct nvc_opt *o, const char *text, void *to, struct nvc_error *err)
{
    long whole = 0;
    double v = 0;
    bool ok = o->type == NVC_OPT_INT ? nvc_parse_integer(text, strlen(text), &whole)
                                     : nvc_parse_real(text, strlen(text), &v);
    if (o->type == NVC_OPT_INT)
        v = (double)whole;
    if (!ok || v < o->min || v > o->max) {
        struct nvc_text range = { 0 };
        int status = nvc_opt_range(o, &range, err);
        if (!status)
            status = nvc_fail(err, NVC_EUSAGE, "--%s: expected %s%s%s; found '%s'%s", o->name,
                              o->type == NVC_OPT_INT ? "an integer" : "a number", range.len ? " " : "",
                              range.len ? range.data : "", text, strchr(text, ',') ? "; the decimal sign is a point" : "");
        nvc_text_release(&range);
        return status;
    }
    if (o->type == NVC_OPT_INT)
        *(int *)to = (int)whole;
    else
        *(double *)to = v;
    return 0;
}

static int store_item(struct scan *s, size_t i, const char *text)
{
    struct nvc_list *list = field(s, i);
    size_t slab = 0;
    for (size_t k = 0; k < i; k++)
        slab += s->table[k]->type == NVC_OPT_LIST;
    const char **items = s->lists + slab * s->slab;
    items[s->given[i] ? list->n : 0] = text;
    *list = (struct nvc_list){ items, s->given[i] ? list->n + 1 : 1 };
    return 0;
}

static int store(struct scan *s, size_t i, const char *text, struct nvc_error *err)
{
    const struct nvc_opt *o = s->table[i];
    void *to = field(s, i);
    if (o->type == NVC_OPT_FLAG)
        return *(int *)to = 1, 0;
    if (!*text)
        return nvc_fail(err, NVC_EUSAGE, "--%s: the value is empty, expected %s", o->name, o->arg);
    if (o->type == NVC_OPT_LIST)
        return store_item(s, i, text);
    if (s->given[i])
        return nvc_fail(err, NVC_EUSAGE, "--%s is given twice, '%s' and '%s'; give it once", o->name, s->given[i],
                        text);
    if (o->type == NVC_OPT_INT || o->type == NVC_OPT_REAL)
        return store_number(o, text, to, err);
    if (o->type != NVC_OPT_CHOICE)
        return *(const char **)to = text, 0;
    for (int k = 0; o->choices[k]; k++)
        if (!strcmp(o->choices[k], text))
            return *(int *)to = k, 0;
    return refuse_choice(o, text, err);
}

/* One answer of getopt_long; `word` is the argument it began in. */
static int take(struct scan *s, int answer, const char *word, struct nvc_error *err)
{
    bool is_long = word[1] == '-';
    size_t len = is_long ? strcspn(word + 2, "=") : 0, i;
    if (!is_long && strlen(word) > 2 && (i = find(s, word + 1, strcspn(word + 1, "="), 0)) < s->n)
        return nvc_fail(err, NVC_EUSAGE, "'%s': a name takes two dashes; write --%s", word, s->table[i]->name);
    if (answer == '?' && is_long)
        return refuse_long(s, word, err);
    if (answer == '?')
        return nvc_fail(err, NVC_EUSAGE, "unknown option '-%c'; see %s --help", optopt, s->cmd->name);
    i = answer == ':' ? optopt >= LONG ? (size_t)(optopt - LONG) : find(s, NULL, 0, optopt)
        : answer >= LONG ? (size_t)(answer - LONG) : find(s, NULL, 0, answer);
    const struct nvc_opt *o = s->table[i];
    if (is_long && strlen(o->name) != len)
        return refuse_long(s, word, err);
    if (answer == ':')
        return nvc_fail(err, NVC_EUSAGE, "--%s needs a value: %s, %s", o->name, o->arg, o->help);
    int status = store(s, i, optarg ? optarg : "", err);
    s->given[i] = optarg ? optarg : "";
    return status;
}

static int check_combination(const struct scan *s, struct nvc_error *err)
{
    for (size_t i = 0; i < s->n_own; i++) {
        const struct nvc_opt *o = s->table[i];
        bool given = s->given[i];
        for (size_t k = 0; o->exclusive && k < s->n_own; k++) {
            if (k == i || s->table[k]->exclusive != o->exclusive || !s->given[k])
                continue;
            if (s->given[i])
                return nvc_fail(err, NVC_EUSAGE, "--%s and --%s exclude each other; give one of them", o->name,
                                s->table[k]->name);
            given = true;
        }
        if (o->flags & NVC_OPT_REQUIRED && !given)
            return nvc_fail(err, NVC_EUSAGE, "--%s=%s is needed: %s; see %s --help", o->name, o->arg, o->help,
                            s->cmd->name);
    }
    return 0;
}

static char standard_input[] = "-";

static bool needs_no_input(const struct scan *s)
{
    for (size_t i = 0; i < s->n_own; i++)
        if (s->given[i] && s->table[i]->flags & NVC_OPT_NO_INPUT)
            return true;
    return false;
}

static int check_positional(const struct scan *s, char **args, int *n_args, struct nvc_error *err)
{
    int left = *n_args;
    const struct nvc_cmd *cmd = s->cmd;
    const struct nvc_arg *a = cmd->args;
    for (; a && a->name; a++) {
        if (left < a->min)
            return nvc_fail(err, NVC_EUSAGE, "%s is missing: %s; see %s --help", a->name, a->help, cmd->name);
        if (!left && a->glob && !a->min && !needs_no_input(s)) {
            args[(*n_args)++] = standard_input;
            break;
        }
        left = a->max < 0 ? 0 : left > a->max ? left - a->max : 0;
    }
    if (left)
        return nvc_fail(err, NVC_EUSAGE, "unexpected argument '%s'; see %s --help", args[*n_args - left], cmd->name);
    return 0;
}

/* The first error is kept, the scan goes on: a --help further right still helps. */
static int scan_all(struct scan *s, int argc, char **argv, int *n_args, struct nvc_error *err)
{
    struct nvc_error later;
    int status = 0, answer;
    *n_args = 0;
    optind = 0; /* also resets glibc's and musl's state, so that a test can parse twice */
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1;
        if ((answer = getopt_long(argc, argv, s->letters, s->longs, NULL)) == -1)
            break;
        if (answer == 1)
            argv[(*n_args)++] = optarg;
        else if (status)
            (void)take(s, answer, argv[at], &later);
        else
            status = take(s, answer, argv[at], err);
    }
    while (optind < argc) /* after -- */
        argv[(*n_args)++] = argv[optind++];
    return status;
}

int nvc_opt_parse(const struct nvc_cmd *cmd, int argc, char **argv, void *opts, struct nvc_common *common,
                  int *n_args, const char ***lists, struct nvc_error *err)
{
    struct scan s = { .cmd = cmd, .opts = opts, .common = common, .slab = (size_t)(argc > 0 ? argc : 1) };
    size_t n_lists = 0;
    memcpy(opts, cmd->defaults, cmd->size);
    *common = nvc_common_defaults;
    *lists = NULL;
    scan_init(&s);
    for (size_t i = 0; i < s.n; i++)
        n_lists += s.table[i]->type == NVC_OPT_LIST;
    if (!(s.lists = nvc_array(n_lists * s.slab, sizeof *s.lists, err)))
        return (int)err->status;
    int status = scan_all(&s, argc, argv, n_args, err);
    if (common->help || common->version || common->print >= 0)
        status = 0;
    else {
        status = status ? status : check_combination(&s, err);
        status = status ? status : check_positional(&s, argv, n_args, err);
        status = status ? status : nvc_opt_check_inputs(cmd, opts, argv, *n_args, err);
        status = status ? status : nvc_opt_check_outputs(cmd, opts, argv, *n_args, err);
    }
    if (status)
        free(s.lists);
    else
        *lists = s.lists;
    return status;
}
