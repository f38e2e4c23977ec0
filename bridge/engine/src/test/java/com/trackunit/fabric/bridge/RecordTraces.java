// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;

/**
 * Records the traces of the real brokers anew, under the inputs that the files have. From the
 * project's root, after {@code mvn process-test-classes -pl bridge/engine -am}:
 *
 * <pre>
 * java -cp "bridge/engine/target/test-classes:bridge/engine/target/classes:$(cat
 *   bridge/engine/target/test-classpath.txt)" com.trackunit.fabric.bridge.RecordTraces
 *   bridge/engine/src/test/resources/traces
 * </pre>
 */
final class RecordTraces {
  private static final Duration QUIET = Duration.ofSeconds(1);

  private RecordTraces() {}

  /**
   * Starts both brokers and writes.
   *
   * @param arguments the folder of the traces: {@code bridge/engine/src/test/resources/traces}
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    try (Brokers brokers = new Brokers()) {
      RealBrokers real = new RealBrokers(brokers, QUIET);
      Iterator<BrokerTrace> traces = BrokerTrace.all().iterator();
      while (traces.hasNext()) {
        BrokerTrace trace = traces.next();
        Files.write(
            folder.resolve(trace.name() + ".trace"),
            trace.inputs().replayed(() -> real.of(trace.name())));
      }
    }
  }
}
