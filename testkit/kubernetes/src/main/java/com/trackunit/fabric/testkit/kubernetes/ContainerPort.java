// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * One port of a pod, and who listens there.
 *
 * @param name its name; empty for none
 * @param port the number inside the pod, 1 to 65535
 * @param backend where a connection to it really goes, such as a broker on loopback; if nobody
 *     listens there, the pod refuses
 */
public record ContainerPort(String name, int port, InetSocketAddress backend) {
  /** Checks that every part is there. */
  public ContainerPort {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(backend, "backend");
    Ports.check("container port", port);
  }
}
