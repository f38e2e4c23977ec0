// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network policy with the API's defaults filled in.
 *
 * @param namespace whose pods it may select
 * @param name of the policy
 * @param pods which pods of that namespace
 * @param ingress empty if it says nothing about that direction, else what is let in
 * @param egress empty if it says nothing about that direction, else what is let out
 */
record Policy(
    String namespace,
    String name,
    Selector pods,
    Optional<List<Rule>> ingress,
    Optional<List<Rule>> egress) {

  /**
   * One rule: any of the peers, on any of the ports.
   *
   * @param peers empty for everyone
   * @param ports empty for all
   */
  record Rule(List<Peer> peers, List<Ports> ports) {}

  /** Who is at the other end. */
  sealed interface Peer {}

  /**
   * Pods by label.
   *
   * @param namespaces which namespaces; null means the policy's own
   * @param pods which of their pods; null means all
   */
  record PodPeer(@Nullable Selector namespaces, @Nullable Selector pods) implements Peer {}

  /**
   * Addresses.
   *
   * @param addresses the block without its exceptions
   */
  record BlockPeer(AddressSet addresses) implements Peer {}

  /** Ports on the pod that is connected to. */
  sealed interface Ports {}

  /** Ports by number. */
  record PortRange(PortSet ports) implements Ports {}

  /** A port by the name that the pod itself gives it. */
  record PortName(Protocol protocol, String name) implements Ports {}

  boolean selects(Workload workload) {
    return !workload.usesHostNetwork()
        && workload.namespace().equals(namespace)
        && pods.test(workload.labels());
  }

  String id() {
    return namespace + "/" + name;
  }
}
