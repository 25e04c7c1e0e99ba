// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD that lets the file system and the wall clock misbehave under an executable as shipped.
//
//   MUSTER_FAULT_PROGRAM    name of the program it acts in (others run undisturbed); all if unset
//   MUSTER_FAULT_PATHS      path prefixes, colon-separated: only calls that write below one of them count
//   MUSTER_FAULT_AT=n       the n-th such call of the process fails, once
//   MUSTER_FAULT_ERRNO=e    with this error
//   MUSTER_FAULT_WHILE=file as long as this file exists, every such call that takes room fails
//   MUSTER_FAULT_KIND=sync  count only flushes
//   MUSTER_FAULT_TRIP=file  a line is appended to it when the call fails: its name and path
//   MUSTER_FAULT_SLOW_SYNC=ms  each flush below a prefix takes so long
//   MUSTER_FAULT_STATFS=t   statfs says that every file system has this type (hexadecimal)
//   MUSTER_CLOCK_JUMPS=1    the wall clock jumps by up to a year, back and forth, every 0.7 s
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int acts_here(void) {
  const char *program = getenv("MUSTER_FAULT_PROGRAM");
  return !program || strcmp(program, program_invocation_short_name) == 0;
}

static int is_below(const char *path) {
  const char *prefix = getenv("MUSTER_FAULT_PATHS");
  if (!prefix || !path || !acts_here()) return 0;
  while (*prefix) {
    size_t length = strcspn(prefix, ":");
    if (length > 0 && strncmp(path, prefix, length) == 0) return 1;
    prefix += length + (prefix[length] == ':');
  }
  return 0;
}

static const char *path_of(int descriptor, char *buffer, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, buffer, size - 1);
  buffer[length > 0 ? length : 0] = 0;
  return buffer;
}

static atomic_long calls;

// Whether this call is the one that fails; errno is set then.
static int fails(const char *name, const char *path, int is_sync) {
  const char *at = getenv("MUSTER_FAULT_AT"), *kind = getenv("MUSTER_FAULT_KIND");
  const char *period = getenv("MUSTER_FAULT_WHILE");
  if (period && !is_sync && strcmp(name, "unlink") != 0 && is_below(path) && access(period, F_OK) == 0) {
    errno = ENOSPC;
    return 1;
  }
  if (!at || !is_below(path) || (kind && strcmp(kind, "sync") == 0 && !is_sync)) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != atol(at)) return 0;
  const char *trip = getenv("MUSTER_FAULT_TRIP"), *number = getenv("MUSTER_FAULT_ERRNO");
  // Once in all: a process that is started again after it is not met a second time.
  if (trip && access(trip, F_OK) == 0) return 0;
  if (trip) {
    char line[4096];
    int length = snprintf(line, sizeof line, "%s %s\n", name, path);
    int file = REAL(open)(trip, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
      if (REAL(write)(file, line, length) < 0) abort();
      close(file);
    }
  }
  errno = number ? atoi(number) : ENOSPC;
  return 1;
}

static int fails_on(const char *name, int descriptor, int is_sync) {
  char path[4096];
  if (!getenv("MUSTER_FAULT_AT") && !getenv("MUSTER_FAULT_WHILE")) return 0;
  return fails(name, path_of(descriptor, path, sizeof path), is_sync);
}

static int writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT); }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    if (writes(flags) && fails(#name, path, 0)) return -1; \
    return REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    if (writes(flags) && fails(#name, path, 0)) return -1; \
    return REAL(name)(folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return fails_on("write", descriptor, 0) ? -1 : REAL(write)(descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t at) {
  return fails_on("pwrite", descriptor, 0) ? -1 : REAL(pwrite)(descriptor, bytes, count, at);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t at) {
  return fails_on("pwrite", descriptor, 0) ? -1 : REAL(pwrite64)(descriptor, bytes, count, at);
}
int ftruncate(int descriptor, off_t size) {
  return fails_on("ftruncate", descriptor, 0) ? -1 : REAL(ftruncate)(descriptor, size);
}
int ftruncate64(int descriptor, off64_t size) {
  return fails_on("ftruncate", descriptor, 0) ? -1 : REAL(ftruncate64)(descriptor, size);
}
int rename(const char *from, const char *to) { return fails("rename", to, 0) ? -1 : REAL(rename)(from, to); }
int mkdir(const char *path, mode_t mode) { return fails("mkdir", path, 0) ? -1 : REAL(mkdir)(path, mode); }
int unlink(const char *path) { return fails("unlink", path, 0) ? -1 : REAL(unlink)(path); }

static int slow_sync(const char *name, int descriptor) {
  char path[4096];
  const char *slow = getenv("MUSTER_FAULT_SLOW_SYNC");
  if (slow && is_below(path_of(descriptor, path, sizeof path))) usleep(1000 * atol(slow));
  return fails_on(name, descriptor, 1);
}
int fsync(int descriptor) { return slow_sync("fsync", descriptor) ? -1 : REAL(fsync)(descriptor); }
int fdatasync(int descriptor) { return slow_sync("fdatasync", descriptor) ? -1 : REAL(fdatasync)(descriptor); }

#define STATFS(name, type) \
  int name(const char *path, struct type *found) { \
    int result = REAL(name)(path, found); \
    const char *fake = getenv("MUSTER_FAULT_STATFS"); \
    if (result == 0 && fake && acts_here()) found->f_type = strtol(fake, NULL, 16); \
    return result; \
  }
STATFS(statfs, statfs)
STATFS(statfs64, statfs64)

static time_t jump(void) {
  static const time_t year = 31536000;
  const time_t offsets[] = {0, year, -3600, -year, 3600};
  if (!getenv("MUSTER_CLOCK_JUMPS")) return 0;
  struct timespec now;
  REAL(clock_gettime)(CLOCK_MONOTONIC, &now);
  return offsets[(now.tv_sec * 1000 + now.tv_nsec / 1000000) / 700 % 5];
}
int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = REAL(clock_gettime)(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += jump();
  return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = REAL(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += jump();
  return result;
}
time_t time(time_t *result) {
  time_t now = REAL(time)(NULL) + jump();
  if (result) *result = now;
  return now;
}
