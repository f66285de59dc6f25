#include "cli/cmd.h"
#include "io/json.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct options {
    int verbose, threads, noise, seed;
    double high_pass_s, tr_s;
    const char *design, *events, *mask, *output, *task;
    struct nvc_list regions, masks;
};
static const struct options defaults = { .threads = 1, .noise = 1, .seed = NVC_NO_INT, .high_pass_s = 128, .tr_s = NAN,
                                         .output = "-" };
static const char *const noises[] = { "ols", "ar1", "arma11", NULL };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    OPT_INPUT(struct options, design, 'd', "design", "TSV", "*.tsv", "design matrix", .exclusive = 1,
              .flags = NVC_OPT_REQUIRED),
    OPT_INPUT(struct options, events, 'e', "events", "TSV", "*.tsv", "events of the run", .exclusive = 1),
    OPT_REAL(struct options, high_pass_s, 0, "high-pass", "SECONDS", "s", 0, INFINITY, "cutoff period; 0 adds no drift"),
    OPT_REAL(struct options, tr_s, 0, "tr", "SECONDS", "s", DBL_MIN, 100, "repetition time"),
    OPT_CHOICE(struct options, noise, 'n', "noise", "MODEL", noises, "serial correlation of the residuals"),
    OPT_LIST(struct options, regions, 'r', "region", "NAME", "region to use; a glob is understood"),
    OPT_GROUP("Input and output"),
    OPT_LIST(struct options, masks, 'm', "mask", "NIFTI", "weights of the regions", .glob = "*.nii *.nii.gz"),
    OPT_TEXT(struct options, task, 0, "task", "NAME", "task to be written in the table"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 64, "threads; the result does not depend on it"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random numbers",
            .flags = NVC_OPT_NO_INPUT),
    OPT_FLAG(struct options, verbose, 'v', "verbose", "say more"),
    OPT_END
};
static const struct nvc_arg args[] = { { "SERIES", "series table", "*.tsv", 0, 1 }, { 0 } };
static const struct nvc_column columns[] = { { "region", NULL, "name of the region" },
                                             { "psc", "%", "percent signal change" },
                                             { 0 } };
static const struct nvc_output outputs[] = { { "table", "one row per region", columns }, { 0 } };
static const struct nvc_example examples[] = {
    { "nvc-fit -d design.tsv --region 'lateral amygdala of the left hemisphere' --noise ar1 --task faces series.tsv > fit.tsv",
      "Fit one run:" },
    { 0 } };
static const char *const description[] = {
    "Fit a general linear model to each region's series and write one row for each region and each regressor of the design.",
    "A rank-deficient design is refused.", NULL };
static const char *const references[] = { "Sch\xc3\xb6nbrodt, .5 of a page \\ 'x'. doi:10.1/x", NULL };
static const char *const limits[] = { "It is no measure of blood flow.", NULL };
static const struct nvc_section sections[] = { { "WHAT THE NUMBER CANNOT TELL", limits }, { 0 } };
static const char *const also[] = { "nvc-extract(1)", NULL };

static int run(const void *o, char **a, int n, struct nvc_error *err)
{
    (void)o, (void)a, (void)n, (void)err;
    return 0;
}

static const struct nvc_cmd command = { "nvc-fit", "fit a model to series", description, args, opts, outputs, sections,
                                        examples, references, also, &defaults, sizeof defaults, run };

enum { MOST = 16 };
struct parsed {
    struct options o;
    struct nvc_common common;
    struct nvc_error err;
    char *argv[MOST];
    int n_args;
    const char **lists;
};

/* `line` is split at blanks; it must outlive *p. */
static int parse(struct parsed *p, char *line)
{
    int argc = 0;
    memset(p, 0, sizeof *p);
    p->argv[argc++] = line;
    for (char *s = strchr(line, ' '); s; s = strchr(s, ' ')) {
        *s++ = '\0';
        p->argv[argc++] = s;
        assert_true(argc < MOST);
    }
    return nvc_opt_parse(&command, argc, p->argv, &p->o, &p->common, &p->n_args, &p->lists, &p->err);
}

static void refused(const char *line, const char *message)
{
    struct parsed p;
    char *copy = strdup(line);
    assert_int_equal(parse(&p, copy), NVC_EUSAGE);
    assert_string_equal(p.err.text, message);
    assert_null(p.lists);
    free(copy);
}

