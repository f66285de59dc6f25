#include "config.h"

#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/provenance.h"
#include "io/json.h"
#include "io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum deed { FAIL, WARN, DIE, WRITE, SIDECAR, CLOSED };
static const char *const deeds[] = { "fail", "warn", "die", "write", "sidecar", "closed", NULL };

struct options {
    int deed;
    const char *output;
};
static const struct options defaults = { .output = "-" };
static const struct nvc_opt opts[] = {
    OPT_CHOICE(struct options, deed, 'd', "deed", "WHAT", deeds, "what to do"),
    OPT_OUTPUT(struct options, output, 'o', "output", "IMAGE", "*.nii", "where to write"),
    OPT_END
};
static const struct nvc_arg args[] = { { "SERIES", "series table", "*.tsv", 0, 1 }, { 0 } };
static const struct nvc_column columns[] = { { "region", NULL, "name of the region" }, { "psc", "%", "response" }, { 0 } };
static const char *const description[] = { "Do what is asked.", NULL };

static int leave_open(const char *path, struct nvc_error *err)
{
    struct nvc_sink *sink;
    int status = nvc_sink_open(&sink, path, false, err);
    if (status)
        return status;
    if (!(status = nvc_sink_write(sink, "half", 4, err)))
        (void)raise(SIGTERM);
    nvc_sink_abandon(sink);
    return status;
}

static int run(const void *options, char **argv, int n, struct nvc_error *err)
{
    const struct options *o = options;
    struct nvc_text text = { .data = (char[]){ "region\tpsc\n" }, .len = 11 };
    struct nvc_input_mark input = { "-", 0xbeef, 12 };
    struct nvc_sidecar sidecar = { .columns = columns, .inputs = &input, .n_inputs = 1, .seed = "17" };
    (void)argv, (void)n;
    switch ((enum deed)o->deed) {
    case FAIL:
        return nvc_fail(err, NVC_EDATA, "a.tsv: line 3: nothing\there");
    case WARN:
        nvc_warn("region %s is empty", "B\033[2J");
        nvc_note("12 regions");
        return 0;
    case DIE:
        return leave_open(o->output, err);
    case CLOSED:
        return fcntl(STDIN_FILENO, F_GETFD) == -1 || fcntl(STDOUT_FILENO, F_GETFD) == -1;
    case WRITE:
        return nvc_output(o->output, &text, NULL, err);
    case SIDECAR:
        return nvc_output(o->output, &text, &sidecar, err);
    }
    return nvc_fail(err, NVC_EBUG, "no such deed");
}

static struct nvc_cmd command = { .name = "nvc-try", .summary = "try nvc_main", .description = description, .args = args,
                                  .opts = opts, .defaults = &defaults, .size = sizeof defaults, .run = run };

static char folder[] = "/tmp/nvc-main-XXXXXX";

struct outcome {
    int status;       /* as of waitpid */
    char said[4096];  /* on standard error */
};

/* Run nvc_main on `line`, split at blanks, in a child with these descriptors as standard input and output
 * (-1: closed). */
static struct outcome attempt(const char *line, int in, int out)
{
    struct outcome o = { 0 };
    char copy[256], *argv[16] = { copy };
    int argc = 1, told[2];
    (void)snprintf(copy, sizeof copy, "%s", line);
    for (char *s = strchr(copy, ' '); s; s = strchr(s, ' ')) {
        *s++ = '\0';
        argv[argc++] = s;
    }
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        (void)dup2(told[1], STDERR_FILENO);
        (void)(in < 0 ? close(STDIN_FILENO) : dup2(in, STDIN_FILENO));
        (void)(out < 0 ? close(STDOUT_FILENO) : dup2(out, STDOUT_FILENO));
        (void)close(told[0]);
        (void)close(told[1]);
        (void)chdir(folder);
        _exit(nvc_main(&command, argc, argv));
    }
    (void)close(told[1]);
    ssize_t n;
    size_t len = 0;
    while ((n = read(told[0], o.said + len, sizeof o.said - 1 - len)) > 0)
        len += (size_t)n;
    (void)close(told[0]);
    assert_int_equal(waitpid(child, &o.status, 0), child);
    return o;
}

static int null_file(void) { return open("/dev/null", O_RDWR | O_CLOEXEC); }

static void ends_with(const char *line, int status, const char *said)
{
    int null = null_file();
    struct outcome o = attempt(line, null, null);
    assert_true(WIFEXITED(o.status));
    assert_int_equal(WEXITSTATUS(o.status), status);
    assert_string_equal(o.said, said);
    (void)close(null);
}

