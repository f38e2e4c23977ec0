// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.trackunit.fabric.samples.deploy.reach.Policy.BlockPeer;
import com.trackunit.fabric.samples.deploy.reach.Policy.Peer;
import com.trackunit.fabric.samples.deploy.reach.Policy.PodPeer;
import com.trackunit.fabric.samples.deploy.reach.Policy.PortName;
import com.trackunit.fabric.samples.deploy.reach.Policy.PortRange;
import com.trackunit.fabric.samples.deploy.reach.Policy.Ports;
import com.trackunit.fabric.samples.deploy.reach.Policy.Rule;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides which ports one end may reach at another. A connection needs both: the source's policies
 * must let it out and the destination's must let it in. Answers to it pass.
 *
 * <p>Policies add up, each direction for itself: no policy for a direction lets everything pass,
 * one or more let pass only what one of their rules matches. Immutable.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/">
 *     NetworkPolicy v1</a>
 */
final class Evaluator {
  private final World world;
  private final AddressSet podAddresses;

  /** One end of a connection. */
  sealed interface End {}

  /** A pod of that workload, another one if both ends are of the same workload. */
  record PodEnd(Workload workload) implements End {}

  /** Something that is no pod, at any of these addresses; no policy may tell them apart. */
  record AddressEnd(AddressSet.Range addresses) implements End {}

  /**
   * @param podAddresses what addresses pods may have, where an ipBlock is to match pods; empty
   *     where it is not
   */
  Evaluator(World world, AddressSet podAddresses) {
    this.world = world;
    this.podAddresses = podAddresses;
  }

  PortSet reach(End from, End to) {
    return egress(from, to).and(ingress(from, to));
  }

  /** Whether any policy speaks about that direction of a pod. */
  boolean isIsolated(PodEnd end, Function<Policy, Optional<List<Rule>>> direction) {
    return world.policies().stream()
        .anyMatch(policy -> direction.apply(policy).isPresent() && policy.selects(end.workload()));
  }

  /** What the source's own policies let out. */
  PortSet egress(End from, End to) {
    return from instanceof PodEnd pod ? passing(pod, to, Policy::egress, to) : PortSet.ALL;
  }

  /** What the destination's own policies let in. */
  PortSet ingress(End from, End to) {
    return to instanceof PodEnd pod ? passing(pod, from, Policy::ingress, to) : PortSet.ALL;
  }

  /** What the policies of one end let pass, where the other end is the peer. */
  private PortSet passing(
      PodEnd self, End peer, Function<Policy, Optional<List<Rule>>> direction, End destination) {
    boolean isolated = false;
    PortSet passing = PortSet.NONE;
    for (Policy policy : world.policies()) {
      Optional<List<Rule>> rules = direction.apply(policy);
      if (rules.isEmpty() || !policy.selects(self.workload())) {
        continue;
      }
      isolated = true;
      for (Rule rule : rules.get()) {
        if (rule.peers().isEmpty()
            || rule.peers().stream().anyMatch(one -> matches(policy, one, peer))) {
          passing = passing.or(ports(rule, destination));
        }
      }
    }
    return isolated ? passing : PortSet.ALL;
  }

  private boolean matches(Policy policy, Peer peer, End end) {
    if (peer instanceof BlockPeer block) {
      return end instanceof AddressEnd address
          ? block.addresses().overlaps(AddressSet.of(List.of(address.addresses())))
          : block.addresses().overlaps(podAddresses);
    }
    return end instanceof PodEnd pod && matches(policy, (PodPeer) peer, pod.workload());
  }

  /** Whether a policy's peer is, among others, a pod of that workload. */
  boolean matches(Policy policy, PodPeer peer, Workload workload) {
    boolean rightNamespace =
        peer.namespaces() == null
            ? workload.namespace().equals(policy.namespace())
            : peer.namespaces().test(world.labelsOfNamespace(workload.namespace()));
    return rightNamespace && holds(peer.pods(), workload);
  }

  private static boolean holds(@Nullable Selector pods, Workload workload) {
    return pods == null || pods.test(workload.labels());
  }

  private static PortSet ports(Rule rule, End destination) {
    return rule.ports().isEmpty()
        ? PortSet.ALL
        : rule.ports().stream()
            .map(ports -> numbers(ports, destination))
            .reduce(PortSet.NONE, PortSet::or);
  }

  /** A name has a meaning only on a pod. */
  private static PortSet numbers(Ports ports, End destination) {
    if (ports instanceof PortRange range) {
      return range.ports();
    }
    PortName name = (PortName) ports;
    return destination instanceof PodEnd pod
        ? pod.workload().named(name.protocol(), name.name())
        : PortSet.NONE;
  }
}