static void options_are_stored_and_the_rest_keeps_its_default(void **state)
{
    struct parsed p;
    char line[] = "nvc-fit -vd x.tsv a.tsv --high-pass=.5 --noise ols -rBLA --region=CM --threads 8 -o out.tsv";
    (void)state;
    assert_int_equal(parse(&p, line), 0);
    assert_int_equal(p.o.verbose, 1);
    assert_string_equal(p.o.design, "x.tsv");
    assert_null(p.o.events);
    assert_true(p.o.high_pass_s == .5);
    assert_true(isnan(p.o.tr_s));
    assert_int_equal(p.o.noise, 0);
    assert_int_equal(p.o.threads, 8);
    assert_int_equal(p.o.seed, NVC_NO_INT);
    assert_int_equal(p.o.regions.n, 2);
    assert_string_equal(p.o.regions.items[0], "BLA");
    assert_string_equal(p.o.regions.items[1], "CM");
    assert_int_equal(p.o.masks.n, 0);
    assert_int_equal(p.n_args, 1);
    assert_string_equal(p.argv[0], "a.tsv");
    assert_string_equal(p.o.output, "out.tsv");
    free(p.lists);
}

static void two_lists_do_not_mix(void **state)
{
    struct parsed p;
    char line[] = "nvc-fit -d x -r A -m 1.nii -r B -m 2.nii -m 3.nii -";
    (void)state;
    assert_int_equal(parse(&p, line), 0);
    assert_int_equal(p.o.regions.n, 2);
    assert_int_equal(p.o.masks.n, 3);
    assert_string_equal(p.o.regions.items[1], "B");
    assert_string_equal(p.o.masks.items[2], "3.nii");
    free(p.lists);
}

static void what_stands_after_two_dashes_is_positional(void **state)
{
    struct parsed p;
    char line[] = "nvc-fit -d x -- --noise";
    (void)state;
    assert_int_equal(parse(&p, line), 0);
    assert_int_equal(p.n_args, 1);
    assert_string_equal(p.argv[0], "--noise");
    free(p.lists);
}

static void an_input_left_out_is_standard_input(void **state)
{
    struct parsed p;
    char absent[] = "nvc-fit -d x", dash[] = "nvc-fit -d x -";
    (void)state;
    assert_int_equal(parse(&p, absent), 0);
    assert_int_equal(p.n_args, 1);
    assert_string_equal(p.argv[0], "-");
    free(p.lists);
    assert_int_equal(parse(&p, dash), 0);
    assert_int_equal(p.n_args, 1);
    assert_string_equal(p.argv[0], "-");
    free(p.lists);
}

static void names_are_neither_abbreviated_nor_guessed(void **state)
{
    (void)state;
    refused("nvc-fit -d x --high=1", "'--high': options are not abbreviated; write --high-pass");
    refused("nvc-fit -d x --des y", "'--des': options are not abbreviated; write --design");
    refused("nvc-fit -d x --nosie ols", "unknown option '--nosie'; did you mean --noise?");
    refused("nvc-fit -d x --zzzzzzzzz", "unknown option '--zzzzzzzzz'; see nvc-fit --help");
    refused("nvc-fit -d x --zzzzzzzzz=1", "unknown option '--zzzzzzzzz'; see nvc-fit --help");
    refused("nvc-fit -d x -vz", "unknown option '-z'; see nvc-fit --help");
    refused("nvc-fit -design x", "'-design': a name takes two dashes; write --design");
    refused("nvc-fit -d x -output=y", "'-output=y': a name takes two dashes; write --output");
}

static void values_are_read_strictly(void **state)
{
    static const char *const numbers[] = { "0x10", "", "nan", "inf", "1e400", "-1", "2s", "n/a" };
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char line[64], message[128];
        (void)snprintf(line, sizeof line, "nvc-fit -d x --high-pass=%s", numbers[i]);
        (void)snprintf(message, sizeof message,
                       *numbers[i] ? "--high-pass: expected a number from 0 s up; found '%s'"
                                   : "--high-pass: the value is empty, expected SECONDS%s", numbers[i]);
        refused(line, message);
    }
    refused("nvc-fit -d x --high-pass=1,5", "--high-pass: expected a number from 0 s up; found '1,5'; the decimal sign is a point");
    refused("nvc-fit -d x --tr 0", "--tr: expected a number above 0 to 100 s; found '0'");
    refused("nvc-fit -d x -j 1.5", "--threads: expected an integer from 1 to 64; found '1.5'");
    refused("nvc-fit -d x -j 65", "--threads: expected an integer from 1 to 64; found '65'");
    refused("nvc-fit -d x -j 99999999999999999999", "--threads: expected an integer from 1 to 64; found '99999999999999999999'");
    refused("nvc-fit -d x -n ar", "--noise: expected one of ols, ar1, arma11; found 'ar'");
    refused("nvc-fit -d x --verbose=1", "--verbose takes no value, found '1'");
    refused("nvc-fit -d", "--design needs a value: TSV, design matrix");
    refused("nvc-fit --design", "--design needs a value: TSV, design matrix");
    refused("nvc-fit -d x -vj", "--threads needs a value: N, threads; the result does not depend on it");
}

