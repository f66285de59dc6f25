#include "cli/jobs.h"
#include "cli/lock.h"
#include "cli/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "scratch.h"

/* Whether another process gets the lock. */
static int other_gets(const char *name)
{
    pid_t pid = fork();
    if (!pid) {
        struct nvc_error err;
        int fd;
        _exit(nvc_lock_take(&fd, scratch_path("lock"), name, false, &err) ? 2 : fd >= 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void a_lock_keeps_others_from_the_same_work_only(void **state)
{
    (void)state;
    struct nvc_error err;
    int fd, second;
    assert_int_equal(nvc_lock_take(&fd, scratch_path("lock"), "sub-01", false, &err), 0);
    assert_true(fd >= 0);
    assert_int_equal(other_gets("sub-01"), 0);
    assert_int_equal(other_gets("sub-02"), 1);
    assert_int_equal(nvc_lock_take(&second, scratch_path("lock"), "sub-01", false, &err), 0);
    assert_int_equal(second, -1);
    nvc_lock_drop(fd);
    assert_int_equal(other_gets("sub-01"), 1);
    assert_int_equal(nvc_lock_take(&fd, scratch_path("nowhere/lock"), "x", false, &err), NVC_ESYS);
    nvc_lock_drop(-1);
}

static json_t *stamp(struct nvc_command *command)
{
    char input[300], *files[] = { input };
    strcpy(input, scratch_path("input"));
    struct nvc_error err;
    return nvc_stamp_make(command, 1, files, 1, &err);
}

static void a_stamp_holds_until_words_or_files_change(void **state)
{
    (void)state;
    struct nvc_error err;
    struct nvc_command c = { 0 };
    assert_int_equal(nvc_command_add(&c, &err, "nvc-%s", "glm"), 0);
    (void)scratch_text("input", "1");
    json_t *now = stamp(&c);
    assert_false(nvc_stamp_holds(scratch_path("stamp.json"), now));
    assert_int_equal(nvc_stamp_write(scratch_path("stamp.json"), now, &err), 0);
    assert_true(nvc_stamp_holds(scratch_path("stamp.json"), now));
    json_decref(now);
    (void)scratch_text("input", "12");
    now = stamp(&c);
    assert_false(nvc_stamp_holds(scratch_path("stamp.json"), now));
    assert_int_equal(nvc_stamp_write(scratch_path("stamp.json"), now, &err), 0);
    json_decref(now);
    assert_int_equal(nvc_command_add(&c, &err, "--noise"), 0);
    now = stamp(&c);
    assert_false(nvc_stamp_holds(scratch_path("stamp.json"), now));
    json_decref(now);
    unlink(scratch_path("input"));
    now = stamp(&c);
    assert_int_equal(nvc_stamp_write(scratch_path("stamp.json"), now, &err), 0);
    assert_false(nvc_stamp_holds(scratch_path("stamp.json"), now)); /* what is absent was never done */
    (void)scratch_text("stamp.json", "{ \"cut");
    assert_false(nvc_stamp_holds(scratch_path("stamp.json"), now));
    json_decref(now);
    nvc_command_release(&c);
}

static void commands_are_printed_for_a_shell(void **state)
{
    (void)state;
    static const char *const words[] = { "nvc-glm", "--contrast", "a = b - 'c'", "", "x*y", "/p/q-1_2.tsv" };
    struct nvc_error err;
    struct nvc_command c = { 0 };
    char *text = NULL;
    size_t n;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(nvc_command_add(&c, &err, "%s", words[i]), 0);
    FILE *f = open_memstream(&text, &n);
    assert_int_equal(nvc_command_print(f, c.argv), 0);
    fclose(f);
    assert_string_equal(text, "nvc-glm --contrast 'a = b - '\\''c'\\''' '' 'x*y' /p/q-1_2.tsv\n");
    free(text);
    nvc_command_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lock_keeps_others_from_the_same_work_only, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(a_stamp_holds_until_words_or_files_change, scratch_begin, scratch_end),
        cmocka_unit_test(commands_are_printed_for_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
