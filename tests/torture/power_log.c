/* Preloaded into a process, writes down every change to the files under POWER_DIR and every fsync, in order.
   One record: operation, length of the path, offset, length of the data; then the path and the data. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC = 3, UNLINK = 4 };

struct record {
  uint32_t operation, path_length;
  int64_t offset, length;
};

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;

static void put(const void *data, size_t length) {
  while (length > 0) {
    long written = syscall(SYS_write, log_file, data, length);
    if (written <= 0) abort();
    data = (const char *) data + written;
    length -= (size_t) written;
  }
}

static void note_path(int operation, const char *path, int64_t offset, const void *data, int64_t length) {
  const char *folder = getenv("POWER_DIR"), *log_path = getenv("POWER_LOG");
  if (!folder || !log_path || strncmp(path, folder, strlen(folder)) != 0) return;
  pthread_mutex_lock(&order);
  if (log_file < 0) log_file = (int) syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  struct record record = {(uint32_t) operation, (uint32_t) strlen(path), offset, length};
  put(&record, sizeof record);
  put(path, strlen(path));
  if (operation == WRITE) put(data, (size_t) length);
  pthread_mutex_unlock(&order);
}

static void note(int operation, int file, int64_t offset, const void *data, int64_t length) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return;
  path[size] = 0;
  note_path(operation, path, offset, data, length);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
  ssize_t written = syscall(SYS_pwrite64, file, data, length, offset);
  if (written > 0) note(WRITE, file, offset, data, written);
  return written;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
  return pwrite64(file, data, length, offset);
}

ssize_t write(int file, const void *data, size_t length) {
  ssize_t written = syscall(SYS_write, file, data, length);
  if (written > 0) {
    off_t end = lseek(file, 0, SEEK_CUR);
    if (end >= written) note(WRITE, file, end - written, data, written);
  }
  return written;
}

int ftruncate64(int file, off64_t length) {
  int result = (int) syscall(SYS_ftruncate, file, length);
  if (result == 0) note(TRUNCATE, file, length, NULL, 0);
  return result;
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int fsync(int file) {
  int result = (int) syscall(SYS_fsync, file);
  if (result == 0) note(SYNC, file, 0, NULL, 0);
  return result;
}

int fdatasync(int file) {
  int result = (int) syscall(SYS_fdatasync, file);
  if (result == 0) note(SYNC, file, 0, NULL, 0);
  return result;
}

int unlink(const char *path) {
  int result = (int) syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0) note_path(UNLINK, path, 0, NULL, 0);
  return result;
}