static void a_value_given_twice_is_refused_with_both(void **state)
{
    (void)state;
    refused("nvc-fit -d x --tr 2 --tr=2.5", "--tr is given twice, '2' and '2.5'; give it once");
    refused("nvc-fit -d x -d y", "--design is given twice, 'x' and 'y'; give it once");
}

static void what_is_needed_or_excluded_is_checked(void **state)
{
    struct parsed p;
    char line[] = "nvc-fit -e x.tsv a.tsv";
    (void)state;
    assert_int_equal(parse(&p, line), 0); /* one of the group will do */
    free(p.lists);
    refused("nvc-fit", "--design=TSV is needed: design matrix; see nvc-fit --help");
    refused("nvc-fit -d x -e y", "--design and --events exclude each other; give one of them");
    refused("nvc-fit -d x a.tsv b.tsv", "unexpected argument 'b.tsv'; see nvc-fit --help");
}

static void standard_input_has_one_reader(void **state)
{
    (void)state;
    refused("nvc-fit -d - -", "--design and SERIES both read standard input; name a file for one of them");
    refused("nvc-fit -d -", "--design and SERIES both read standard input; name a file for one of them");
    refused("nvc-fit -d x -m - -m - a", "--mask and --mask both read standard input; name a file for one of them");
}

static void no_output_is_an_input(void **state)
{
    (void)state;
    refused("nvc-fit -d x -o x y", "--output would write over --design, x; give it another name");
    refused("nvc-fit -d x -o y y", "--output would write over SERIES, y; give it another name");
    refused("nvc-fit -d x -m a -m y -o y z", "--output would write over --mask, y; give it another name");
}

static void an_option_may_stand_for_the_input_left_out(void **state)
{
    struct parsed p;
    char with[] = "nvc-fit -d - --seed 1", without[] = "nvc-fit -d x";
    (void)state;
    assert_int_equal(parse(&p, with), 0);
    assert_int_equal(p.n_args, 0);
    free(p.lists);
    assert_int_equal(parse(&p, without), 0);
    assert_int_equal(p.n_args, 1);
    assert_string_equal(p.argv[0], "-");
    free(p.lists);
}

static void help_wins_over_what_is_wrong(void **state)
{
    struct parsed p;
    char help[] = "nvc-fit --nosie --tr x --help a b c", version[] = "nvc-fit --version", print[] = "nvc-fit --print=man";
    (void)state;
    assert_int_equal(parse(&p, help), 0);
    assert_int_equal(p.common.help, 1);
    free(p.lists);
    assert_int_equal(parse(&p, version), 0);
    assert_int_equal(p.common.version, 1);
    free(p.lists);
    assert_int_equal(parse(&p, print), 0);
    assert_int_equal(p.common.print, NVC_PRINT_MAN);
    free(p.lists);
    refused("nvc-fit --print=x", "--print: expected one of man, bash, boutiques, examples, columns; found 'x'");
}