static void a_failure_is_one_line_and_its_status(void **state)
{
    (void)state;
    ends_with("nvc-try --deed=fail", NVC_EDATA, "nvc-try: a.tsv: line 3: nothing?here\n");
    ends_with("nvc-try --deed=fail -q", NVC_EDATA, "nvc-try: a.tsv: line 3: nothing?here\n");
    ends_with("nvc-try --dead", NVC_EUSAGE, "nvc-try: unknown option '--dead'; did you mean --deed?\n");
    ends_with("nvc-try a b", NVC_EUSAGE, "nvc-try: unexpected argument 'b'; see nvc-try --help\n");
}

static void remarks_are_lines_without_control_bytes_and_silent_when_quiet(void **state)
{
    (void)state;
    ends_with("nvc-try --deed=warn", 0, "nvc-try: warning: region B?[2J is empty\nnvc-try: 12 regions\n");
    ends_with("nvc-try --deed=warn --quiet", 0, "");
}

static void a_wrong_table_is_a_bug(void **state)
{
    (void)state;
    command.size = 1;
    ends_with("nvc-try", NVC_EBUG, "nvc-try: a bug in the option table: --output has a field outside the options struct\n");
    command.size = sizeof defaults;
}

static void a_full_disk_is_status_3(void **state)
{
    int null = null_file(), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;
    if (full < 0)
        skip();
    static const char *const lines[] = { "nvc-try --help", "nvc-try --version", "nvc-try --print=man", "nvc-try -d write" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct outcome o = attempt(lines[i], null, full);
        assert_int_equal(WEXITSTATUS(o.status), NVC_ESYS);
        assert_non_null(strstr(o.said, "No space left on device\n"));
        assert_ptr_equal(strchr(o.said, '\n'), strrchr(o.said, '\n'));
    }
    (void)close(full);
    (void)close(null);
}

static void a_reader_that_is_gone_is_status_3_and_no_death(void **state)
{
    int null = null_file(), ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    static const char *const lines[] = { "nvc-try --help", "nvc-try -d write" };
    for (size_t i = 0; i < 2; i++) {
        struct outcome o = attempt(lines[i], null, ends[1]);
        assert_true(WIFEXITED(o.status));
        assert_int_equal(WEXITSTATUS(o.status), NVC_ESYS);
        assert_non_null(strstr(o.said, ": cannot write: the reader of the pipe has gone\n"));
    }
    (void)close(ends[1]);
    (void)close(null);
}

static void closed_standard_descriptors_are_not_taken_by_files(void **state)
{
    (void)state;
    struct outcome o = attempt("nvc-try -d closed", -1, -1);
    assert_int_equal(o.status, 0);
    o = attempt("nvc-try -d write", -1, -1);
    assert_int_equal(WEXITSTATUS(o.status), NVC_ESYS);
    o = attempt("nvc-try --help", -1, -1);
    assert_int_equal(WEXITSTATUS(o.status), NVC_ESYS);
    assert_non_null(strstr(o.said, "standard output: cannot write: "));
}

static size_t files_in_folder(void)
{
    char line[64];
    size_t n = 0;
    (void)snprintf(line, sizeof line, "ls -A %s", folder);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        n++;
    (void)pclose(f);
    return n;
}

static void a_signal_leaves_no_file_and_is_seen_by_the_shell(void **state)
{
    int null = null_file();
    (void)state;
    struct outcome o = attempt("nvc-try -d die -o x.nii", null, null);
    assert_true(WIFSIGNALED(o.status));
    assert_int_equal(WTERMSIG(o.status), SIGTERM);
    assert_int_equal(files_in_folder(), 0);
    (void)close(null);
}

static void what_the_parent_ignores_stays_ignored(void **state)
{
    int null = null_file();
    (void)state;
    (void)signal(SIGTERM, SIG_IGN); /* as nohup does */
    struct outcome o = attempt("nvc-try -d die -o -", null, null);
    (void)signal(SIGTERM, SIG_DFL);
    assert_int_equal(o.status, 0);
    (void)close(null);
}

/* The far end of a new terminal; skips where there are none. */
static int open_terminal(int *host)
{
    *host = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (*host < 0 || grantpt(*host) || unlockpt(*host))
        skip();
    int terminal = open(ptsname(*host), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0);
    return terminal;
}

