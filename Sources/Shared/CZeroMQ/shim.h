// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/eventfd.h>
#include <zmq.h>

/// Wakes zmq_poll from another thread. Here because Swift's Glibc module leaves sys/eventfd.h out.
static inline int czeromq_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