static void any_words_are_parsed_or_refused_with_a_line(void **state)
{
    static const char *const words[] = { "-", "--", "---", "-d", "-dx", "-d-", "--design", "--design=", "--design=-", "-e", "x",
                                         "", "-vvv", "-vq", "-r", "-rA", "--region", "--r", "--=", "-=", "--tr", "1", "-1",
                                         "--tr=1e9", "-j", "3", "--mask=-", "-m", "--help", "-h", "--version", "--print",
                                         "--print=bash", "\xff\xfe", "--\n", "-\t", "-q", "--quiet=", "%s%n", "--%s" };
    enum { WORDS = sizeof words / sizeof *words };
    uint32_t x = 2463534242u;
    size_t n_good = 0;
    (void)state;
    for (int round = 0; round < 50000; round++) {
        struct parsed p = { .n_args = 0 };
        char *argv[MOST + 1] = { "nvc-fit" };
        int argc = 1;
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        for (int n = (int)(x % 9); argc <= n; argc++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            argv[argc] = (char *)(uintptr_t)words[x % WORDS];
        }
        int given = argc, status = nvc_opt_parse(&command, argc, argv, &p.o, &p.common, &p.n_args, &p.lists, &p.err);
        if (!status) {
            n_good++;
            assert_true(p.n_args <= given);
            assert_true(p.o.threads >= 1 && p.o.threads <= 64 && p.o.noise >= 0 && p.o.noise < 3);
        } else {
            assert_int_equal(status, NVC_EUSAGE);
            assert_true(strlen(p.err.text) > 10);
            assert_null(strchr(p.err.text, '\n'));
        }
        free(p.lists);
    }
    assert_true(n_good > 1000);
}

/* A copy of the table with option `at` changed by the caller. */
static const char *check_with(size_t at, struct nvc_opt changed)
{
    struct nvc_opt copy[sizeof opts / sizeof *opts];
    struct nvc_cmd c = command;
    memcpy(copy, opts, sizeof opts);
    copy[at] = changed;
    c.opts = copy;
    return nvc_cmd_check(&c);
}

static void a_wrong_table_is_found(void **state)
{
    struct nvc_cmd c = command;
    (void)state;
    assert_null(nvc_cmd_check(&command));
    for (size_t at = 1; at < 6; at++) {
        static const char *const wrong[] = { NULL, "--quiet has a name or letter used twice",
                                             "--events has a name or letter used twice",
                                             "--high-pass has a range whose lower end is not below its upper end",
                                             "--tr has no help, or help that ends in a full stop",
                                             "--noise has a default that is no choice" };
        static const char *const one[] = { "ols", NULL };
        struct nvc_opt o = opts[at];
        if (at == 1)
            o.name = "quiet";
        else if (at == 2)
            o.letter = 'd';
        else if (at == 3)
            o.max = o.min;
        else if (at == 4)
            o.help = "repetition time.";
        else
            o.choices = one;
        const char *found = check_with(at, o);
        assert_non_null(found);
        assert_string_equal(found, wrong[at] ? wrong[at] : "--quiet has a name or letter used twice");
    }
    c.run = NULL;
    assert_string_equal(nvc_cmd_check(&c), "the command has no description, defaults or run");
}

