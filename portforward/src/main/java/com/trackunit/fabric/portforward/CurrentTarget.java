// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.Deadline;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The pod that new connections go to, and what the supervisor is to look at. Connections wait here
 * for a pod; the supervisor waits here for something to do. Thread-safe.
 */
final class CurrentTarget {
  private @Nullable Target target;
  private @Nullable String suspicion;
  private boolean changed;
  private boolean closed;

  /** The pod, waiting for one; null after the deadline or the end. */
  synchronized @Nullable Target await(Deadline deadline) throws InterruptedException {
    while (target == null && !closed && !deadline.hasPassed()) {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline.remaining().toNanos()));
    }
    return closed ? null : target;
  }

  synchronized @Nullable Target now() {
    return target;
  }

  /** Takes a pod, unless a suspicion came that nobody has looked at: it may be about this one. */
  synchronized boolean use(Target next) {
    if (suspicion != null) {
      return false;
    }
    target = next;
    notifyAll();
    return true;
  }

  /** There is no pod, and whatever comes next is probed: suspicions are of no use any more. */
  synchronized void drop() {
    target = null;
    suspicion = null;
    notifyAll();
  }

  /** Says that a pod did not answer: it is used again only after a probe. */
  synchronized void suspect(Target doubtful, @Nullable String why) {
    if (doubtful.equals(target)) {
      target = null;
      suspicion = why == null ? "the link broke" : why;
      notifyAll();
    }
  }

  /** Says that the EndpointSlices changed, or the watch of them ended. */
  synchronized void changed() {
    changed = true;
    notifyAll();
  }

  /**
   * The supervisor's wait.
   *
   * @param forSuspicions whether these wake it too
   * @return why it was woken by a suspicion; null otherwise
   */
  synchronized @Nullable String awaitWork(Deadline deadline, boolean forSuspicions)
      throws InterruptedException {
    while (!changed && !closed && !(forSuspicions && suspicion != null) && !deadline.hasPassed()) {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline.remaining().toNanos()));
    }
    changed = false;
    if (!forSuspicions) {
      return null;
    }
    String why = suspicion;
    suspicion = null;
    return why;
  }

  synchronized void close() {
    closed = true;
    target = null;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }
}
