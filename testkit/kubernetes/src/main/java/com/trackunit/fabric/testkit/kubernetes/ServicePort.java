// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.util.Objects;

/**
 * One port of a Service.
 *
 * @param name its name; empty for none
 * @param port the number on the Service's own address, 1 to 65535
 * @param targetPort the pods' port: a number, or the name of a container's port
 */
public record ServicePort(String name, int port, String targetPort) {
  /** Checks that every part is there. */
  public ServicePort {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(targetPort, "targetPort");
    Ports.check("Service port", port);
  }
}
