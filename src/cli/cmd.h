/* One const table per command: from it come the parser, --help, the man page, shell completion, the
 * Boutiques description and the columns of what it writes.  Nothing is written twice.
 *
 * Options are offsets into the command's own options struct; defaults are printed from the default
 * struct itself.  A value that may be absent is absent: NaN for a real, NULL for text, NVC_NO_INT for
 * an integer; absent defaults are not shown. */
#ifndef NVC_CLI_CMD_H
#define NVC_CLI_CMD_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

#define NVC_NO_INT INT_MIN

enum nvc_opt_type {
    NVC_OPT_END, NVC_OPT_GROUP, NVC_OPT_FLAG, NVC_OPT_INT, NVC_OPT_REAL,
    NVC_OPT_CHOICE, NVC_OPT_TEXT, NVC_OPT_INPUT, NVC_OPT_OUTPUT,
    NVC_OPT_LIST /* may be given again and again: struct nvc_list; items point into argv */
};

enum {
    NVC_OPT_REQUIRED = 1,
    NVC_OPT_HIDDEN = 2,
    NVC_OPT_NO_INPUT = 4 /* once given, an argument that is left out is not standard input */
};

struct nvc_opt {
    enum nvc_opt_type type;
    char letter;                /* 0: long form only */
    const char *name;           /* without dashes; the title for GROUP */
    const char *arg;            /* metavariable, upper case */
    const char *unit;           /* "s", "mm"; NULL: none */
    const char *help;           /* lower case, no full stop */
    size_t offset;              /* into the command's options struct */
    double min, max;            /* INT, REAL: accepted range, inclusive; infinite: open; DBL_MIN: above 0 */
    const char *const *choices; /* CHOICE: ends with NULL; the field holds the index, -1: absent */
    const char *glob;           /* INPUT, OUTPUT, LIST of input files: for completion */
    unsigned flags;
    unsigned exclusive;         /* options with the same non-zero number exclude each other;
                                   if one of them is REQUIRED, any of them will do */
};

/* Positional; ends with a NULL name.  One with a glob names input files; when it may be left out
 * (min 0) and is, it is "-": standard input.  It is refused when two inputs are "-", and when the
 * input that is "-" is a terminal; an OUTPUT image is never sent to a terminal. */
struct nvc_arg {
    const char *name, *help, *glob;
    int min, max; /* how many; max < 0: any number */
};

/* Each is run by the tests in a folder made by nvc-simulate --tiny, where bla.nii.gz, series.tsv, design.tsv,
 * glm.tsv and coupling.tsv of one person and coupling/ of all stand already; ends with NULL. */
struct nvc_example {
    const char *command, *help;
};

struct nvc_output { /* a table the command writes; ends with a NULL name */
    const char *name, *help;
    const struct nvc_column *columns;
};

/* Further text of the man page under its own title; ends with a NULL title.  A paragraph that begins with a blank is a
 * table, printed line by line. */
struct nvc_section {
    const char *title;
    const char *const *paragraphs;
};

struct nvc_cmd {
    const char *name;                 /* "nvc-glm" */
    const char *summary;              /* one line, lower case, no full stop */
    const char *const *description;   /* paragraphs, ends with NULL */
    const struct nvc_arg *args;
    const struct nvc_opt *opts;       /* -h --help --version -q --quiet --print are common: added by cli */
    const struct nvc_output *outputs;
    const struct nvc_section *sections; /* e.g. METHODS, WHAT THE NUMBER CANNOT TELL */
    const struct nvc_example *examples;
    const char *const *references;
    const char *const *see_also;      /* "nvc-extract(1)" */
    const void *defaults;
    size_t size;                      /* of the options struct */
    /* Do the work.  args[0..n_args) are the positional arguments.  Returns 0 or a status with err set;
     * nvc_main prints the message. */
    int (*run)(const void *opts, char **args, int n_args, struct nvc_error *err);
};

/* Offset of FIELD, refusing at compile time a field of another type. */
#define NVC_FIELD(S, FIELD, TYPE) \
    (offsetof(S, FIELD) + 0 * sizeof(char[_Generic(&((S *)0)->FIELD, TYPE *: 1)]))

#define OPT_GROUP(T) { .type = NVC_OPT_GROUP, .name = T }
#define OPT_FLAG(S, F, L, N, H, ...) { .type = NVC_OPT_FLAG, .letter = L, .name = N, \
    .help = H, .offset = NVC_FIELD(S, F, int), __VA_ARGS__ }