static char *document(void (*print)(const struct nvc_cmd *, FILE *))
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    print(&command, f);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void help_fits_eighty_columns_and_shows_defaults(void **state)
{
    char *text = document(nvc_cmd_help);
    (void)state;
    for (char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n')
        assert_true(strcspn(s, "\n") <= 80);
    has(text, "Usage: nvc-fit [OPTION]... [SERIES]\n");
    has(text, "\nModel\n  -d, --design=TSV");
    has(text, "cutoff period; 0 adds no drift (from 0 s up; default:\n                          128 s)");
    has(text, "(one of ols, ar1,\n                          arma11; default: ar1)");
    has(text, "where to write (default: standard output)");
    has(text, "one of them is needed; not with\n                          --events");
    has(text, "may be given again");
    has(text, "-q, --quiet");
    has(text, "    nvc-fit -d design.tsv --region 'lateral amygdala of the left hemisphere' \\\n"
              "      --noise ar1 --task faces series.tsv > fit.tsv\n");
    assert_null(strstr(text, "--print"));
    assert_null(strstr(text, "-2147483648"));
    free(text);
}

static void the_man_page_escapes_what_roff_would_take(void **state)
{
    char *text = document(nvc_cmd_man);
    (void)state;
    has(text, ".SH NAME\nnvc\\-fit \\- fit a model to series\n");
    has(text, "Sch\\[u00F6]nbrodt, .5 of a page \\e \\(aqx\\(aq. doi:10.1/x\n");
    has(text, ".SH \"WHAT THE NUMBER CANNOT TELL\"\nIt is no measure of blood flow.\n");
    has(text, "\\fBpsc\\fR [%]\npercent signal change\n");
    has(text, ".BR nvc\\-extract (1),\n.BR nvc\\-tables (5),\n.BR nvctools (7)\n");
    free(text);
}

static void the_completion_knows_options_choices_and_files(void **state)
{
    char *text = document(nvc_cmd_bash);
    (void)state;
    has(text, "--noise | -n) mapfile -t COMPREPLY < <(compgen -W 'ols ar1 arma11' -- \"$cur\"); return ;;\n");
    has(text, "--mask | -m) globs=( '*.nii' '*.nii.gz' ) ;;\n");
    has(text, "complete -F _nvc_fit nvc-fit\n");
    free(text);
}

static bool is_one_of(const char *word, const char *const *all)
{
    while (*all && strcmp(word, *all) != 0)
        all++;
    return *all;
}

/* Rules of descriptor.schema.json 0.5 and of `bosh validate`. */
static void the_boutiques_description_keeps_the_rules_of_its_schema(void **state)
{
    static const char *const tool[] = { "name", "tool-version", "schema-version", "description", "command-line", "inputs",
                                        "groups", "output-files", "error-codes", NULL };
    static const char *const input[] = { "id", "name", "type", "description", "value-key", "optional", "list",
                                         "list-separator", "command-line-flag", "command-line-flag-separator",
                                         "value-choices", "integer", "minimum", "maximum", "exclusive-minimum", NULL };
    static const char *const types[] = { "String", "File", "Flag", "Number", NULL };
    struct nvc_error err;
    json_t *root, *inputs, *item, *groups;
    const char *key;
    size_t i, n_lists = 0;
    char *text = document(nvc_cmd_boutiques);
    (void)state;
    assert_int_equal(nvc_json_parse(&root, text, strlen(text), "description", &err), 0);
    json_object_foreach(root, key, item)
        assert_true(is_one_of(key, tool));
    inputs = json_object_get(root, "inputs");
    assert_int_equal(json_array_size(inputs), 13);
    json_array_foreach(inputs, i, item) {
        const char *id = nvc_json_get_text(item, "id", ""), *type = nvc_json_get_text(item, "type", "");
        json_t *member;
        json_object_foreach(item, key, member)
            assert_true(is_one_of(key, input));
        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(id));
        assert_true(is_one_of(type, types));
        has(nvc_json_get_text(root, "command-line", ""), nvc_json_get_text(item, "value-key", "none"));
        assert_true(!json_object_get(item, "minimum") || !strcmp(type, "Number"));
        if (json_object_get(item, "list-separator")) { /* --region=a --region=b */
            char separator[64];
            (void)snprintf(separator, sizeof separator, " %s=", nvc_json_get_text(item, "command-line-flag", ""));
            assert_string_equal(nvc_json_get_text(item, "list-separator", ""), separator);
            n_lists++;
        }
    }
    assert_int_equal(n_lists, 2);
    groups = json_object_get(root, "groups");
    assert_int_equal(json_array_size(groups), 1);
    json_t *members = json_pack("[s,s]", "design", "events");
    assert_true(json_equal(json_object_get(json_array_get(groups, 0), "members"), members));
    assert_true(json_is_true(json_object_get(json_array_get(groups, 0), "one-is-required")));
    json_decref(members);
    json_decref(root);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_stored_and_the_rest_keeps_its_default),
        cmocka_unit_test(two_lists_do_not_mix),
        cmocka_unit_test(what_stands_after_two_dashes_is_positional),
        cmocka_unit_test(an_input_left_out_is_standard_input),
        cmocka_unit_test(names_are_neither_abbreviated_nor_guessed),
        cmocka_unit_test(values_are_read_strictly),
        cmocka_unit_test(a_value_given_twice_is_refused_with_both),
        cmocka_unit_test(what_is_needed_or_excluded_is_checked),
        cmocka_unit_test(standard_input_has_one_reader),
        cmocka_unit_test(no_output_is_an_input),
        cmocka_unit_test(an_option_may_stand_for_the_input_left_out),
        cmocka_unit_test(help_wins_over_what_is_wrong),
        cmocka_unit_test(any_words_are_parsed_or_refused_with_a_line),
        cmocka_unit_test(a_wrong_table_is_found),
        cmocka_unit_test(help_fits_eighty_columns_and_shows_defaults),
        cmocka_unit_test(the_man_page_escapes_what_roff_would_take),
        cmocka_unit_test(the_completion_knows_options_choices_and_files),
        cmocka_unit_test(the_boutiques_description_keeps_the_rules_of_its_schema),
    };
    return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
