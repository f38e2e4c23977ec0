// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Pods that are alike to a network policy: those of one Deployment, one StatefulSet and so on, or a
 * single one.
 *
 * @param namespace where they run
 * @param name of the workload
 * @param labels of its pods
 * @param ports the container ports that have a name; for {@code hostNetwork} none matters
 * @param usesHostNetwork whether its pods are the node's to the network
 */
record Workload(
    String namespace,
    String name,
    Map<String, String> labels,
    List<NamedPort> ports,
    boolean usesHostNetwork) {

  /** A container port; its name may be empty. */
  record NamedPort(String name, Protocol protocol, int port) {}

  Workload {
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(name, "name");
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
  }

  /** What a port's name means here: nothing if no container has such a port. */
  PortSet named(Protocol protocol, String portName) {
    return ports.stream()
        .filter(port -> port.name().equals(portName) && port.protocol() == protocol)
        .map(port -> PortSet.range(protocol, port.port(), port.port()))
        .reduce(PortSet.NONE, PortSet::or);
  }

  /** How the table calls it. */
  String id() {
    return namespace + "/" + name;
  }
}
