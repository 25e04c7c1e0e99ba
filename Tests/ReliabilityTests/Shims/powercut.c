// SPDX-License-Identifier: Apache-2.0
// Takes the power from a mounted ext4 file system: what is not on its device by now never will be.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

// linux/fs/ext4/ext4.h: EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH.
#define SHUTDOWN _IOR('X', 125, uint32_t)

int main(int count, char **words) {
  uint32_t flags = 2;
  int folder = count == 2 ? open(words[1], O_RDONLY | O_DIRECTORY) : -1;
  if (folder >= 0 && ioctl(folder, SHUTDOWN, &flags) == 0) return 0;
  perror("powercut");
  return 1;
}
