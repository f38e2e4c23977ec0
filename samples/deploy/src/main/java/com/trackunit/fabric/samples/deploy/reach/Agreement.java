// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.AddressEnd;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.PodEnd;
import com.trackunit.fabric.samples.deploy.reach.Policy.PodPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the reach table cannot show, because a connection needs both ends: a policy that allows more
 * than the other end does. It becomes a hole on the day that the other end changes.
 *
 * <p>Strangers are put into the world for that: a pod without labels in every namespace, and a twin
 * of each workload, with its labels, in a namespace that no policy names.
 */
public final class Agreement {
  private static final String NOWHERE = "nowhere-else";
  private static final String STRANGER = "stranger-without-labels";
  private static final AddressEnd ANYONE =
      new AddressEnd(new AddressSet.Range(4, AddressSet.ALL_4.first(), AddressSet.ALL_4.first()));

  private final Evaluator evaluator;
  private final List<String> sentences = new ArrayList<>();

  private Agreement(World world) {
    this.evaluator = new Evaluator(world, AddressSet.NONE);
  }

  /**
   * Compares what the two ends of every connection allow.
   *
   * @param manifests namespaces, workloads and policies
   * @return a sentence for each disagreement, with the workload that allows too much
   */
  public static List<String> disagreements(List<Manifest> manifests) {
    World ours = World.of(manifests);
    List<Manifest> objects = new ArrayList<>(manifests);
    for (String namespace : ours.namespaces().keySet()) {
      objects.add(pod(namespace, STRANGER, Map.of()));
    }
    objects.add(pod(NOWHERE, STRANGER, Map.of()));
    for (Workload workload : ours.workloads()) {
      objects.add(
          pod(
              NOWHERE,
              "twin-of-" + workload.namespace() + "-" + workload.name(),
              workload.labels()));
    }
    World world = World.of(objects);
    Agreement agreement = new Agreement(world);
    ours.policies().forEach(policy -> agreement.nobody(policy, ours));
    for (Workload from : world.workloads()) {
      for (Workload to : world.workloads()) {
        agreement.compare(new PodEnd(from), new PodEnd(to));
      }
    }
    return agreement.sentences.stream().sorted().toList();
  }

  private void compare(PodEnd from, PodEnd to) {
    String pair = from.workload().id() + " to " + to.workload().id();
    PortSet out = evaluator.egress(from, to);
    PortSet in = evaluator.ingress(from, to);
    boolean isOutward = evaluator.isIsolated(from, Policy::egress);
    boolean isInward = evaluator.isIsolated(to, Policy::ingress);
    PortSet door = isInward ? evaluator.ingress(ANYONE, to) : PortSet.NONE;
    if (isOutward && isInward && !out.without(in).isEmpty()) {
      tell(pair, out.without(in), "is let out and not in");
    }
    // What lets anyone in needs no leave for each.
    if (isInward && isOutward && !in.without(door).without(out).isEmpty()) {
      tell(pair, in.without(door).without(out), "is let in and not out");
    }
    boolean isBetweenUsAndNobody = (isStrange(from) && isInward) || (isStrange(to) && isOutward);
    PortSet reached = evaluator.reach(from, to).without(door);
    if (isBetweenUsAndNobody && !reached.isEmpty()) {
      tell(pair, reached, "passes, though one of the two is nobody that a policy should name");
    }
  }

  /** A rule for nobody is a door for whoever comes by that name. */
  private void nobody(Policy policy, World ours) {
    if (ours.workloads().stream().noneMatch(policy::selects)) {
      sentences.add("NetworkPolicy " + policy.id() + ": selects no pod here");
    }
    Stream.concat(
            policy.ingress().orElse(List.of()).stream(), policy.egress().orElse(List.of()).stream())
        .flatMap(rule -> rule.peers().stream())
        .filter(PodPeer.class::isInstance)
        .map(PodPeer.class::cast)
        .filter(
            peer ->
                ours.workloads().stream().noneMatch(pod -> evaluator.matches(policy, peer, pod)))
        .forEach(
            peer ->
                sentences.add(
                    "NetworkPolicy "
                        + policy.id()
                        + ": names pods that are not here: namespaces "
                        + (peer.namespaces() == null ? "its own" : peer.namespaces())
                        + ", pods "
                        + (peer.pods() == null ? "all" : peer.pods())));
  }

  private void tell(String pair, PortSet ports, String what) {
    sentences.add(pair + ": " + ports + " " + what);
  }

  private static boolean isStrange(PodEnd end) {
    return end.workload().namespace().equals(NOWHERE) || end.workload().name().equals(STRANGER);
  }

  private static Manifest pod(String namespace, String name, Map<String, String> labels) {
    ObjectNode pod = JsonNodeFactory.instance.objectNode();
    pod.put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata = pod.putObject("metadata").put("name", name).put("namespace", namespace);
    ObjectNode own = metadata.putObject("labels");
    labels.forEach(own::put);
    return new Manifest(pod, "a stranger");
  }
}