static void progress_shows_what_is_left_and_gives_way_to_messages(void **state)
{
    int host, terminal = open_terminal(&host), status;
    char seen[512] = "";
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct nvc_progress p;
        (void)dup2(terminal, STDERR_FILENO);
        (void)setenv("TERM", "xterm", 1);
        nvc_message_start("nvc-try", false);
        nvc_progress_start(&p, "volumes", 156);
        nvc_progress_step(&p, 1); /* too early to be shown */
        p.started_s -= 30;
        p.shown_s -= 30;
        nvc_progress_step(&p, 78);
        nvc_progress_step(&p, 79); /* too soon after */
        nvc_warn("a volume is odd");
        nvc_progress_end(&p);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    ssize_t n = read(host, seen, sizeof seen - 1);
    assert_true(n > 0);
    assert_string_equal(seen, "\r\033[Knvc-try: 78 of 156 volumes, 2.6 volumes/s, 0:30 left"
                              "\r\033[Knvc-try: warning: a volume is odd\r\n");
    (void)close(terminal);
    (void)close(host);
}

static void a_terminal_is_not_waited_for_and_gets_no_image(void **state)
{
    int null = null_file(), host, terminal = open_terminal(&host);
    (void)state;
    struct outcome o = attempt("nvc-try -d warn -o x.nii", terminal, null);
    assert_int_equal(WEXITSTATUS(o.status), NVC_EUSAGE);
    assert_string_equal(o.said, "nvc-try: SERIES would be read from standard input, which is a terminal; name a file or "
                                "pipe one in; see nvc-try --help\n");
    o = attempt("nvc-try -d warn a.tsv", terminal, terminal);
    assert_int_equal(WEXITSTATUS(o.status), NVC_EUSAGE);
    assert_string_equal(o.said, "nvc-try: an image would be written to the terminal; give --output a file, or pipe it on\n");
    o = attempt("nvc-try -d warn a.tsv -o x.nii", terminal, terminal);
    assert_int_equal(o.status, 0);
    (void)close(terminal);
    (void)close(host);
    (void)close(null);
}

static void the_sidecar_tells_where_a_table_comes_from(void **state)
{
    char path[64];
    struct nvc_error err;
    json_t *root, *wanted;
    int null = null_file();
    (void)state;
    struct outcome o = attempt("/usr/bin/nvc-try -d sidecar -o a'b.nii", null, null);
    assert_string_equal(o.said, "");
    assert_int_equal(o.status, 0);
    (void)snprintf(path, sizeof path, "%s/a'b.json", folder);
    assert_int_equal(nvc_json_read(&root, path, &err), 0);
    wanted = json_pack("{s:{s:s}, s:{s:s,s:s}, s:[{s:s,s:s,s:s}], s:[{s:s,s:s,s:i}], s:s}", "region", "Description",
                       "name of the region", "psc", "Description", "response", "Units", "%", "GeneratedBy", "Name",
                       "nvctools", "Version", "0.1.0", "CommandLine", "nvc-try -d sidecar -o 'a'\\''b.nii'", "Inputs", "Path",
                       "standard input", "CRC32", "0000beef", "Bytes", 12, "Seed", "17");
    assert_non_null(wanted);
    if (!json_equal(root, wanted))
        fail_msg("%s", json_dumps(root, JSON_INDENT(1)));
    json_decref(wanted);
    json_decref(root);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof path, "%s/a'b.nii", folder);
    assert_int_equal(unlink(path), 0);
    (void)close(null);
}

static int make_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder);
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_one_line_and_its_status),
        cmocka_unit_test(remarks_are_lines_without_control_bytes_and_silent_when_quiet),
        cmocka_unit_test(a_wrong_table_is_a_bug),
        cmocka_unit_test(a_full_disk_is_status_3),
        cmocka_unit_test(a_reader_that_is_gone_is_status_3_and_no_death),
        cmocka_unit_test(closed_standard_descriptors_are_not_taken_by_files),
        cmocka_unit_test(a_signal_leaves_no_file_and_is_seen_by_the_shell),
        cmocka_unit_test(what_the_parent_ignores_stays_ignored),
        cmocka_unit_test(progress_shows_what_is_left_and_gives_way_to_messages),
        cmocka_unit_test(a_terminal_is_not_waited_for_and_gets_no_image),
        cmocka_unit_test(the_sidecar_tells_where_a_table_comes_from),
    };
    return cmocka_run_group_tests_name("main", tests, make_folder, remove_folder);
}
