/* The operating system's limit: starts COUNT times `bash -c true` by posix_spawn, SLOTS at a time, each with an output
 * and an error file of its own in DIRECTORY, and prints the seconds from the first start to the last end.
 *
 * usage: limit COUNT SLOTS DIRECTORY
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static void fail(const char *what, int error) {
    fprintf(stderr, "limit: %s: %s\n", what, strerror(error));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void start(const char *directory, long number) {
    static char *const argv[] = {"/bin/bash", "-c", "true", NULL};
    static const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    char out[PATH_MAX], err[PATH_MAX];
    snprintf(out, sizeof out, "%s/%ld.stdout", directory, number);
    snprintf(err, sizeof err, "%s/%ld.stderr", directory, number);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out, flags, 0644);
    posix_spawn_file_actions_addopen(&files, 2, err, flags, 0644);
    pid_t pid;
    int error = posix_spawn(&pid, argv[0], &files, NULL, argv, environ);
    if (error != 0) fail("posix_spawn", error);
    posix_spawn_file_actions_destroy(&files);
}

static void await_one(void) {
    int status;
    if (waitpid(-1, &status, 0) < 0) fail("waitpid", errno);
    if (status != 0) fail("a process failed", 0);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: limit COUNT SLOTS DIRECTORY\n");
        return 2;
    }
    long count = atol(argv[1]), slots = atol(argv[2]), running = 0;
    double begin = now();
    for (long number = 0; number < count; number++) {
        if (running == slots) {
            await_one();
            running--;
        }
        start(argv[3], number);
        running++;
    }
    while (running-- > 0) await_one();
    printf("%.6f\n", now() - begin);
    return 0;
}
