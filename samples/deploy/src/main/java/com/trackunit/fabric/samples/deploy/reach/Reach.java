// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.util.List;

/**
 * A row of the table. Ends are workloads as {@code namespace/name}, or {@code outside} and
 * addresses; ports are those of the pod, as {@code TCP 80, 8000-8010; UDP 53}.
 *
 * @param from who connects
 * @param to to whom
 * @param ports where an ipBlock does not match pods
 * @param portsIfBlocksMatchPods where it does
 * @param services by which services that may be done, as {@code name:port}
 */
public record Reach(
    String from, String to, String ports, String portsIfBlocksMatchPods, List<String> services) {
  /**
   * The row as a sentence: who reaches whom, on which ports.
   *
   * @return without a full stop
   */
  public String sentence() {
    return from + " reaches " + to + " on " + answer();
  }

  /** The ports and by which service, for people. */
  String answer() {
    String both =
        ports.equals(portsIfBlocksMatchPods)
            ? ports
            : ports + " (where an ipBlock matches pods: " + portsIfBlocksMatchPods + ")";
    return services.isEmpty() ? both : both + ", by " + String.join(", ", services);
  }
}
