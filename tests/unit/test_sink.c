#include "nvc.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "scratch.h"

enum { N = 300000 };
static unsigned char data[N];

static void fill_data(void)
{
    uint32_t x = 2463534242u;
    for (size_t i = 0; i < N; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        data[i] = (unsigned char)(i % 9 < 6 ? i / 1000 : x);
    }
}

static size_t count_temporaries(void)
{
    DIR *d = opendir(scratch_dir);
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] == '.' && strstr(e->d_name, ".nvc-") != NULL;
    (void)closedir(d);
    return n;
}

static void write_pieces(struct nvc_sink *s, size_t piece)
{
    struct nvc_error err = { 0 };
    for (size_t at = 0; at < N; at += piece)
        assert_int_equal(nvc_sink_write(s, data + at, piece < N - at ? piece : N - at, &err), 0);
}

static void assert_holds(const char *path, const void *want, size_t n)
{
    struct nvc_error err = { 0 };
    struct nvc_stream *s;
    char *text;
    size_t got;
    assert_int_equal(nvc_stream_open(&s, path, NVC_INFLATE_ZLIB, &err), 0);
    assert_int_equal(nvc_stream_slurp(s, N, &text, &got, &err), 0);
    assert_int_equal(got, n);
    assert_memory_equal(text, want, n);
    free(text);
    nvc_stream_close(s);
}

static void a_file_appears_when_it_is_whole(void **state)
{
    (void)state;
    static const char *const names[] = { "out.nii", "out.nii.gz" };
    static const size_t pieces[] = { 1, 1000, 65536, 65537, N };
    const mode_t before = umask(027);
    for (size_t i = 0; i < 2; i++)
        for (size_t p = 0; p < 5; p++) {
            struct nvc_error err = { 0 };
            struct nvc_sink *s;
            struct stat st;
            const char *path = scratch_path(names[i]);
            (void)unlink(path);
            assert_int_equal(nvc_sink_open(&s, path, false, &err), 0);
            write_pieces(s, pieces[p]);
            assert_int_equal(access(path, F_OK), -1);
            assert_int_equal(count_temporaries(), 1);
            assert_int_equal(nvc_sink_commit(s, &err), 0);
            assert_int_equal(count_temporaries(), 0);
            assert_holds(path, data, N);
            assert_int_equal(stat(path, &st), 0);
            assert_int_equal(st.st_mode & 0777, 0640);
        }
    (void)umask(before);
}

static void the_same_data_give_the_same_gzip_bytes_without_time_or_name(void **state)
{
    (void)state;
    unsigned char head[10];
    static unsigned char first[N + 1000], second[N + 1000];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        struct nvc_error err = { 0 };
        struct nvc_sink *s;
        const char *path = scratch_path(i ? "second.gz" : "first.gz");
        assert_int_equal(nvc_sink_open(&s, path, false, &err), 0);
        write_pieces(s, N);
        assert_int_equal(nvc_sink_commit(s, &err), 0);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        n[i] = fread(i ? second : first, 1, sizeof first, f);
        (void)fclose(f);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(first, second, n[0]);
    memcpy(head, first, sizeof head);
    assert_int_equal(head[3], 0);
    assert_memory_equal(head + 4, "\0\0\0\0", 4);
}

static void an_abandoned_file_leaves_the_old_one(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_sink *s, *t;
    const char *path = scratch_file("old", "old", 3);
    assert_int_equal(nvc_sink_open(&s, path, false, &err), 0);
    write_pieces(s, N);
    nvc_sink_abandon(s);
    assert_int_equal(count_temporaries(), 0);
    assert_int_equal(nvc_sink_open(&s, path, false, &err), 0);
    assert_int_equal(nvc_sink_open(&t, path, false, &err), 0);
    assert_int_equal(count_temporaries(), 2);
    nvc_sink_abandon_all();
    assert_int_equal(count_temporaries(), 0);
    nvc_sink_abandon(s);
    nvc_sink_abandon(t);
    assert_holds(path, "old", 3);
}

