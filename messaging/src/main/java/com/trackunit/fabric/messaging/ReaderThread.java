// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs amqp-client's consumer callbacks where they arise, on the connection's reader thread: ours
 * only hand over, so a second thread between would cost a hop and win nothing, and all events of a
 * channel keep their wire order.
 */
final class ReaderThread extends AbstractExecutorService {
  @Override
  public void execute(Runnable command) {
    command.run();
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
