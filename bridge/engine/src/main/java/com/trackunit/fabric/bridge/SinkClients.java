// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.time.Duration;
import java.util.Map;

/**
 * How a route from a queue makes its clients of Kafka.
 *
 * @param producerConfig of each of its producers
 * @param ledgerConfig of what reads the ledger
 * @param ledger where effectively once is decided
 */
record SinkClients(
    Map<String, Object> producerConfig, Map<String, Object> ledgerConfig, LedgerTopic ledger) {
  /** More than a killed broker has been seen to bring back. */
  static final long LEDGER_CAPACITY = 131_072;

  private static final Duration READ_BUDGET = Duration.ofSeconds(60);

  static SinkClients of(String bridge, Route route, KafkaSettings kafka) {
    String name = bridge + "." + route.name();
    return new SinkClients(
        kafka.producerConfig(route, route.isEffectivelyOnce() ? name : null),
        kafka.readerConfig(route.name()),
        new LedgerTopic(
            name + ".ledger",
            Math.max(LEDGER_CAPACITY, 4L * route.inFlightCount()),
            kafka.clientConfig(route.name() + "-admin")));
  }

  LedgerSnapshot readLedger() throws InterruptedException {
    return ledger.read(ledgerConfig, Deadline.after(READ_BUDGET, Ticker.system()));
  }
}