static void a_full_disk_is_told_and_leaves_the_old_file(void **state)
{
    (void)state;
    struct rlimit before, small = { 100000, 100000 };
    const char *path = scratch_file("kept", "old", 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    (void)signal(SIGXFSZ, SIG_IGN);
    for (int late = 0; late < 2; late++) { /* seen by a write, or by the flush of commit */
        struct nvc_error err = { 0 };
        struct nvc_sink *s;
        small.rlim_cur = late ? 1000 : 100000;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        assert_int_equal(nvc_sink_open(&s, path, false, &err), 0);
        assert_int_equal(nvc_sink_write(s, data, late ? 2000 : N, &err), late ? 0 : NVC_ESYS);
        if (!late)
            assert_non_null(strstr(err.text, "kept: cannot write: File too large"));
        assert_int_equal(nvc_sink_commit(s, &err), NVC_ESYS);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(count_temporaries(), 0);
        assert_holds(path, "old", 3);
    }
    (void)signal(SIGXFSZ, SIG_DFL);
}

static void dev_full_and_a_broken_pipe_are_failures(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_sink *s;
    char path[32];
    int ends[2];
    assert_int_equal(nvc_sink_open(&s, "/dev/full", false, &err), 0);
    assert_int_equal(nvc_sink_write(s, data, 10, &err), 0);
    assert_int_equal(nvc_sink_commit(s, &err), NVC_ESYS);
    assert_non_null(strstr(err.text, "No space left"));
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_int_equal(nvc_sink_open(&s, path, false, &err), 0);
    (void)close(ends[0]);
    assert_int_equal(nvc_sink_write(s, data, N, &err), NVC_ESYS);
    assert_non_null(strstr(err.text, "reader of the pipe has gone"));
    nvc_sink_abandon(s);
    (void)close(ends[1]);
    (void)signal(SIGPIPE, SIG_DFL);
}

static void standard_output_is_appended_to_and_stays_open(void **state)
{
    (void)state;
    static const char *const names[] = { "-", "/dev/stdout", "/dev/fd/1" };
    const char *path = scratch_file("stdout", "", 0);
    struct nvc_error err = { 0 };
    struct nvc_sink *s;
    int saved = dup(STDOUT_FILENO), fd = open(path, O_WRONLY | O_APPEND), status = 0;
    assert_true(saved >= 0 && fd >= 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    for (int i = 0; i < 3 && !status; i++)
        if (!(status = nvc_sink_open(&s, names[i], false, &err)) && !(status = nvc_sink_write(s, "abc", 3, &err)))
            status = nvc_sink_commit(s, &err);
    (void)close(STDOUT_FILENO);
    int closed = nvc_sink_open(&s, "-", false, &err);
    (void)dup2(saved, STDOUT_FILENO);
    (void)close(saved);
    (void)close(fd);
    assert_int_equal(status, 0);
    assert_int_equal(closed, NVC_ESYS);
    assert_holds(path, "abcabcabc", 9);
}

static void a_symbolic_link_is_replaced_not_followed(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_sink *s;
    struct stat st;
    const char *object = scratch_file("object", "annexed", 7), *link = scratch_path("link");
    assert_int_equal(symlink("object", link), 0);
    assert_int_equal(nvc_sink_open(&s, link, false, &err), 0);
    assert_int_equal(nvc_sink_write(s, "new", 3, &err), 0);
    assert_int_equal(nvc_sink_commit(s, &err), 0);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_holds(link, "new", 3);
    assert_holds(object, "annexed", 7);
}

static void places_that_cannot_be_written_are_named_at_once(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_sink *s;
    char name[400];
    assert_int_equal(nvc_sink_open(&s, scratch_path("no/where.tsv"), false, &err), NVC_ESYS);
    assert_non_null(strstr(err.text, "no/: No such file or directory"));
    assert_int_equal(nvc_sink_open(&s, scratch_dir, false, &err), NVC_ESYS);
    assert_non_null(strstr(err.text, "is a directory"));
    static const char *const bad[] = { "", "a/", "no/such/folder/x.tsv", "/", "/tmp", "/dev/null/x" };
    static const char *const good[] = { "-", "new.tsv", "/tmp/new.tsv", "/dev/null", "/dev/stdout" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) { /* said before anything is made as it would be said then */
        struct nvc_error early = { 0 };
        int status = nvc_sink_check(bad[i], &early);
        assert_int_not_equal(status, 0);
        assert_int_equal(nvc_sink_open(&s, bad[i], false, &err), status);
        assert_string_equal(early.text, err.text);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(nvc_sink_check(good[i], &err), 0);
    assert_int_not_equal(access("new.tsv", F_OK), 0);
    assert_int_equal(nvc_sink_open(&s, "", false, &err), NVC_EUSAGE);
    assert_int_equal(nvc_sink_open(&s, "/tmp/", false, &err), NVC_EUSAGE);
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(nvc_sink_open(&s, name, false, &err), NVC_ESYS);
    assert_null(s);
    assert_int_equal(nvc_sink_check(name, &err), NVC_ESYS);
    nvc_sink_abandon(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_when_it_is_whole),
        cmocka_unit_test(the_same_data_give_the_same_gzip_bytes_without_time_or_name),
        cmocka_unit_test(an_abandoned_file_leaves_the_old_one),
        cmocka_unit_test(a_full_disk_is_told_and_leaves_the_old_file),
        cmocka_unit_test(dev_full_and_a_broken_pipe_are_failures),
        cmocka_unit_test(standard_output_is_appended_to_and_stays_open),
        cmocka_unit_test(a_symbolic_link_is_replaced_not_followed),
        cmocka_unit_test(places_that_cannot_be_written_are_named_at_once),
    };
    fill_data();
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
