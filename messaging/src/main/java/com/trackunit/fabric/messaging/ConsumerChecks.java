// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the options of a consumer fit together, and fit its queue as far as that is known. */
final class ConsumerChecks {
  private static final Logger log = LoggerFactory.getLogger(ConsumerChecks.class);

  private ConsumerChecks() {}

  static void check(Consumer.Builder options) {
    String about = "consumer of '" + options.queue() + "': ";
    if (options.concurrency() > options.prefetch()) {
      throw new IllegalArgumentException(
          about
              + "concurrency is "
              + options.concurrency()
              + ", expected at most prefetch "
              + options.prefetch());
    }
    if (options.order() != Incoming.Order.NONE) {
      checkOrdered(about, options);
    }
    if (!options.isStream() && options.policy().ends() && options.deadLetters() == null) {
      log.warn(
          "{}no dead-letter target is known; after its last attempt the broker drops a message"
              + " unless the queue has one",
          about);
    }
  }

  private static void checkOrdered(String about, Consumer.Builder options) {
    if (options.policy().place() != RetryPolicy.Place.CONSUMER) {
      throw new IllegalArgumentException(
          about
              + "it is ordered, and "
              + options.policy()
              + " takes a message out of its place; use exponential(...) or forever(...)");
    }
    Topology.Queue known = options.messaging().known(options.queue());
    if (options.isStream()) {
      return;
    }
    if (known == null) {
      log.warn(
          "{}it is ordered, and this messaging does not know whether its queue has a single active"
              + " consumer; without, a second consumer breaks the order",
          about);
    } else if (!Boolean.TRUE.equals(known.arguments().get("x-single-active-consumer"))) {
      throw new IllegalArgumentException(
          about
              + "it is ordered, and a second consumer of "
              + known
              + " would break the order; declare it with singleActiveConsumer()");
    }
  }
}
