// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.io.IOException;

/**
 * One way to publish: mandatory, persistent, each message with an id and a timestamp of its own, at
 * most {@link #WINDOW} without an outcome, an outcome for each.
 */
interface PublishArm extends AutoCloseable {
  /** How many messages may be without an outcome. */
  int WINDOW = 1000;

  String name();

  /** Sends all of it, in its turn, and tells it each outcome; may return before the last ones. */
  void publish(Load load) throws Exception;

  @Override
  void close() throws IOException;
}
