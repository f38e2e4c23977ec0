// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.time.Duration;

/** A real RabbitMQ and a real Kafka, doing what a trace's lines say. */
final class RealBrokers {
  private final Brokers brokers;
  private final Duration quiet;

  /**
   * Over brokers that somebody else closes.
   *
   * @param quiet for how long nothing more must come before a line is taken to be done
   */
  RealBrokers(Brokers brokers, Duration quiet) {
    this.brokers = brokers;
    this.quiet = quiet;
  }

  TracedBroker of(String trace) throws Exception {
    return switch (trace) {
      case "queue" -> new RealQueue(brokers, quiet);
      case "publish" -> new RealPublishing(brokers, quiet);
      case "transactions" -> new RealTransactions(brokers);
      case "group" -> new RealGroup(brokers);
      default -> throw new IllegalArgumentException(trace);
    };
  }
}
