// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** The options of one forward, and the check that each setter makes of its own. */
record ForwardSettings(
    ServiceAddress service,
    ClusterAccess access,
    int localPort,
    int maxConnections,
    ProtocolProbe probe,
    Timeouts timeouts,
    MeterRegistry meters) {

  /**
   * How long things may take.
   *
   * @param open the first attempts together
   * @param connect one request, one dial, one probe; and how long a local connection waits for a
   *     pod
   * @param probeInterval between two probes of a pod that is in use
   * @param pingInterval between two signs of life of a link
   * @param halfCloseLinger how long a pod may be silent after the local client has ended its side
   * @param backoffLimit the longest wait between two attempts
   */
  record Timeouts(
      Duration open,
      Duration connect,
      Duration probeInterval,
      Duration pingInterval,
      Duration halfCloseLinger,
      Duration backoffLimit) {}

  static int bounded(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "port-forward: " + option + " is " + value + ", expected " + least + " to " + most);
    }
    return value;
  }

  static Duration bounded(String option, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "port-forward: " + option + " is " + value + ", expected more than 0, at most 1 h");
    }
    return value;
  }
}