#define OPT_INT(S, F, L, N, A, LO, HI, H, ...) { .type = NVC_OPT_INT, .letter = L, .name = N, \
    .arg = A, .min = LO, .max = HI, .help = H, .offset = NVC_FIELD(S, F, int), __VA_ARGS__ }
#define OPT_REAL(S, F, L, N, A, U, LO, HI, H, ...) { .type = NVC_OPT_REAL, .letter = L, .name = N, \
    .arg = A, .unit = U, .min = LO, .max = HI, .help = H, .offset = NVC_FIELD(S, F, double), __VA_ARGS__ }
#define OPT_CHOICE(S, F, L, N, A, C, H, ...) { .type = NVC_OPT_CHOICE, .letter = L, .name = N, \
    .arg = A, .choices = C, .help = H, .offset = NVC_FIELD(S, F, int), __VA_ARGS__ }
#define OPT_TEXT(S, F, L, N, A, H, ...) { .type = NVC_OPT_TEXT, .letter = L, .name = N, \
    .arg = A, .help = H, .offset = NVC_FIELD(S, F, const char *), __VA_ARGS__ }
#define OPT_INPUT(S, F, L, N, A, G, H, ...) { .type = NVC_OPT_INPUT, .letter = L, .name = N, \
    .arg = A, .glob = G, .help = H, .offset = NVC_FIELD(S, F, const char *), __VA_ARGS__ }
#define OPT_OUTPUT(S, F, L, N, A, G, H, ...) { .type = NVC_OPT_OUTPUT, .letter = L, .name = N, \
    .arg = A, .glob = G, .help = H, .offset = NVC_FIELD(S, F, const char *), __VA_ARGS__ }
#define OPT_LIST(S, F, L, N, A, H, ...) { .type = NVC_OPT_LIST, .letter = L, .name = N, \
    .arg = A, .help = H, .offset = NVC_FIELD(S, F, struct nvc_list), __VA_ARGS__ }
#define OPT_END { .type = NVC_OPT_END }

/* The main of every command: parse, answer --help/--version/--print, run, report, and turn a failure
 * to write standard output into status 3.  Each cmd file ends with
 *     int main(int argc, char **argv) { return nvc_main(&nvc_glm_cmd, argc, argv); } */
int nvc_main(const struct nvc_cmd *cmd, int argc, char **argv);

/* The options that every command has. */
struct nvc_common {
    int help, version, quiet;
    int print; /* enum nvc_print, -1: none */
};
enum nvc_print { NVC_PRINT_MAN, NVC_PRINT_BASH, NVC_PRINT_BOUTIQUES, NVC_PRINT_EXAMPLES, NVC_PRINT_COLUMNS };
extern const struct nvc_opt nvc_common_opts[];
extern const struct nvc_common nvc_common_defaults;

/* Parse argv into *opts (a copy of cmd->defaults) and *common.  Positional arguments move to
 * argv[0..*n_args); argv must have room for argc + 1 entries, as main's has.  Nothing is abbreviated,
 * repeated (but a LIST and a flag) or guessed.  When --help, --version or --print is there nothing else
 * can be wrong.  *lists holds the arrays behind NVC_OPT_LIST fields; the caller frees it with free().
 * Returns 0 or NVC_EUSAGE with a message that names the option, what was found and what was wanted. */
int nvc_opt_parse(const struct nvc_cmd *cmd, int argc, char **argv, void *opts, struct nvc_common *common,
                  int *n_args, const char ***lists, struct nvc_error *err) NVC_CHECKED;

/* NVC_EUSAGE when an input of the parsed command is standard input and that is a terminal, or an image
 * would be written to one. */
int nvc_opt_check_terminal(const struct nvc_cmd *cmd, const void *opts, char **args, int n_args,
                           struct nvc_error *err) NVC_CHECKED;

/* First wrong thing about a table itself, or NULL: for the unit test. */
const char *nvc_cmd_check(const struct nvc_cmd *cmd);

void nvc_cmd_help(const struct nvc_cmd *cmd, FILE *out);
void nvc_cmd_man(const struct nvc_cmd *cmd, FILE *out);
void nvc_cmd_bash(const struct nvc_cmd *cmd, FILE *out);
void nvc_cmd_boutiques(const struct nvc_cmd *cmd, FILE *out);
/* The columns of every output table as roff, a comment with its name before each: for nvc-tables(5). */
void nvc_cmd_columns(const struct nvc_cmd *cmd, FILE *out);
/* One example per line, for the test that runs them. */
void nvc_cmd_examples(const struct nvc_cmd *cmd, FILE *out);

#endif
